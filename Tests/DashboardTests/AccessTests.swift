import Testing

@testable import Dashboard

@Suite struct AccessTests {
  private let access = Access(publicHosts: ["Stats.Example.org:443"], password: nil)

  @Test(arguments: [
    "localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:80", "192.168.1.9:8080", "[::1]", "[::1]:8080", "[fe80::1]:1",
    "stats.example.org",
    "STATS.example.org:8080", "stats.example.org.",
  ]) func `addresses, localhost and public names are answered`(host: String) {
    #expect(access.allows(host: host))
  }

  @Test(arguments: [
    "", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil.localhost", "1.2.3", "1.2.3.256", "1.2.3.4.5",
    "0x7f.1.1.1",
    "[::1", "[evil.example]", "[]", "xstats.example.org", "example.org", "2130706433", "127.0.0.1evil",
  ]) func `any other name is refused with 421`(host: String) {
    #expect(access.refusal(of: Request(.get, "/", headers: [(.host, host)]), open: true)?.status == 421)
  }

  static let foreign: [[(name: HeaderName, value: String)]] = [
    [(.origin, "http://evil.example")], [(.origin, "null")], [(.origin, "http://localhost:8081")], [(.origin, "")],
    [(.secFetchSite, "cross-site")], [(.secFetchSite, "same-site")],
    [(.origin, "http://localhost:8080"), (.secFetchSite, "cross-site")],
    [(.origin, "localhost:8080")],
  ]
  @Test(arguments: foreign.indices) func `a POST from another site is refused with 403`(index: Int) {
    let request = Request(.post, "/sql", headers: [(.host, "localhost:8080")] + Self.foreign[index])
    #expect(access.refusal(of: request, open: false)?.status == 403)
  }

  static let own: [[(name: HeaderName, value: String)]] = [
    [], [(.origin, "http://localhost:8080")], [(.origin, "https://localhost:8080"), (.secFetchSite, "same-origin")],
    [(.secFetchSite, "none")],
  ]
  @Test(arguments: own.indices) func `our own forms and programs may post`(index: Int) {
    let request = Request(.post, "/sql", headers: [(.host, "localhost:8080")] + Self.own[index])
    #expect(access.refusal(of: request, open: false) == nil)
  }

  @Test func `a proxy that ends TLS may leave the port out`() {
    let request = Request(.post, "/sql", headers: [(.host, "stats.example.org"), (.origin, "https://stats.example.org:443")])
    #expect(access.refusal(of: request, open: false) == nil)
  }

  static let framing: [[(name: HeaderName, value: String)]] = [
    [(.host, "localhost"), (.host, "localhost")], [(.contentLength, "1"), (.contentLength, "1")],
    [(.contentLength, "1"), (.transferEncoding, "chunked")], [(.transferEncoding, "gzip, chunked")],
    [(.transferEncoding, "identity")],
  ]
  @Test(arguments: framing.indices) func `doubtful framing is a 400`(index: Int) {
    #expect(access.refusal(of: Request(.post, "/sql", headers: Self.framing[index]), open: false)?.status == 400)
  }

  @Test func `a password is asked for, but not by health checks`() throws {
    let file = try #require(PasswordFile(contents: "# who\n\nada:love:lace\n  bob:x  \n"))
    let guarded = Access(publicHosts: [], password: file)
    func status(_ authorization: String?, open: Bool = false) -> Int? {
      guarded.refusal(of: Request(.get, "/", headers: authorization.map { [(.authorization, $0)] } ?? []), open: open)?.status
    }
    #expect(status(nil) == 401)
    #expect(status(nil, open: true) == nil)
    #expect(status("Basic YWRhOmxvdmU6bGFjZQ==") == nil)  // ada:love:lace
    #expect(status("basic  Ym9iOng=") == nil)  // bob:x
    for wrong in [
      "Basic YWRhOmxvdmU=", "Basic", "Bearer YWRhOmxvdmU6bGFjZQ==", "Basic !!!!", "Basic IyB3aG8=", "Basic ",
      "YWRhOmxvdmU6bGFjZQ==",
    ] {
      #expect(status(wrong) == 401, "\(wrong)")
    }
    #expect(PasswordFile(contents: "# nothing\nno colon\n") == nil)
  }

  @Test func `passwords cannot be guessed quickly`() {
    let guarded = Access(publicHosts: [], password: PasswordFile(contents: "bob:x"))
    func ask(_ text: String) -> Int? {
      guarded.refusal(of: Request(.get, "/", headers: [(.authorization, text)]), open: false)?.status
    }
    let statuses = (0..<100).map { _ in ask("Basic YTpi") }  // may fall into two seconds
    #expect(statuses.count { $0 == 401 } <= 2 * GuessLimit.perSecond && statuses.contains(429))
    let end = seconds() + 3
    while ask("Basic Ym9iOng=") != nil, seconds() < end {}
    #expect(seconds() < end)
  }

  @Test(arguments: [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar"), ("Zg", "f")])
  func `base 64 is decoded`(text: String, bytes: String) {
    #expect(Base64.decode(text[...]) == Array(bytes.utf8))
  }
  @Test(arguments: ["Z", "Zm9v=Zm9v", "Z===", "Zm 9v", "Zm9é"]) func `what is not base 64 is nothing`(text: String) {
    #expect(Base64.decode(text[...]) == nil)
  }
}
