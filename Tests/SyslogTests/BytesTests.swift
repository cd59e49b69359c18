import Testing

@testable import Syslog

@Suite struct BytesTests {
  @Test func `a word past the end reads zeros and never the neighbours`() {
    let text = utf8("0123456789abcdef")
    for count in 0...text.count {
      let span = text.span.extracting(0..<count)
      for index in 0...count + 2 {
        var expected: UInt64 = 0
        for k in 0..<8 where index + k < count { expected |= UInt64(text[index + k]) << UInt64(8 * k) }
        #expect(span.word(at: index) == expected, "count \(count), index \(index)")
      }
    }
  }

  @Test func `a byte is found wherever it stands`() {
    for count in 0..<40 {
      for place in 0..<count {
        var text = [UInt8](repeating: UInt8(ascii: "!"), count: count)  // one below the quote: the borrow's worst case
        text[place] = UInt8(ascii: "\"")
        #expect(text.span.index(of: UInt8(ascii: "\"")) == place)
        #expect(text.span.index(of: UInt8(ascii: "\\"), or: UInt8(ascii: "\"")) == place)
        #expect(text.span.index(of: UInt8(ascii: "\""), from: place + 1) == count)
      }
    }
  }

  @Test func `of two bytes the first to stand wins`() {
    let text = utf8("aaa\\aaaaaaaa\"aaaa")
    #expect(text.span.index(of: UInt8(ascii: "\""), or: UInt8(ascii: "\\")) == 3)
    #expect(text.span.index(of: UInt8(ascii: "\""), or: UInt8(ascii: "\\"), from: 4) == 12)
  }

  @Test func `a zero byte is not found past the end`() {
    #expect(utf8("abc").span.index(of: 0) == 3)
  }

  @Test func `a string ends at the first quote that is not escaped, as a byte by byte search has it`() {
    var random = SplitMix(seed: 11)
    for round in 0..<20_000 {
      let count = Int(random.next() % 70)
      let text = (0..<count).map { _ in utf8("\\\\\\\"ab")[Int(random.next() % UInt64(round & 1 == 0 ? 4 : 6))] }
      var want = 0, isEscaped = false
      while want < count, text[want] != UInt8(ascii: "\"") {
        if text[want] == UInt8(ascii: "\\") {
          isEscaped = true
          want += 1
        }
        want += 1
      }
      let found = text.span.stringEnd(from: 0)
      #expect(found.end == min(want, count) && found.isEscaped == isEscaped, "\(string(text.span))")
    }
  }
}
