/// Undoing backslash escapes in place: JSON's (`\n \t \" \/ \u00e9`, surrogate pairs too) and nginx's and Apache's `\xHH`.
///
/// No escape is shorter than what it stands for, so the result always fits where it came from. Lone surrogates become
/// U+FFFD; an unknown escape stays as it is.
enum Escapes {
  /// Rewrites `text[range]`. Returns how many bytes remain, from the range's start on.
  static func undo(_ text: inout MutableSpan<UInt8>, _ range: Range<Int>) -> Int {
    var read = range.lowerBound, write = range.lowerBound
    while read < range.upperBound {
      let byte = text[read]
      guard byte == UInt8(ascii: "\\"), read &+ 1 < range.upperBound else {
        text[write] = byte
        (read, write) = (read &+ 1, write &+ 1)
        continue
      }
      switch text[read &+ 1] {
      case UInt8(ascii: "u"): (read, write) = unicode(&text, read, range.upperBound, to: write)
      case UInt8(ascii: "x"):
        if range.upperBound &- read > 3, let high = text[read &+ 2].hexValue, let low = text[read &+ 3].hexValue {
          text[write] = high &<< 4 | low
          (read, write) = (read &+ 4, write &+ 1)
        } else {
          text[write] = byte
          (read, write) = (read &+ 1, write &+ 1)
        }
      case let letter:
        if let plain = character(letter) {
          text[write] = plain
          (read, write) = (read &+ 2, write &+ 1)
        } else {
          (text[write], text[write &+ 1]) = (byte, letter)
          (read, write) = (read &+ 2, write &+ 2)
        }
      }
    }
    return write &- range.lowerBound
  }

  /// What a single letter after the backslash stands for.
  private static func character(_ letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
    case UInt8(ascii: "n"): 0x0a
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "r"): 0x0d
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0c
    case UInt8(ascii: "v"): 0x0b
    default: nil
    }
  }

  /// `\uXXXX` at `read`, written as UTF-8 at `write`. Returns both places after it.
  private static func unicode(
    _ text: inout MutableSpan<UInt8>, _ read: Int, _ end: Int, to write: Int
  ) -> (read: Int, write: Int) {
    guard var scalar = hex4(text, read &+ 2, end) else {
      text[write] = text[read]
      return (read &+ 1, write &+ 1)
    }
    var next = read &+ 6
    if scalar & 0xfc00 == 0xd800, end &- next > 1, text[next] == UInt8(ascii: "\\"), text[next &+ 1] == UInt8(ascii: "u"),
      let low = hex4(text, next &+ 2, end), low & 0xfc00 == 0xdc00
    {
      scalar = 0x10000 &+ (scalar & 0x3ff) &<< 10 &+ (low & 0x3ff)  // at most 0x10ffff
      next &+= 6
    } else if scalar & 0xf800 == 0xd800 {
      scalar = 0xfffd
    }
    return (next, put(scalar, in: &text, at: write))
  }

  private static func hex4(_ text: borrowing MutableSpan<UInt8>, _ start: Int, _ end: Int) -> UInt32? {
    guard end &- start >= 4 else { return nil }
    var value: UInt32 = 0
    for i in start..<start &+ 4 {
      guard let digit = text[i].hexValue else { return nil }
      value = value &<< 4 | UInt32(digit)
    }
    return value
  }

  /// Writes `scalar`, no surrogate, as one to four bytes. Returns the place after it.
  private static func put(_ scalar: UInt32, in text: inout MutableSpan<UInt8>, at write: Int) -> Int {
    func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: scalar &>> shift) & 0x3f }
    switch scalar {
    case 0..<0x80:
      text[write] = UInt8(truncatingIfNeeded: scalar)
      return write &+ 1
    case 0x80..<0x800:
      (text[write], text[write &+ 1]) = (0xc0 | UInt8(truncatingIfNeeded: scalar &>> 6), tail(0))
      return write &+ 2
    case 0x800..<0x10000:
      text[write] = 0xe0 | UInt8(truncatingIfNeeded: scalar &>> 12)
      (text[write &+ 1], text[write &+ 2]) = (tail(6), tail(0))
      return write &+ 3
    default:
      text[write] = 0xf0 | UInt8(truncatingIfNeeded: scalar &>> 18)
      (text[write &+ 1], text[write &+ 2], text[write &+ 3]) = (tail(12), tail(6), tail(0))
      return write &+ 4
    }
  }
}
