import TSEngine
import Testing

@testable import Syslog

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

private func matches(_ pattern: PathPattern, _ path: String) -> Bool {
  let path = bytes(path)
  return pattern.matches(path.span)
}
private func parsed(_ text: String) -> Address? {
  let text = bytes(text)
  return Address.parse(text.span)
}

@Suite struct PathPatternTests {
  @Test(arguments: [
    ("/health", "/health", true), ("/health", "/healthy", false), ("/health", "/healt", false), ("/health", "", false),
    ("/users/*", "/users/7", true), ("/users/*", "/users/", false), ("/users/*", "/users/7/edit", false),
    ("/users/*/edit", "/users/a-b/edit", true), ("/users/*/edit", "/users//edit", false),
    ("/*/*", "/a/b", true), ("/*/*", "/a", false), ("/img-*.png", "/img-.png", true), ("/img-*.png", "/img-a.b.png", true),
    ("/img-*.png", "/img-a/b.png", false), ("/a*b*c", "/abbbc", true), ("/a*b*c", "/abbb", false),
    ("*.php", "x.php", true), ("*.php", "/a/x.php", false), ("/admin/**", "/admin/", false), ("/admin/**", "/admin/a/b", true),
    ("/admin/**", "/admin", false), ("/*/x/**", "/q/x/y/z", true), ("/**", "/a", true), ("/é*", "/été", true),
  ]) func `a pattern matches whole paths`(pattern: String, path: String, want: Bool) throws {
    // `/admin/` itself is what `/admin/**` is for as well.
    let want = pattern == "/admin/**" && path == "/admin/" ? true : want
    let matches = matches(try #require(PathPattern(pattern)), path)
    #expect(matches == want)
  }

  @Test(arguments: ["", "health", "/a**", "/**/b", "/a/**b"]) func `what is no pattern is refused`(text: String) {
    #expect(PathPattern(text) == nil)
  }

  @Test func `hostile paths cost no more than pattern times path`() throws {
    let pattern = try #require(PathPattern("/a*a*a*a*a*a*b"))
    let path = bytes("/" + String(repeating: "a", count: 1_023))
    let start = ContinuousClock.now
    for _ in 0..<100 { #expect(!matches(pattern, String(decoding: path, as: UTF8.self))) }
    #expect(ContinuousClock.now - start < .seconds(2))
  }
}

@Suite struct IngestRulesTests {
  private func path(_ target: String, _ set: (inout IngestRules) -> Void) throws -> String {
    var rules = IngestRules()
    set(&rules)
    return try build(#"{"a":"192.0.2.1","u":"\#(target)"}"#, rules: rules).path
  }

  @Test func `the first matching rule names the page`() throws {
    let rules = ["/users/* → /users/:id", "/users/me -> /never", "/shop/** -> /shop"].map { PathRule($0)! }
    for (asked, page) in [
      ("/users/7?a=b", "/users/:id"), ("/users/me", "/users/:id"), ("/shop/a/b", "/shop"), ("/other/7", "/other/7"),
      ("/users/%37", "/users/:id"),
    ] { #expect(try path(asked) { $0.pathRules = rules } == page) }
    for wrong in ["/a", "/a → ", "/a → b", "/a → /*", " → /a", "a → /a", "/a -> /" + String(repeating: "x", count: 255)] {
      #expect(PathRule(wrong) == nil, "\(wrong)")
    }
  }

  @Test func `numbers and UUIDs fold on demand only`() throws {
    let asked = "/a/123/b/00000000-aAbB-4000-8000-123456789abc/4x/7"
    #expect(try path(asked) { _ in } == asked)
    #expect(try path(asked) { $0.foldsIdentifiers = true } == "/a/:id/b/:uuid/4x/:id")
    #expect(try path("/1/") { $0.foldsIdentifiers = true } == "/:id/")
    #expect(try path("/") { $0.foldsIdentifiers = true } == "/")
    let many = String(repeating: "/1", count: 500)  // longer when folded: cut, at a character's edge
    let folded = try path(many) { $0.foldsIdentifiers = true }
    #expect(folded.utf8.count <= 1_024 && folded.hasPrefix("/:id/:id/"))
    let cut = try path(String(repeating: "/1", count: 255) + "/ab%C3%A9%C3%A9%C3%A9") { $0.foldsIdentifiers = true }
    #expect(cut.utf8.count <= 1_024 && !cut.contains("\u{fffd}"))
  }

  @Test func `a query is dropped, kept, or kept in part`() throws {
    let asked = "/search?q=a%20b&page=2&utm_source=x"
    #expect(try path(asked) { _ in } == "/search")
    #expect(try path(asked) { $0.query = .keep } == "/search?q=a b&page=2&utm_source=x")
    #expect(try path(asked) { $0.query = QueryPolicy("page,q")! } == "/search?q=a b&page=2")
    #expect(try path(asked) { $0.query = QueryPolicy("none")! } == "/search")
    #expect(try path("/search?") { $0.query = .keep } == "/search")
    #expect(try path("/search") { $0.query = .keep } == "/search")
    #expect(try path("/s?" + String(repeating: "x", count: 3_000)) { $0.query = .keep }.utf8.count == 1_024)
    #expect(QueryPolicy("drop") == .drop && QueryPolicy("keep") == .keep && QueryPolicy(",") == nil)
    let both = try path("/users/7?page=2") { rules in
      rules.pathRules = [PathRule("/users/* → /users/:id")!]
      rules.query = QueryPolicy("page")!
    }
    #expect(both == "/users/:id?page=2")
    var keeping = IngestRules()
    keeping.query = .keep
    #expect(try build(#"{"a":"192.0.2.1","uri":"/x","args":"a=1"}"#, rules: keeping).path == "/x?a=1")
  }

  @Test(arguments: [
    ("path=/health", true), ("path=/h*", true), ("path=/x", false), ("address=192.0.2.0/24", true),
    ("address=2001:db8::/32", false), ("address=192.0.2.1", true), ("agent=uptimerobot", true), ("agent=curl", false),
    ("host=a.example", true), ("host=b.example", false),
  ]) func `what is excluded is neither counted nor refused`(text: String, isExcluded: Bool) throws {
    var rules = IngestRules()
    rules.exclusions = [try #require(Exclusion(text))]
    var builder = EventBuilder(engine: makeEngine(), countries: nil, visitorIncludesAgent: false, rules: rules)
    let message = utf8(#"{"s":"a","a":"192.0.2.1","u":"/health","h":"A.example:80","ua":"Mozilla UptimeRobot/2"}"#)
    let isCounted = try builder.add(message.span, format: .auto, service: nil, arrival: 1)
    #expect(isCounted == !isExcluded && builder.batch.count == (isExcluded ? 0 : 1))
  }

  @Test(arguments: ["", "path", "path=", "path=x", "address=x", "colour=red", "=x"])
  func `what is no exclusion is refused`(text: String) { #expect(Exclusion(text) == nil) }
}

@Suite struct ForwardedTests {
  @Test(arguments: [
    ("203.0.113.7", "127.0.0.1", "203.0.113.7"), ("203.0.113.7", "198.51.100.1", "198.51.100.1"),  // not trusted
    ("1.1.1.1, 203.0.113.7, 10.0.0.9", "127.0.0.1", "203.0.113.7"),  // the left one is the client's own invention
    ("10.0.0.1, 10.0.0.2", "10.0.0.3", "10.0.0.1"), ("nonsense, 10.0.0.2", "10.0.0.3", "10.0.0.2"),
    ("", "10.0.0.3", "10.0.0.3"),
    ("2001:db8::7, ::1", "unix:", "2001:db8::7"), ("-", "127.0.0.1", "127.0.0.1"), (",,", "127.0.0.1", "127.0.0.1"),
    ("[2001:db8::7]:443", "127.0.0.1", "2001:db8::7"), ("203.0.113.7:5", "127.0.0.1", "203.0.113.7"),
  ]) func `the last address that is no trusted proxy is the client`(list: String, from: String, want: String) throws {
    var rules = IngestRules()
    rules.trustedProxies = ["127.0.0.0/8", "10.0.0.0/8", "::1"].map { AddressRange($0)! }
    let client = try #require(parsed(want))
    var only = rules
    only.exclusions = [.address(AddressRange(want == "unix:" ? "::" : want)!)]
    var builder = EventBuilder(engine: makeEngine(), countries: nil, visitorIncludesAgent: false, rules: only)
    let json = utf8(#"{"s":"a","a":"\#(from)","u":"/","xff":"\#(list)"}"#)
    let isCounted = try builder.add(json.span, format: .auto, service: nil, arrival: 1)
    #expect(!isCounted, "\(client)")
    guard !list.isEmpty else { return }
    let line = utf8(#"\#(from) - - [24/Nov/2026:03:59:02 +0000] "GET / HTTP/1.1" 200 6 "-" "x" "\#(list)""#)
    let site = ServiceName(bytes("a").span)
    let isLineCounted = try builder.add(line.span, format: .auto, service: site, arrival: 1)
    #expect(!isLineCounted)
  }

  @Test func `Caddy's header is read, and nothing without a trusted proxy`() throws {
    let line = utf8(
      #"{"request":{"remote_ip":"127.0.0.1","host":"a","uri":"/","headers":{"X-Forwarded-For":["203.0.113.7"],"Host":["b"]}}}"#)
    var rules = IngestRules()
    rules.exclusions = [Exclusion("address=203.0.113.7")!]
    for trusted in [[], [AddressRange("127.0.0.1")!]] {
      rules.trustedProxies = trusted
      var builder = EventBuilder(engine: makeEngine(), countries: nil, visitorIncludesAgent: false, rules: rules)
      let isCounted = try builder.add(line.span, format: .auto, service: nil, arrival: 1)
      #expect(isCounted == trusted.isEmpty)
    }
  }

  @Test func `a list of thousands is not read to its end`() throws {
    let list = bytes(String(repeating: "10.0.0.1,", count: 7_000))
    let start = ContinuousClock.now
    for _ in 0..<1_000 {
      _ = Forwarded.client(in: list.span, of: Address(v4: 1), trusted: [AddressRange("10.0.0.0/8")!])
    }
    #expect(ContinuousClock.now - start < .seconds(2))
  }
}

@Suite struct AddressRangeTests {
  @Test(arguments: [
    ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3/8", "10.9.9.9", true),
    ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("192.0.2.1", "::ffff:192.0.2.1", true),
    ("2001:db8::/32", "2001:db8:1::", true), ("2001:db8::/32", "2001:db9::", false), ("::1", "::1", true),
    ("2001:db8::8/125", "2001:db8::f", true), ("2001:db8::8/125", "2001:db8::10", false),
    ("2001:db8::/64", "2001:db8::1", true),
    ("0.0.0.0/0", "255.1.1.1", true), ("0.0.0.0/0", "2001:db8::", false), ("::/0", "1.1.1.1", true),
    ("any", "2001:db8::", true),
  ]) func `a range holds what has its prefix`(range: String, address: String, want: Bool) throws {
    let holds = try #require(AddressRange(range)).contains(try #require(parsed(address)))
    #expect(holds == want)
  }
  @Test(arguments: ["", "x", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/8/8", "unix:", "10.0.0", "/8", "10.0.0.0/-1"])
  func `what is no range is refused`(text: String) { #expect(AddressRange(text) == nil) }
}
