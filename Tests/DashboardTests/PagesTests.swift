import TSEngine
import Testing

@testable import Dashboard

@Suite struct PagesTests {
  @Test func `a page hands its facts to the modules as attributes`() {
    var options = fakeOptions()
    (options.syslogAddress, options.days) = ("192.0.2.1:5514", 14)
    let page = Router.fake(options: options).get("/services/blog").text
    #expect(
      page.contains(
        #"<html lang="en" data-base="" data-version="1.2.3" data-address="192.0.2.1:5514" data-days="14" data-service="blog">"#)
    )
    for id in ["bar", "main", "pills", "tiles", "board", "chart", "numbers", "summary", "panels", "foot"] {
      #expect(page.contains("id=\"\(id)\""), "\(id)")
    }
    #expect(page.contains("class=\"skip\" href=\"#main\""))
  }

  @Test func `readers without scripts get the week and the paths`() {
    let page = Router.fake().get("/services/blog").text
    #expect(page.contains("<noscript>"))
    #expect(page.contains(#"<tr><th scope="row">2026-10-02</th><td>2</td><td>2</td></tr>"#))
    #expect(page.contains(#"<tr><th scope="row">/a</th><td>2</td><td>3</td></tr>"#))
  }

  @Test func `nothing from outside becomes markup`() {
    var event = fakeEvents()[0]
    event.service = "x"
    event.record.path = "</table><script>alert(1)</script>\"'&"
    let router = Router.fake([event])
    #expect(router.get("/services/x").text.contains("&lt;/table&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"))
    for target in [
      "/services/%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "/nginx?service=%22%3E%3Cscript%3E",
      "/nginx?address=%22%3E%3Cscript%3E",
      "/sql?sql=%3C/textarea%3E%3Cscript%3E", "/%3Cscript%3E",
    ] {
      let page = router.get(target).text
      #expect(!page.contains("<script>") && !page.contains("\"><script") && !page.contains("</textarea><script"), "\(target)")
    }
  }

  @Test func `without a service the overview leads to the set-up lines`() {
    let page = Router.fake([]).get("/").text
    #expect(page.contains("overview.js") && page.contains("id=\"cards\"") && page.contains("href=\"/nginx\""))
  }

  @Test func `the lines stand in the page itself`() throws {
    let page = Router.fake().get("/nginx?service=Blog&ip=::1").text
    let start = try #require(page.firstRange(of: "<pre id=\"lines\" tabindex=\"0\">")),
      end = try #require(page.firstRange(of: "</pre>"))
    let text = String(page[start.upperBound..<end.lowerBound]).replacing("&quot;", with: "\"").replacing("&#39;", with: "'")
      .replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    #expect(text == (try NginxConfiguration(service: "blog", address: "::1").text))
    #expect(text.contains("server=[::1]:65140,") && text.contains(#""s":"blog""#))
    #expect(Router.fake().get("/nginx").text.contains("$server_name"))
  }
}
