import Testing

@testable import Syslog

private func decoded(_ text: [UInt8], plus: Bool = false, limit: Int = 64) -> String {
  var room = [UInt8](repeating: 0, count: limit)
  var span = room.mutableSpan
  let count = Percent.decode(text.span, plusIsSpace: plus, into: &span)
  return string(room[..<count])
}

@Suite struct PercentTests {
  @Test(arguments: [
    ("a%20b", "a b"), ("%D0%BF", "п"), ("%d0%bf", "п"), ("%2520", "%20"), ("100%", "100%"), ("%", "%"), ("%4", "%4"),
    ("%zz%41", "%zzA"), ("%%41", "%A"), ("%ff%fe", "\u{fffd}\u{fffd}"), ("%c3%28", "\u{fffd}("), ("п", "п"), ("a+b", "a+b"),
    ("%F0%9F%A6%8A", "🦊"), ("%F0%9F%A6", "\u{fffd}"), ("%E2%82\u{20ac}", "\u{fffd}€"),
  ]) func `decodes once`(text: String, expected: String) {
    #expect(decoded(utf8(text)) == expected)
  }

  @Test func `a plus is a space only in a query`() { #expect(decoded(utf8("a+b%2B"), plus: true) == "a b+") }

  @Test func `the limit falls at a character's edge`() {
    #expect(decoded(utf8("ab%D0%BF"), limit: 3) == "ab")
    #expect(decoded(utf8("ab%D0%BF"), limit: 4) == "abп")
    #expect(decoded(utf8("%41%42%43"), limit: 2) == "AB")
    #expect(decoded(utf8("ab%ff"), limit: 4) == "ab")
  }
}
