/// Finds the host in a referrer.
enum ReferrerHost {
  /// A longer name cannot exist (RFC 1035).
  static let maxBytes = 253

  /// Where the host lies in `http://user@www.example.org:8080/path`: without user, `www.`, port and trailing dot. Empty for
  /// schemes other than http, https and android-app, and for whatever is no host name.
  static func range(in referrer: Span<UInt8>) -> Range<Int> {
    let start = authorityStart(referrer)
    guard start > 0 else { return 0..<0 }
    var low = start, high = start
    while high < referrer.count, high - start <= 512 {
      switch referrer[high] {
      case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "\\"): return host(referrer, low..<high)
      case UInt8(ascii: "@"): low = high + 1
      default: break
      }
      high += 1
    }
    return high == referrer.count ? host(referrer, low..<high) : 0..<0
  }

  /// Behind `://`; 0 when the scheme is none of ours.
  private static func authorityStart(_ referrer: Span<UInt8>) -> Int {
    if hasPrefix(referrer, "https://") { return 8 }
    if hasPrefix(referrer, "http://") { return 7 }
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
    var letters = false
    for index in name {
      let byte = text[index]
      let isAllowed = byte.isDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
      let isLetter = byte.lowercasedASCII &- UInt8(ascii: "a") < 26 || byte >= 0x80
      guard isAllowed || isLetter else { return 0..<0 }
      letters = letters || isLetter
    }
    let dots = text[name.lowerBound] == UInt8(ascii: ".")
    return dots || !letters && Address.parse(text.extracting(name)) == nil ? 0..<0 : name
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
