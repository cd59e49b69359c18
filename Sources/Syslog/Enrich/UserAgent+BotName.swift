extension UserAgent {
  private static let maxNameBytes = 40

  /// What to call a robot: its canonical name; else the word around what gave it away, with the one before when it is a common
  /// noun ("Kangaroo Bot"); else the word behind `compatible; `; else, of a Mozilla, the host of its address or what follows
  /// `Mozilla/5.0`; else its first word.
  static func name(
    _ result: inout UserAgentResult, _ bytes: Span<UInt8>, _ tokens: UserAgentTokens, _ automaton: UserAgentAutomaton
  ) {
    if tokens.namedRobot != UserAgentTokens.none {
      result.robot = automaton.rules[tokens.namedRobot].name
      return
    }
    var (range, noun) = (0..<0, 0..<0)
    var address = bytes.count
    if tokens.robotEnd >= 0 {
      let rule = automaton.rules[tokens.robot]
      let endsWord = bytes[tokens.robotEnd - 1] == UInt8(ascii: "/")  // its version follows
      let token = tokens.robotEnd - Int(rule.length)..<tokens.robotEnd - (endsWord ? 1 : 0)
      if rule.isSpecial {
        address = token.lowerBound
      } else {
        range = word(bytes, around: token)
        if rule.isGeneric, isNoun(bytes, range, token) { (range, noun) = (withWordBefore(bytes, range), range) }
      }
    }
    if range.isEmpty { range = wordAfterCompatible(bytes) }
    let isMozilla = isMozilla(bytes)
    if range.isEmpty, isMozilla { range = host(bytes, from: address) }
    if range.isEmpty, isMozilla { range = wordAfterMozilla(bytes) }
    if range.isEmpty, !isMozilla || noun.isEmpty { range = 0..<wordEnd(bytes, from: 0, notBefore: 0) }
    if range.isEmpty { range = noun }
    (result.nameStart, result.nameCount) = (UInt8(range.lowerBound), UInt8(min(range.count, maxNameBytes)))
  }

  @inline(__always)
  private static func isWord(_ byte: UInt8) -> Bool {
    isLetter(byte) || byte.isDigit || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }

  /// The word that holds `token`.
  private static func word(_ bytes: Span<UInt8>, around token: Range<Int>) -> Range<Int> {
    var low = token.lowerBound
    while low > 0, isWord(bytes[low - 1]) { low -= 1 }
    return low..<wordEnd(bytes, from: token.upperBound, notBefore: low)
  }

  /// Whether `word` is its token and no more than an ending, "Crawl", "Crawler", "Monitoring", or "robot".
  private static func isNoun(_ bytes: Span<UInt8>, _ word: Range<Int>, _ token: Range<Int>) -> Bool {
    guard word.upperBound - token.upperBound <= 3 else { return false }
    for index in min(token.upperBound, word.upperBound)..<word.upperBound where !isLetter(bytes[index]) { return false }
    return word.lowerBound == token.lowerBound
      || word.count == 5 && bytes[word.lowerBound] | 0x20 == UInt8(ascii: "r")
        && token.lowerBound == word.lowerBound + 2
  }

  /// `word` with the one before it, or nothing when that is a version or none: then the noun stands for nothing.
  private static func withWordBefore(_ bytes: Span<UInt8>, _ word: Range<Int>) -> Range<Int> {
    guard word.lowerBound > 1, bytes[word.lowerBound - 1] == UInt8(ascii: " ") else { return 0..<0 }
    var low = word.lowerBound - 1
    while low > 0, isWord(bytes[low - 1]) { low -= 1 }
    guard low < word.lowerBound - 1, low == 0 || bytes[low - 1] != UInt8(ascii: "/") else { return 0..<0 }
    return low..<word.upperBound
  }

  /// Where the word that goes on at `start` ends; marks at its end are a sentence's.
  private static func wordEnd(_ bytes: Span<UInt8>, from start: Int, notBefore low: Int) -> Int {
    var end = start
    while end < bytes.count, isWord(bytes[end]) { end += 1 }
    while end > low, !isLetter(bytes[end - 1]), !bytes[end - 1].isDigit { end -= 1 }
    return end
  }

  /// `Mozilla/5.0 (compatible; Name/1.0; …`; nothing when the word is a browser of old.
  private static func wordAfterCompatible(_ bytes: Span<UInt8>) -> Range<Int> {
    let mark: StaticString = "compatible; "
    var at = 0
    while at + mark.utf8CodeUnitCount < bytes.count {
      if matches(bytes, mark, at) {
        at += mark.utf8CodeUnitCount
        return matches(bytes, "MSIE", at) ? 0..<0 : at..<wordEnd(bytes, from: at, notBefore: at)
      }
      at += 1
    }
    return 0..<0
  }

  /// `Mozilla/5.0 Name/1.0`, `Mozilla/5.0 (Name/1.0)`.
  private static func wordAfterMozilla(_ bytes: Span<UInt8>) -> Range<Int> {
    var at = 8
    while at < bytes.count, bytes[at] != UInt8(ascii: " ") { at += 1 }
    at += 1
    let isInside = at < bytes.count && bytes[at] == UInt8(ascii: "(")
    if isInside { at += 1 }
    guard at < bytes.count, isLetter(bytes[at]) else { return 0..<0 }
    let end = wordEnd(bytes, from: at, notBefore: at)
    return isInside && (end == bytes.count || bytes[end] != UInt8(ascii: "/")) ? 0..<0 : at..<end
  }

  /// Of the address that begins at `start`: `https://www.example.org/bot` → `example.org`.
  private static func host(_ bytes: Span<UInt8>, from start: Int) -> Range<Int> {
    var at = start
    while at < bytes.count, bytes[at] != UInt8(ascii: "/") { at += 1 }
    while at < bytes.count, bytes[at] == UInt8(ascii: "/") { at += 1 }
    if matches(bytes, "www.", at) { at += 4 }
    return at..<wordEnd(bytes, from: at, notBefore: at)
  }

  private static func matches(_ bytes: Span<UInt8>, _ text: StaticString, _ at: Int) -> Bool {
    guard at + text.utf8CodeUnitCount <= bytes.count else { return false }
    for index in 0..<text.utf8CodeUnitCount where unsafe bytes[at + index] != text.utf8Start[index] { return false }
    return true
  }
}
