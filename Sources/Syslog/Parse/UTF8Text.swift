/// Writing text that may be broken: invalid UTF-8 becomes U+FFFD, one for each maximal broken part (Unicode 15, 3.9,
/// table 3-8), and a limit never cuts a character in two.
enum UTF8Text {
  static let replacement: InlineArray<3, UInt8> = [0xef, 0xbf, 0xbd]

  /// Copies `source` into `room` as valid UTF-8, at most `room.count` bytes. Returns how many bytes it wrote.
  @inline(__always)
  static func copy(_ source: Span<UInt8>, into room: inout MutableSpan<UInt8>) -> Int {
    if source.count <= room.count, isASCII(source) {
      for i in source.indices { room[i] = source[i] }
      return source.count
    }
    return repair(source, into: &room)
  }

  /// How much of valid text that was cut anywhere is whole characters.
  static func wholeCount(_ text: Span<UInt8>) -> Int {
    var start = text.count
    while start > 0, text.count - start < 3, text[start - 1] & 0xc0 == 0x80 { start -= 1 }
    guard start > 0, text[start - 1] >= 0xc0 else { return text.count }
    return character(in: text, at: start - 1).isValid ? text.count : start - 1
  }

  @inline(__always)
  static func isASCII(_ source: Span<UInt8>) -> Bool {
    var seen: UInt64 = 0, i = 0
    while i < source.count {
      seen |= source.word(at: i)
      i &+= 8
    }
    return seen & Word.highs == 0
  }

  /// The general case of `copy`.
  @inline(never)
  static func repair(_ source: Span<UInt8>, into room: inout MutableSpan<UInt8>) -> Int {
    var read = 0, written = 0
    while read < source.count {
      let (length, isValid) = character(in: source, at: read)
      let needed = isValid ? length : 3
      if written + needed > room.count { break }
      for i in 0..<needed { room[written + i] = isValid ? source[read + i] : replacement[i] }
      read += length
      written += needed
    }
    return written
  }

  /// How many bytes the character at `index` has, or how many belong to one broken part.
  ///
  /// Ranges of the second byte: Unicode 15, table 3-7.
  static func character(in source: Span<UInt8>, at index: Int) -> (length: Int, isValid: Bool) {
    let first = source[index]
    if first < 0x80 { return (1, true) }
    let wanted: Int, second: ClosedRange<UInt8>
    switch first {
    case 0xc2...0xdf: (wanted, second) = (2, 0x80...0xbf)
    case 0xe0: (wanted, second) = (3, 0xa0...0xbf)
    case 0xed: (wanted, second) = (3, 0x80...0x9f)  // surrogates are no characters
    case 0xe1...0xef: (wanted, second) = (3, 0x80...0xbf)
    case 0xf0: (wanted, second) = (4, 0x90...0xbf)
    case 0xf1...0xf3: (wanted, second) = (4, 0x80...0xbf)
    case 0xf4: (wanted, second) = (4, 0x80...0x8f)
    default: return (1, false)
    }
    guard index + 1 < source.count, second.contains(source[index + 1]) else { return (1, false) }
    var length = 2
    while length < wanted {
      guard index + length < source.count, source[index + length] & 0xc0 == 0x80 else { return (length, false) }
      length += 1
    }
    return (wanted, true)
  }
}
