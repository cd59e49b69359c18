import TSEngine
import Testing

@testable import Syslog

@Suite struct RequestTests {
  @Test(
    arguments: [
      ("GET / HTTP/1.1", .get, "/", .http11), ("GET /a b c HTTP/1.0", .get, "/a b c", .http10), ("GET /x", .get, "/x", .http09),
      ("POST /p?x=1 HTTP/2.0", .post, "/p?x=1", .http2), ("HEAD / HTTP/2", .head, "/", .http2),
      ("PUT / HTTP/3.0", .put, "/", .http3),
      ("DELETE / HTTP/3", .delete, "/", .http3), ("CONNECT a:443 HTTP/1.1", .connect, "a:443", .http11),
      ("OPTIONS * HTTP/1.1", .options, "*", .http11), ("TRACE / HTTP/1.1", .trace, "/", .http11),
      ("PATCH / HTTP/1.1", .patch, "/", .http11), ("PROPFIND /dav HTTP/1.1", .other, "/dav", .http11),
      ("get /m HTTP/1.1", .other, "/m", .http11), ("GET foo HTTP/1.1", .get, "foo", .http11),
      ("GET / HTTP/9.9", .get, "/", .other),
      ("HELO \"quoted\" \\x", .other, "", .other), ("", .other, "", .other), ("GET", .other, "", .other),
      (" ", .other, "", .other),
      (" HTTP/1.1", .other, "", .other), ("GET  HTTP/1.1", .get, "", .http11),
      ("\u{16}\u{3}\u{1} TLS hello", .other, "", .other),
    ] as [(String, TSEngine.Method, String, HTTPProtocol)])
  func `a request line is taken apart`(line: String, method: TSEngine.Method, target: String, version: HTTPProtocol) {
    let bytes = utf8(line)
    let request = RequestLine(bytes.span)
    #expect(request.method == method)
    #expect(string(bytes[request.target]) == target)
    #expect(request.httpProtocol == version)
  }

  @Test(arguments: TSEngine.Method.allCases) func `a verb of the list is itself`(method: TSEngine.Method) {
    #expect(TSEngine.Method(utf8(method.name).span) == method)
    #expect(TSEngine.Method(utf8(method.name + "X").span) == .other)
  }

  private func path(_ target: [UInt8]) -> (path: String, query: String) {
    var room = [UInt8](repeating: 0, count: RequestTarget.pathLimit)
    var span = room.mutableSpan
    let found = RequestTarget.copyPath(target.span, into: &span)
    return (string(room[..<found.count]), string(target[found.query]))
  }

  @Test(arguments: [
    ("/", "/", ""), ("/a?b=c", "/a", "b=c"), ("/a?", "/a", ""), ("/a?b?c", "/a", "b?c"), ("/%D0%BF%22", "/п\"", ""),
    ("/a%3Fb?c", "/a?b", "c"), ("/a?b%20", "/a", "b%20"), ("/100%", "/100%", ""), ("/%2520", "/%20", ""),
    ("http://abs.example/abs?x=1", "/abs", "x=1"), ("https://abs.example", "/", ""), ("HTTP://a?x", "/", "x"), ("*", "*", ""),
    ("host:443", "host:443", ""), ("index.html", "index.html", ""), ("?x", "/", "x"), ("", "", ""), ("//a/b", "//a/b", ""),
    ("/http://x/y", "/http://x/y", ""), ("/aaaaaaaaaaaaaaaaa%41?%", "/aaaaaaaaaaaaaaaaaA", "%"), ("://x", "://x", ""),
  ]) func `a target becomes path and query`(target: String, expected: String, query: String) {
    #expect(path(utf8(target)) == (expected, query))
  }

  @Test func `broken bytes are repaired`() {
    #expect(path([0x2f, 0xff, 0xfe, 0xc3, 0x28]).path == "/\u{fffd}\u{fffd}\u{fffd}(")
    #expect(path(utf8("/%ff%fe%c3%28")).path == "/\u{fffd}\u{fffd}\u{fffd}(")
  }

  @Test func `a path is cut at 1,024 bytes, at a character's edge`() {
    #expect(path(utf8("/" + String(repeating: "A", count: 60_000) + "?q")).path.utf8.count == 1_024)
    #expect(path(utf8("/" + String(repeating: "A", count: 60_000) + "?q")).query == "q")
    #expect(path(utf8("/" + String(repeating: "%D0%BF", count: 600))).path.utf8.count == 1_023)
  }

  @Test func `where the question mark stands changes nothing`() {
    for length in 1..<40 {
      for special in ["", "%41", "п"] {
        let plain = "/" + String(repeating: "x", count: length)
        let expected = plain + (special == "%41" ? "A" : special)
        #expect(path(utf8(plain + special + "?%zz=я")) == (expected, "%zz=я"))
      }
    }
  }
}
