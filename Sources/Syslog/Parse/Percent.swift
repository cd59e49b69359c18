/// Percent-decoding (RFC 3986, 2.1), once: `%2520` becomes `%20`. An invalid `%` stays as it is.
enum Percent {
  /// Decodes `source` into `room` as valid UTF-8, cut at a character's edge when it is full. Returns the bytes written.
  static func decode(_ source: Span<UInt8>, plusIsSpace: Bool = false, into room: inout MutableSpan<UInt8>) -> Int {
    var read = 0, written = 0
    while read < source.count {
      let (byte, next) = decoded(source, at: read, plusIsSpace)
      if byte < 0x80 {
        if written == room.count { break }
        room[written] = byte
        written += 1
        read = next
      } else if let (count, end) = decodeCharacter(source, from: read, plusIsSpace, into: &room, at: written) {
        written += count
        read = end
      } else {
        break
      }
    }
    return written
  }

  /// The decoded byte at `index` and where the next one begins.
  @inline(__always)
  private static func decoded(_ source: Span<UInt8>, at index: Int, _ plusIsSpace: Bool) -> (byte: UInt8, next: Int) {
    let byte = source[index]
    if byte == UInt8(ascii: "%"), source.count - index > 2,
      let high = source[index + 1].hexValue, let low = source[index + 2].hexValue
    {
      return (high &<< 4 | low, index + 3)
    }
    return (plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte, index + 1)
  }

  /// One character of several bytes, or U+FFFD for a broken one; nil when it does not fit.
  private static func decodeCharacter(
    _ source: Span<UInt8>, from start: Int, _ plusIsSpace: Bool, into room: inout MutableSpan<UInt8>, at written: Int
  ) -> (count: Int, end: Int)? {
    var bytes = InlineArray<4, UInt8>(repeating: 0), ends = InlineArray<4, Int>(repeating: 0)
    var available = 0, read = start
    while available < 4, read < source.count {
      (bytes[available], read) = decoded(source, at: read, plusIsSpace)
      ends[available] = read
      available += 1
    }
    let (length, isValid) = UTF8Text.character(in: bytes.span.extracting(0..<available), at: 0)
    let needed = isValid ? length : 3
    guard room.count - written >= needed else { return nil }
    for i in 0..<needed { room[written + i] = isValid ? bytes[i] : UTF8Text.replacement[i] }
    return (needed, ends[length - 1])
  }
}
