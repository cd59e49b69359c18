/// Bytes as text, RFC 4648 section 4, with padding.
enum Base64 {
  private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var out: [UInt8] = []
    out.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let given = min(3, bytes.count - start)
      var word = UInt32(bytes[start]) << 16
      if given > 1 { word |= UInt32(bytes[start + 1]) << 8 }
      if given > 2 { word |= UInt32(bytes[start + 2]) }
      for place in 0..<4 {
        out.append(place <= given ? digits[Int(word >> (18 - 6 * UInt32(place)) & 63)] : UInt8(ascii: "="))
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// nil for anything that `encode` does not write.
  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    var out: [UInt8] = [], word: UInt32 = 0, taken = 0, padding = 0
    out.reserveCapacity(text.count / 4 * 3)
    for byte in text {
      guard let value = value(byte) ?? (byte == UInt8(ascii: "=") ? 64 : nil) else { return nil }
      if value == 64 { padding += 1 } else if padding > 0 { return nil }
      word = word << 6 | (value & 63)
      taken += 1
      guard taken % 4 == 0 else { continue }
      for place in 0..<3 { out.append(UInt8(truncatingIfNeeded: word >> (16 - 8 * UInt32(place)))) }
    }
    guard padding <= 2 else { return nil }
    if out.suffix(padding).contains(where: { $0 != 0 }) { return nil }
    out.removeLast(padding)
    return out
  }

  private static func value(_ digit: UInt8) -> UInt32? {
    switch digit {
    case 65...90: UInt32(digit - 65)
    case 97...122: UInt32(digit - 71)
    case 48...57: UInt32(digit) + 4
    case 43: 62
    case 47: 63
    default: nil
    }
  }
}
