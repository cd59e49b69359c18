import Testing

@testable import Syslog

@Suite struct HostNameTests {
  private func host(_ text: String) -> String {
    var room = [UInt8](repeating: 0, count: HostName.limit)
    var span = room.mutableSpan
    let count = HostName.copy(utf8(text).span, into: &span)
    return string(room[..<count])
  }

  @Test(arguments: [
    ("Example.COM", "example.com"), ("example.com:8080", "example.com"), ("example.com.", "example.com"),
    ("EXAMPLE.com.:443", "example.com"), ("[::1]", "[::1]"), ("[::1]:8080", "[::1]"), ("::1", "::1"),
    ("2001:db8::443", "2001:db8::443"),
    ("127.0.0.1:18493", "127.0.0.1"), ("пример.рф", "пример.рф"), ("a:b", "a:b"), ("a:", "a"), (":80", ""), (".", "."),
    ("", ""),
  ]) func `a host is lower-cased, without port and last dot`(text: String, expected: String) { #expect(host(text) == expected) }

  @Test func `a host is cut at 253 bytes`() { #expect(host(String(repeating: "a", count: 400)).utf8.count == 253) }

  @Test(
    arguments: [
      ("example", "example"), (" Example.Com \n", "example.com"), ("a-b_c.d9", "a-b_c.d9"), ("_", "_"),
      (String(repeating: "a", count: 64), String(repeating: "a", count: 64)), ("", nil), (" ", nil), ("a b", nil),
      ("a\"b", nil),
      ("[::1]", nil), ("127.0.0.1:80", nil), ("пример", nil), (String(repeating: "a", count: 65), nil), ("a/b", nil),
      ("a\0", "a"),
    ] as [(String, String?)]) func `a service is a short name of few letters`(text: String, expected: String?)
  {
    #expect(ServiceName(utf8(text).span)?.text == expected)
  }

  @Test func `every byte is valid in a service or not`() {
    let valid = Set(utf8("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"))
    for byte in UInt8.min...UInt8.max {
      #expect((ServiceName([0x61, byte, 0x61].span) != nil) == valid.contains(byte), "\(byte)")
    }
  }

  @Test(arguments: [
    ("nginx", true), ("NGINX", true), ("haproxy", true), ("apache", true), ("httpd", true), ("caddy", true), ("logger", true),
    ("shop", false), ("nginx2", false), ("ngin", false), ("ballcone", false),
  ]) func `a program's default tag names no site`(tag: String, isDefault: Bool) {
    #expect(ServiceName(utf8(tag).span)?.isProgramDefault == isDefault)
  }
}
