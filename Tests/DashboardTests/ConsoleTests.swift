import Testing

@testable import Dashboard

@Suite struct ConsoleTests {
  private let router = Router.fake()
  private func post(_ sql: String, _ more: String = "", accept: String? = nil) -> Response {
    router.post("/sql", "sql=\(PercentCoding.encode(sql))\(more)", accept.map { [(.accept, $0)] } ?? [])
  }

  @Test func `the form shows tables and examples, and runs nothing`() {
    let page = router.get("/sql?sql=SELECT+%3Cb%3E").text
    #expect(
      page.contains("SELECT &lt;b&gt;</textarea>") && page.contains("<code>requests</code>") && page.contains("data-sql="))
    #expect(page.contains("method=\"post\" action=\"/sql\"") && !page.contains("<tbody><tr><td>"))
  }

  @Test func `what comes from a log is text on the page`() {
    let page = post("SELECT path, '<img src=x onerror=1>' AS \"<i>\" FROM requests WHERE is_bot", accept: "text/html").text
    #expect(page.contains("<td>/&lt;b&gt;&amp;&quot;&#39;</td><td>&lt;img src=x onerror=1&gt;</td>"))
    #expect(page.contains("&lt;i&gt;</th>") && !page.contains("<img"))
  }

  @Test func `the form of the answer is chosen by format or Accept`() {
    let sql = "SELECT path, bytes, duration, status, campaign FROM requests WHERE is_bot OR duration IS NULL ORDER BY bytes"
    let json =
      #"{"columns":["path","bytes","duration","status","campaign"],"rows":[["/<b>&\"'",7,1.5,503,""],["/a",100,null,200,""]],"cut":false}"#
    #expect(post(sql, "&format=json").text == json)
    #expect(post(sql, accept: "application/json").text == json)
    #expect(
      post(sql, accept: "text/csv").text
        == "path,bytes,duration,status,campaign\r\n\"/<b>&\"\"'\",7,1.5,503,\r\n/a,100,,200,\r\n")
    #expect(post(sql, "&format=csv", accept: "application/json")["Content-Type"] == "text/csv; charset=utf-8")
    #expect(post(sql, accept: "text/html,application/xhtml+xml,*/*;q=0.8")["Content-Type"] == "text/html; charset=utf-8")
    #expect(post(sql, accept: nil)["Content-Type"] == "text/html; charset=utf-8")
    #expect(post(sql, accept: "image/png")["Content-Type"] == "text/html; charset=utf-8")
  }

  @Test func `a spreadsheet is given no formula`() {
    #expect(
      post("SELECT '=1+1', '+a', '-b', '@c', -5, 'a,b'", "&format=csv").text.hasSuffix("\r\n'=1+1,'+a,'-b,'@c,-5,\"a,b\"\r\n"))
  }

  @Test func `errors are shown in the form asked for`() {
    let page = post("SELECT * FROM users", accept: "text/html")
    #expect(
      page.status == 400 && page.text.contains("cannot run the statement: no such table: users")
        && page.text.contains("SELECT * FROM users</textarea>"))
    let json = post("DROP TABLE requests", accept: "application/json")
    #expect(json.status == 400 && json.text.hasPrefix(#"{"error":{"code":"sql","message":"cannot "#))
    #expect(router.post("/sql", "").status == 400)
    #expect(router.post("/sql", "q=1").status == 400)
  }
}
