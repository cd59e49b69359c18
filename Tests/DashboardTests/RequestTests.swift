import Testing

@testable import Dashboard

@Suite struct RequestTests {
  static let targets: [(String, [String], [String])] = [
    ("/", [], []), ("", [], []), ("/services/a%2Fb/count", ["services", "a/b", "count"], []),
    ("//services//x/", ["services", "x"], []), ("/a?b=1&b=2&c", ["a"], ["b=1", "b=2", "c="]), ("/?a=%zz%4", [], ["a=%zz%4"]),
    ("/?a+b=c+d%2B", [], ["a b=c d+"]), ("/%ff?x=%ff", ["\u{FFFD}"], ["x=\u{FFFD}"]), ("/?&&=&a=b=c", [], ["=", "a=b=c"]),
    ("http://h:1/x?y=1", ["x"], ["y=1"]), ("http://h?y=1", [], ["y=1"]), ("*", ["*"], []), ("/a%00b", ["a\u{0}b"], []),
  ]
  @Test(arguments: targets) func `targets fall into segments and pairs`(target: String, path: [String], pairs: [String]) {
    let request = Request(.get, target)
    #expect(request.path == path)
    #expect(request.query.pairs.map { "\($0.name)=\($0.value)" } == pairs)
  }

  @Test func `a header given several times is one list`() {
    let request = Request(.get, "/", headers: [(.accept, "a"), (.host, "h"), (.accept, "b")])
    #expect(request[.accept] == "a, b")
    #expect(request.count(of: .accept) == 2)
    #expect(request[.origin] == nil)
  }

  @Test(arguments: ["a/b c", "é", "~.-_", "%"]) func `percent coding goes both ways`(text: String) {
    #expect(PercentCoding.decode(PercentCoding.encode(text)[...].utf8, plusIsSpace: false) == text)
  }
}

@Suite struct NegotiationTests {
  static let gzip: [(String?, Bool)] = [
    (nil, false), ("", false), ("gzip", true), ("GZIP;q=0", false), ("deflate, gzip;q=0.5", true), ("*", true),
    ("*;q=0", false),
    ("br", false), ("identity", false), ("gzip;q=x", false),
  ]
  @Test(arguments: gzip) func `gzip only where it is wanted`(header: String?, allowed: Bool) {
    #expect(Negotiation.allowsGzip(header) == allowed)
  }

  static let types: [(String?, Double)] = [
    (nil, 1), ("text/html", 1), ("text/*;q=0.3", 0.3), ("*/*;q=0.1", 0.1), ("text/html;q=0.2, */*", 0.2),
    ("application/json", 0),
    ("TEXT/HTML ; Q=0.7", 0.7), ("text/html;q=7", 1),
  ]
  @Test(arguments: types) func `the most specific range decides`(header: String?, quality: Double) {
    #expect(Negotiation.quality(of: "text/html", in: header) == quality)
  }
}

@Suite struct GzipTests {
  @Test func `what is packed unpacks to the same`() throws {
    let text = Array(String(repeating: "{\"path\":\"/a\",\"requests\":12},", count: 500).utf8)
    for level in [1, 9] {
      let made = Gzip.compress(text.span, level: level)
      let packed = try #require(made)
      #expect(packed.count < text.count / 10)
      #expect(packed.prefix(2) == [0x1F, 0x8B])
      #expect(try unpacked(packed) == text)
    }
  }
  @Test func `what does not shrink stays as it is`() {
    var dice = Dice(state: 1)
    let noise = (0..<4_000).map { _ in UInt8.random(in: 0...255, using: &dice) }
    for bytes in [noise, []] {
      let packed = Gzip.compress(bytes.span)
      #expect(packed == nil)
    }
  }
}
