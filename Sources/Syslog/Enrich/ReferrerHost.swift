/// Finds the host in a referrer.
enum ReferrerHost {
  /// A longer name cannot exist (RFC 1035).
  static let maxBytes = 253

  /// Where the host lies in `http://user@www.example.org:8080/path`: without user, `www.`, port and trailing dot. Empty for
  /// schemes other than http, https and android-app, and for whatever is no host name.
  static func range(in referrer: Span<UInt8>) -> Range<Int> {
    let start = authorityStart(referrer)
    guard start > 0 else { return 0..<0 }
    // Nearly always a plain name with a slash behind it: one look at each byte.
    var end = start, hasLetter = false
    while end < referrer.count, end - start <= maxBytes, isNameByte(referrer[end], &hasLetter) { end += 1 }
    if hasLetter, end == referrer.count || isEnd(referrer[end]), end - start <= maxBytes {
      let name = site(referrer, start..<end)
      return name.isEmpty || referrer[name.lowerBound] == UInt8(ascii: ".") ? 0..<0 : name
    }
    return rareRange(in: referrer, from: start)
  }

  /// With a user, a port, a bracketed address, or nothing of the kind.
  @inline(never)
  private static func rareRange(in referrer: Span<UInt8>, from start: Int) -> Range<Int> {
    var low = start, high = start
    while high < referrer.count, high - start <= 512 {
      if isEnd(referrer[high]) { return host(referrer, low..<high) }
      if referrer[high] == UInt8(ascii: "@") { low = high + 1 }
      high += 1
    }
    return high == referrer.count ? host(referrer, low..<high) : 0..<0
  }

  @inline(__always)
  private static func isEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") || byte == UInt8(ascii: "\\")
  }

  /// Whether `byte` may stand in a host name; international names come as UTF-8 from some.
  @inline(__always)
  private static func isNameByte(_ byte: UInt8, _ hasLetter: inout Bool) -> Bool {
    if (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte >= 0x80 {
      hasLetter = true
      return true
    }
    return byte.isDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
  }

  /// Behind `://`; 0 when the scheme is none of ours.
  @inline(__always)
  static func authorityStart(_ referrer: Span<UInt8>) -> Int {
    let word = referrer.word(at: 0)
    // The scheme's letters in lower case, and no byte but them.
    if word | 0x20_2020_2020 == 0x2f2f_3a73_7074_7468 { return 8 }  // https://
    if (word | 0x2020_2020) << 8 == 0x2f2f_3a70_7474_6800 { return 7 }  // http://
    return hasPrefix(referrer, "android-app://") ? 14 : 0
  }

  private static func hasPrefix(_ text: Span<UInt8>, _ prefix: StaticString) -> Bool {
    guard text.count >= prefix.utf8CodeUnitCount else { return false }
    for index in 0..<prefix.utf8CodeUnitCount {
      if unsafe text[index].lowercasedASCII != prefix.utf8Start[index] { return false }
    }
    return true
  }

  private static func host(_ text: Span<UInt8>, _ authority: Range<Int>) -> Range<Int> {
    let name = site(text, authority)
    guard !name.isEmpty, name.count <= maxBytes else { return 0..<0 }
    if text[name.lowerBound] == UInt8(ascii: "[") {
      return Address.parse(text.extracting(name)) == nil ? 0..<0 : name
    }
    var hasLetter = false
    for index in name where !isNameByte(text[index], &hasLetter) { return 0..<0 }
    let isNothing = text[name.lowerBound] == UInt8(ascii: ".")
    return isNothing || !hasLetter && Address.parse(text.extracting(name)) == nil ? 0..<0 : name
  }

  /// `www.example.org:8080.` and `example.org` are one site. `www.` alone stays.
  static func site(_ text: Span<UInt8>, _ host: Range<Int>) -> Range<Int> {
    var digits = host.upperBound
    while digits > host.lowerBound, text[digits - 1].isDigit { digits -= 1 }
    let hasPort = digits > host.lowerBound && text[digits - 1] == UInt8(ascii: ":")
    var end = hasPort ? digits - 1 : host.upperBound
    if end - host.lowerBound > 1, text[end - 1] == UInt8(ascii: ".") { end -= 1 }
    let name = host.lowerBound..<end
    guard name.count > 4, hasPrefix(text.extracting(name), "www.") else { return name }
    return name.lowerBound + 4..<name.upperBound
  }
}
