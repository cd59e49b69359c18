import Testing

@testable import Syslog

private func undone(_ text: String) -> String {
  var bytes = utf8(text)
  var span = bytes.mutableSpan
  let count = Escapes.undo(&span, 0..<span.count)
  return string(bytes[..<count])
}

@Suite struct EscapesTests {
  @Test(arguments: [
    (#"a\"b\\c\/d"#, #"a"b\c/d"#), (#"\n\t\r\b\f"#, "\n\t\r\u{8}\u{c}"), (#"\u0041\u00e9\u20AC"#, "Aé€"),
    (#"\ud83e\udd8a"#, "🦊"), (#"\uD83E\uDD8A!"#, "🦊!"), (#"\ud83e"#, "\u{fffd}"), (#"\udd8a"#, "\u{fffd}"),
    (#"\ud83e\u0041"#, "\u{fffd}A"), (#"\x22\xC3\xA9"#, "\"é"), (#"\xc3\xa9"#, "é"), (#"\xZZ"#, #"\xZZ"#), (#"\x2"#, #"\x2"#),
    (#"\u12"#, #"\u12"#), (#"\u12G4"#, #"\u12G4"#), (#"\q"#, #"\q"#), (#"a\"#, #"a\"#), ("", ""), ("plain", "plain"),
    (#"\\\\"#, #"\\"#), (#"\u0000"#, "\0"),
  ]) func `undoes an escape`(text: String, expected: String) { #expect(undone(text) == expected) }

  @Test func `only the range is touched`() {
    var bytes = utf8(#"\n\n\n"#)
    var span = bytes.mutableSpan
    #expect(Escapes.undo(&span, 2..<4) == 1)
    #expect(string(bytes) == "\\n\nn\\n")
  }
}
