import TSEngine
import Testing

@testable import Dashboard

@Suite struct RouterTests {
  private let router = Router.fake()

  static let answers: [(String, Int, String)] = [
    ("/", 200, "text/html"), ("/services/blog", 200, "text/html"), ("/services/BLOG/", 200, "text/html"),
    ("/services/nobody", 404, "text/html"),
    ("/services/blog%2F..", 404, "text/html"), ("/nginx", 200, "text/html"), ("/nginx?service=%3Cb%3E", 400, "text/html"),
    ("/sql", 200, "text/html"), ("/nowhere", 404, "text/html"), ("/services/blog/count", 404, "text/html"),
    ("/services/blog/sum/path", 404, "text/html"), ("/assets/nothing.js", 404, "text/html"),
    ("/assets/../../etc/passwd", 404, "text/html"),
    ("/assets/app.css", 200, "text/css"), ("/favicon.ico", 200, "image/svg+xml"),
    ("/api/v1/query?service=blog", 200, "application/json"),
    ("/api/v1/query", 400, "application/json"), ("/api/v1/query?service=nobody", 404, "application/json"),
    ("/api/v1/query?service=nobody&f=is,path,/a", 404, "application/json"),
    ("/api/v1/query?service=blog&f=is,path,/a", 200, "application/json"),
    ("/api/v1/services", 200, "application/json"), ("/api/v1/services?days=0", 400, "application/json"),
    ("/api/v1/services?days=7", 200, "application/json"), ("/api/v1/services?limit=7", 400, "application/json"),
    ("/api/v1/latency?service=blog", 200, "application/json"), ("/api/v1/latency?service=nobody", 404, "application/json"),
    ("/api/v1/latency?service=blog&f=is,path,/a", 200, "application/json"),
    ("/api/v1/latency?service=blog&f=x", 400, "application/json"),
    ("/api/v1/latency", 400, "application/json"), ("/api/v1/status", 200, "application/json"),
    ("/api/v1/live", 200, "text/event-stream"),
    ("/api/v1/live?service=nobody", 404, "application/json"), ("/api/v1/nothing", 404, "application/json"),
    ("/api", 404, "application/json"),
    ("/metrics", 200, "text/plain"), ("/-/healthy", 200, "text/plain"), ("/-/ready", 200, "text/plain"),
    ("/-/quit", 404, "text/html"),
    ("/services/blog/count/ip", 200, "application/json"), ("/services/nobody/count/ip", 404, "application/json"),
    ("/services/blog/count/nothing", 404, "application/json"), ("/services/blog/average/length", 200, "application/json"),
    ("/services/blog/average/path", 400, "application/json"), ("/services/blog/count_group/path", 200, "application/json"),
    ("/services/blog/count_group/ip", 400, "application/json"),
    ("/services/blog/count_group/path?limit=x", 400, "application/json"),
  ]
  @Test(arguments: answers) func `every route answers good and bad questions`(target: String, status: Int, type: String) {
    let response = router.get(target)
    #expect(response.status == status)
    #expect(response["Content-Type"]?.hasPrefix(type) == true)
    #expect(response["Content-Security-Policy"] != nil && response["Cache-Control"] != nil)
    if type == "application/json", status >= 400 {
      #expect(
        response.text.hasPrefix(#"{"error":{"code":""#) && response.text.contains(#""message":"cannot "#), "\(response.text)")
    }
  }

  @Test func `the list of services leads to the overview`() {
    let response = router.get("/services")
    #expect(response.status == 302 && response["Location"] == "/")
  }

  static let methods: [(Request.Verb, String, Int, String?)] = [
    (.post, "/", 405, "GET, HEAD"), (.get, "/api/v1/import", 405, "POST"), (.head, "/api/v1/import", 405, "POST"),
    (.other, "/", 405, "GET, HEAD"),
    (.other, "/nowhere", 405, "GET, HEAD"), (.post, "/nowhere", 404, nil),
    (.post, "/api/v1/query?service=blog", 405, "GET, HEAD"),
    (.other, "/sql", 405, "GET, HEAD, POST"), (.head, "/", 200, nil),
  ]
  @Test(arguments: methods) func `methods a route does not take are refused by name`(
    verb: Request.Verb, target: String, status: Int, allow: String?
  ) {
    let response = router.respond(to: Request(verb, target))
    #expect(response.status == status)
    #expect(response["Allow"] == allow)
  }

  @Test func `before the state is loaded only health is well`() {
    let starting = Router(makeContext(isReady: false))
    #expect(starting.get("/-/ready").status == 503)
    #expect(starting.get("/-/healthy").status == 200)
  }

  @Test func `below a base path links and routes agree, with and without it`() {
    var options = fakeOptions()
    options.basePath = "/stats"
    let router = Router.fake(options: options)
    for target in ["/stats/services/blog", "/services/blog"] {
      let page = router.get(target)
      #expect(page.status == 200)
      #expect(page.text.contains(#"data-base="/stats""#) && page.text.contains(#"src="/stats/assets/"#))
      #expect(!page.text.contains(#"href="/assets"#) && !page.text.contains(#"href="/sql"#))
    }
    #expect(router.get("/stats").status == 200)
    #expect(router.get("/stats/services")["Location"] == "/stats/")
    #expect(router.get("/stats/stats/services/blog").status == 404)
  }

  @Test func `a password guards everything but health`() {
    var options = fakeOptions()
    options.password = PasswordFile(contents: "bob:x")
    let router = Router.fake(options: options)
    for target in ["/", "/metrics", "/api/v1/status", "/assets/app.css", "/nowhere"] {
      #expect(router.get(target).status == 401)
      #expect(router.get(target)["WWW-Authenticate"]?.hasPrefix("Basic") == true)
      #expect(router.get(target, [(.authorization, "Basic Ym9iOng=")]).status != 401)
    }
    #expect(router.get("/-/healthy").status == 200)
    #expect(router.post("/api/v1/import", "x").status == 401)
  }

  @Test func `an upload goes to the sink, and its parameters are checked before`() {
    #expect(router.post("/api/v1/import?service=blog", "abc").text.hasPrefix(#"{"counted":3,"#))
    #expect(router.post("/api/v1/import?format=morse", "abc").text.contains("unknown_format"))
    #expect(router.post("/api/v1/import?service=a/b", "abc").text.contains("bad_service"))
    #expect(router.post("/api/v1/import?what=1", "abc").status == 400)
    #expect(router.post("/api/v1/import", "abc", [(.origin, "http://evil.example"), (.host, "localhost")]).status == 403)
  }

  @Test func `the answers of a request are counted by route and code`() throws {
    try withDashboard { dashboard in
      let wire = try Wire(dashboard.port)
      for target in ["/", "/x1", "/x2", "/services/blog", "/services/none"] { _ = wire.ask("GET \(target)") }
      let text = try #require(wire.ask("GET /metrics")).text
      #expect(text.contains("\nballconed_web_requests_total{route=\"other\",code=\"404\"} 2\n"))
      #expect(text.contains("\nballconed_web_requests_total{route=\"/services/{service}\",code=\"200\"} 1\n"))
      #expect(!text.contains("x1"))
    }
  }
}
