/// A host as it is kept: lower-cased, its port and trailing dot cut, valid UTF-8, at most 253 bytes (RFC 1035).
enum HostName {
  static let limit = 253

  /// Writes the host of `text` into `room`. Returns how many bytes it wrote.
  @inline(__always)
  static func copy(_ text: Span<UInt8>, into room: inout MutableSpan<UInt8>) -> Int {
    let count = UTF8Text.copy(text.extracting(0..<bareCount(text)), into: &room)
    for i in 0..<count { room[i] = room[i].lowercasedASCII }
    return count
  }

  /// How much of `text` is the name: without `:8080`, without a last dot. An IPv6 address keeps its colons.
  @inline(__always)
  static func bareCount(_ text: Span<UInt8>) -> Int {
    var end = min(text.count, 4 * limit)
    var digits = end
    while digits > 0, text[digits &- 1].isDigit { digits &-= 1 }
    if digits > 0, text[digits &- 1] == UInt8(ascii: ":") {
      let colon = digits &- 1
      let isBracketed = colon > 0 && text[colon &- 1] == UInt8(ascii: "]")
      if isBracketed || text.index(of: UInt8(ascii: ":")) == colon { end = colon }
    }
    if end > 1, text[end &- 1] == UInt8(ascii: ".") { end &-= 1 }
    return end
  }
}
