extension Address {
  /// An address as web servers log it: `1.2.3.4`, `1.2.3.4:5678`, `2001:db8::1`, `[2001:db8::1]:443`, `fe80::1%eth0` (the
  /// zone is cut), `unix:` with or without a path. Anything else, names included, is nil. Reads 64 bytes at most, never
  /// allocates.
  package static func parse(_ text: Span<UInt8>) -> Address? {
    let count = text.count
    guard count >= 2 else { return nil }
    if count >= 5, text[0] == UInt8(ascii: "u") {
      return text[1] == UInt8(ascii: "n") && text[2] == UInt8(ascii: "i") && text[3] == UInt8(ascii: "x")
        && text[4] == UInt8(ascii: ":") ? .unixSocket : nil
    }
    if text[0] == UInt8(ascii: "[") {
      var close = 1
      while close < min(count, 64), text[close] != UInt8(ascii: "]") { close += 1 }
      guard close < min(count, 64), isPort(text, from: close + 1) else { return nil }
      return parseV6(text.extracting(1..<close))
    }
    var end = 0
    while end < min(count, 5) {
      if text[end] == UInt8(ascii: ".") {
        guard let (word, after) = parseV4(text, from: 0), isPort(text, from: after) else { return nil }
        return Address(v4: word)
      }
      if text[end] == UInt8(ascii: ":") { return parseV6(text) }
      end += 1
    }
    return nil
  }

  /// Nothing, or `:` and up to five digits.
  private static func isPort(_ text: Span<UInt8>, from start: Int) -> Bool {
    if start == text.count { return true }
    guard text[start] == UInt8(ascii: ":"), (2...6).contains(text.count - start) else { return false }
    for at in (start + 1)..<text.count where !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[at]) { return false }
    return true
  }

  /// Four decimal numbers without leading zeros, as `inet_pton` has it: `010.0.0.1` means two things, so it means nothing.
  private static func parseV4(_ text: Span<UInt8>, from start: Int) -> (word: UInt32, end: Int)? {
    var word: UInt32 = 0, at = start
    for part in 0..<4 {
      if part > 0 {
        guard at < text.count, text[at] == UInt8(ascii: ".") else { return nil }
        at += 1
      }
      var value: UInt32 = 0, digits = 0
      while at < text.count, digits < 4 {
        let digit = text[at] &- UInt8(ascii: "0")
        guard digit <= 9 else { break }
        if digits > 0, value == 0 { return nil }
        value = value * 10 + UInt32(digit)
        digits += 1
        at += 1
      }
      guard digits > 0, value <= 255 else { return nil }
      word = word << 8 | value
    }
    return (word, at)
  }

  private static func parseV6(_ text: Span<UInt8>) -> Address? {
    var groups = InlineArray<8, UInt16>(repeating: 0)
    var used = 0, gap = -1, at = 0
    let limit = min(text.count, 64)
    if limit >= 2, text[0] == UInt8(ascii: ":") {
      guard text[1] == UInt8(ascii: ":") else { return nil }
      (gap, at) = (0, 2)
    }
    while at < limit, text[at] != UInt8(ascii: "%") {
      guard used < 8 else { return nil }
      let start = at
      var value: UInt32 = 0
      while at < limit, let digit = hexadecimal(text[at]) {
        value = value << 4 | UInt32(digit)
        at += 1
        guard at - start <= 4 else { return nil }
      }
      guard at > start else { return nil }
      if at < limit, text[at] == UInt8(ascii: ".") {
        guard used <= 6, let (word, end) = parseV4(text, from: start), end == limit || text[end] == UInt8(ascii: "%")
        else { return nil }
        groups[used] = UInt16(word >> 16)
        groups[used + 1] = UInt16(truncatingIfNeeded: word)
        used += 2
        at = end
        break
      }
      groups[used] = UInt16(value)
      used += 1
      guard at < limit, text[at] != UInt8(ascii: "%") else { break }
      guard text[at] == UInt8(ascii: ":") else { return nil }
      at += 1
      if at < limit, text[at] == UInt8(ascii: ":") {
        guard gap < 0 else { return nil }
        gap = used
        at += 1
      } else if at == limit || text[at] == UInt8(ascii: "%") {
        return nil  // ends in a single colon
      }
    }
    guard at == text.count || text[at] == UInt8(ascii: "%") else { return nil }
    return assemble(groups, used: used, gap: gap)
  }

  /// `gap`: how many groups stand before `::`, −1 when there is none.
  private static func assemble(_ groups: InlineArray<8, UInt16>, used: Int, gap: Int) -> Address? {
    guard gap < 0 ? used == 8 : used < 8 else { return nil }
    var words: (UInt64, UInt64) = (0, 0)
    for position in 0..<8 {
      let zeros = gap < 0 ? 0 : 8 - used
      let group: UInt16 =
        gap < 0 || position < gap ? groups[position] : position < gap + zeros ? 0 : groups[position - zeros]
      if position < 4 { words.0 = words.0 << 16 | UInt64(group) } else { words.1 = words.1 << 16 | UInt64(group) }
    }
    return Address(high: words.0, low: words.1)
  }

  @inline(__always)
  private static func hexadecimal(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
