import TSEngine
import Testing

@testable import Syslog

@Suite struct CombinedRecordTests {
  private static let head = #"127.0.0.1 - - [24/Nov/2026:03:59:02 +0000] "GET /a?b HTTP/1.1" 200 6"#
  private static let common: [Field: String] = [
    .address: "127.0.0.1", .time: "24/Nov/2026:03:59:02 +0000", .request: "GET /a?b HTTP/1.1", .status: "200", .length: "6",
  ]
  private static func with(_ more: [Field: String]) -> [Field: String] { common.merging(more) { $1 } }

  @Test(arguments: [
    (head, common), (head + #" "-" "-""#, common),
    (head + #" "http://r/" "UA""#, with([.referrer: "http://r/", .agent: "UA"])),
    (head + #" "http://r/" "UA" "1.2.3.4" 0.003"#, with([.referrer: "http://r/", .agent: "UA", .forwarded: "1.2.3.4"])),
    (head + #" "http://r/" "UA" "unfinished"#, with([.referrer: "http://r/", .agent: "UA"])),
    (head + #" "-" "he said \x22hi\x22 \\ \"x\"""#, with([.agent: #"he said "hi" \ "x""#])),
    ("example.com:80 " + head, with([.host: "example.com:80"])), ("10.0.0.1:80 " + head, with([.host: "10.0.0.1:80"])),
    (head.replacing("127.0.0.1", with: "2001:db8::1"), with([.address: "2001:db8::1"])),
    (head.replacing("- - [", with: "- frank [x] sinatra ["), common), (head.replacing("- - [", with: "id - ["), common),
    (head.replacing(" 200 6", with: " 200 -"), with([.length: "-"]).filter { $0.key != .length }),
    ("example.com " + head.replacing("127.0.0.1", with: "::1"), with([.host: "example.com", .address: "::1"])),
    (head.replacing("127.0.0.1", with: "backend.local"), with([.address: "backend.local"])),
  ]) func `a line is taken apart`(line: String, expected: [Field: String]) throws {
    #expect(try fields(line) == expected)
  }

  @Test func `the common format ends after the bytes`() throws {
    #expect(try fields(Self.head + #" "http://r/" "UA""#, .common) == Self.common)
  }

  @Test func `a log without agents says so`() throws {
    var record = AccessRecord()
    try RecordFormat.auto.parse(utf8(Self.head).span, into: &record)
    #expect(!record.agentIsLogged)
    try RecordFormat.auto.parse(utf8(Self.head + #" "-" "-""#).span, into: &record)
    #expect(record.agentIsLogged)
  }

  @Test(arguments: [
    "hello", "a b c", "127.0.0.1", "127.0.0.1 - - [", "127.0.0.1 - - [24/Nov/2026:03:59:02 +0000]",
    "[24/Nov/2026:03:59:02 +0000]",
    #"127.0.0.1 - - [24/Nov/2026:03:59:02 +0000] GET / 200 6"#, #"127.0.0.1 - - [24/Nov/2026:03:59:02 +0000] "GET / HTTP/1.1""#,
    #"127.0.0.1 - - [24/Nov/2026:03:59:02 +0000] "GET / HTTP/1.1" 200"#,
    #"127.0.0.1 - - [24/Nov/2026:03:59:02 +0000] "GET / HTTP/1.1" two 6"#,
    #"127.0.0.1:36014 [24/Nov/2026:04:00:54.469] a a/<NOSRV> 0/-1/-1/-1/0 200 73 - - LR-- 1/1/0/0/0 0/0 "GET / HTTP/1.1""#,
  ]) func `another shape is refused by format`(line: String) { #expect(refusal(line) == .format) }

  @Test(arguments: ["\"GET / HT", "\"GET / HTTP/1.1\" 200 6 \"http", "\"GET / HTTP/1.1\" 200 6 \"-\" \"Moz"])
  func `a line cut inside quotes is truncated`(rest: String) {
    #expect(refusal("127.0.0.1 - - [24/Nov/2026:03:59:02 +0000] " + rest) == .truncated)
  }

  @Test func `a forced format refuses the other shape`() {
    #expect(refusal(Self.head, format: .json) == .format)
    #expect(refusal(#"{"ip":"1.1.1.1"}"#, format: .combined) == .format)
    #expect(refusal(#"{"ip":"1.1.1.1"}"#, format: .caddy) == nil)
  }
}
