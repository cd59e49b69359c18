/// RFC 3986 percent coding over bytes. Decoding happens once; a `%` that begins no pair stays as it is.
enum PercentCoding {
  /// - Parameter plusIsSpace: true for `application/x-www-form-urlencoded`, of which query strings are made.
  /// Bytes that are not UTF-8 once decoded become U+FFFD.
  static func decode(_ text: Substring.UTF8View, plusIsSpace: Bool) -> String {
    guard text.contains(where: { $0 == UInt8(ascii: "%") || plusIsSpace && $0 == UInt8(ascii: "+") }) else {
      return String(decoding: text, as: UTF8.self)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var at = text.startIndex
    while at < text.endIndex {
      let byte = text[at]
      let next = text.index(after: at)
      if byte == UInt8(ascii: "%"), let (value, end) = pair(text, next) {
        bytes.append(value)
        at = end
      } else {
        bytes.append(byte == UInt8(ascii: "+") && plusIsSpace ? UInt8(ascii: " ") : byte)
        at = next
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func pair(_ text: Substring.UTF8View, _ at: Substring.Index) -> (UInt8, Substring.Index)? {
    guard at < text.endIndex, let high = nibble(text[at]) else { return nil }
    let second = text.index(after: at)
    guard second < text.endIndex, let low = nibble(text[second]) else { return nil }
    return (high << 4 | low, text.index(after: second))
  }

  private static func nibble(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// `text` as one path segment or query value: all but unreserved characters become pairs.
  static func encode(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
        bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
