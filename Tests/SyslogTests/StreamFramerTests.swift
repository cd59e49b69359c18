import Glibc
import Testing

@testable import Syslog

/// What comes out of a stream that arrives in pieces of `size` bytes.
private func messages(_ stream: [UInt8], by size: Int) -> [String] {
  var framer = StreamFramer()
  var out: [String] = []
  func take(_ message: Span<UInt8>, _ isTruncated: Bool) { out.append(isTruncated ? "~truncated" : string(message)) }
  var at = 0
  while at < stream.count {
    let count = unsafe framer.fill { room in
      let count = min(size, min(room.count, stream.count - at))
      for i in 0..<count { unsafe room[i] = stream[at + i] }
      return count
    }
    precondition(count > 0, "a full buffer takes no more")
    at += count
    framer.take(take)
  }
  framer.finish(take)
  return out
}

@Suite struct StreamFramerTests {
  static let streams: [(String, [String])] = [
    ("5 <1>ab6 <2>abc", ["<1>ab", "<2>abc"]),
    ("<1>ab\n<2>abc\n", ["<1>ab", "<2>abc"]),
    ("<1>ab\n6 <2>abc<3>x\r\n4 <4>y", ["<1>ab", "<2>abc", "<3>x\r", "<4>y"]),
    ("8 <1>a\nb\nc\n<2>\n", ["<1>a\nb\nc", "<2>"]),  // a counted message may hold line feeds
    (
      "192.0.2.1 - - [24/Nov/2026:03:59:02 +0000] x\n2001:db8::1 - -\n",
      ["192.0.2.1 - - [24/Nov/2026:03:59:02 +0000] x", "2001:db8::1 - -"]
    ),
    ("\n\n\r\n3 abc\n\n", ["abc"]),
    ("last line", ["last line"]),
    ("10 short", ["~truncated"]), ("12", ["~truncated"]), ("123456 x\n", ["123456 x"]), ("0 x\n", ["0 x"]),
    ("{\"a\":1}\n{\"b\":2}\n", ["{\"a\":1}", "{\"b\":2}"]),
  ]
  @Test(arguments: streams) func `messages are found wherever the stream is cut`(stream: String, want: [String]) {
    for size in 1...stream.utf8.count { #expect(messages(utf8(stream), by: size) == want, "pieces of \(size)") }
  }

  @Test(arguments: ["rsyslog_tcp_lf.stream", "rsyslog_tcp_octet_counted.stream"])
  func `what rsyslog sends is taken apart`(name: String) throws {
    let stream = Fixture.bytes(name)
    let whole = messages(stream, by: 65_536)
    #expect(whole.count == 13 && !whole.contains("~truncated"))
    #expect(whole.allSatisfy { $0.hasPrefix("<") })
    for size in [1, 7, 1_448, 30_000] { #expect(messages(stream, by: size) == whole) }
  }

  @Test func `a counted message that is too long is skipped and the stream goes on`() {
    let long = utf8("70000 ") + [UInt8](repeating: 0x41, count: 70_000) + utf8("3 <1>")
    for size in [1_000, 65_536] { #expect(messages(long, by: size) == ["~truncated", "<1>"]) }
    let longest = utf8("65535 ") + [UInt8](repeating: 0x41, count: 65_535) + utf8("<1>\n")
    #expect(messages(longest, by: 999).map(\.utf8.count) == [65_535, 3])
  }

  @Test func `a line that is too long is skipped and the stream goes on`() {
    for excess in [0, 1, 8, 9, 70_000] {
      let line = [UInt8](repeating: 0x41, count: 65_535 + excess) + utf8("\n<1>\n")
      let want = excess == 0 ? 65_535 : "~truncated".utf8.count
      for size in [997, 65_543] { #expect(messages(line, by: size).map(\.utf8.count) == [want, 3], "\(excess) \(size)") }
    }
  }

  @Test func `noise never traps and never stalls`() {
    var random = SplitMix(seed: 5)
    let words = ["1 ", "99999 ", "6 <1>abc", "\n", "<190>", "65536 ", "\r", "{}", "0", "7", " "].map(utf8)
    for _ in 0..<2_000 {
      var stream: [UInt8] = []
      for _ in 0..<Int(random.next() % 20) { stream += words[Int(random.next() % UInt64(words.count))] }
      let whole = messages(stream, by: 65_536)
      for size in 1...3 { #expect(messages(stream, by: size) == whole, "\(string(stream.span))") }
    }
  }
}
