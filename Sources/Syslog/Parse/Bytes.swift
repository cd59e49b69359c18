internal import CScan

/// Eight and sixteen bytes a step over spans, the only place of the parsers that reads memory unchecked.
///
/// A word is little-endian: its lowest byte is the first in memory, so trailing zeros of a match mask count bytes.
enum Word {
  static let ones: UInt64 = 0x0101_0101_0101_0101
  static let highs: UInt64 = 0x8080_8080_8080_8080

  /// The byte in all eight places.
  @inline(__always) static func all(_ byte: UInt8) -> UInt64 { UInt64(byte) &* ones }

  /// The high bit of each zero byte. Exact for the lowest one; bytes above it may be marked falsely (a borrow), which no
  /// search for the first match sees. The subtraction wraps by design.
  @inline(__always) static func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }

  /// A mask of the first `count` bytes; none below 1, all from 8 on.
  @inline(__always) static func lowest(_ count: Int) -> UInt64 {
    count >= 8 ? .max : count <= 0 ? 0 : (1 &<< (UInt64(count) &* 8)) &- 1
  }

  /// Of a non-zero mask: in which byte its lowest bit lies.
  @inline(__always) static func first(_ mask: UInt64) -> Int { mask.trailingZeroBitCount &>> 3 }
}

extension Span<UInt8> {
  /// The eight bytes from `index` on; past the end they read as zero.
  ///
  /// Inside the last eight bytes the word is cut from the last whole one, so no byte outside the span is ever touched.
  @inline(__always)
  func word(at index: Int) -> UInt64 {
    precondition(index >= 0)
    let left = count &- index  // index ≥ 0, so no overflow
    if left >= 8 { return unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self) }
    if left <= 0 { return 0 }
    if count >= 8 {
      return unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: count &- 8, as: UInt64.self) >> UInt64(64 &- left &* 8)
    }
    var word: UInt64 = 0
    for i in 0..<left { word |= UInt64(self[index + i]) << UInt64(i * 8) }
    return word
  }

  /// Where `byte` first stands at or after `start`, else `count`.
  @inline(__always)
  func index(of byte: UInt8, from start: Int = 0) -> Int {
    index(of: byte, or: byte, from: start)
  }

  /// Where either byte first stands at or after `start`, else `count`.
  @inline(__always)
  func index(of one: UInt8, or other: UInt8, from start: Int = 0) -> Int {
    guard start < count else { return count }
    precondition(start >= 0)
    return unsafe withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return count }
      return unsafe ballcone_find(base, start, bytes.count, one, other)
    }
  }

  /// Where the string that `start` is inside of ends: its closing quote, else `count`; and whether it holds backslashes.
  @inline(__always)
  func stringEnd(from start: Int) -> (end: Int, isEscaped: Bool) {
    let end = index(of: UInt8(ascii: "\""), or: UInt8(ascii: "\\"), from: start)
    guard end < count, self[end] == UInt8(ascii: "\\") else { return (end, false) }
    return (escapedEnd(from: end), true)
  }

  @inline(never)
  private func escapedEnd(from start: Int) -> Int {
    unsafe withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return count }
      return unsafe ballcone_escaped_end(base, start, bytes.count)
    }
  }

  /// The first index at or after `start` that holds no space or tab, else `count`.
  @inline(__always)
  func skipSpaces(from start: Int) -> Int {
    var i = start
    while i < count, self[i] == UInt8(ascii: " ") || self[i] == UInt8(ascii: "\t") {
      i = word(at: i) == 0x2020_2020_2020_2020 ? i &+ 8 : i &+ 1
    }
    return i
  }

  /// The whole span without white space and control bytes (≤ 0x20) at either end.
  func trimmedRange() -> Range<Int> {
    var low = 0, high = count
    while low < high, self[low] <= 0x20 { low &+= 1 }
    while low < high, self[high &- 1] <= 0x20 { high &-= 1 }
    return low..<high
  }

  /// Whether the span is exactly `text`.
  func equals(_ text: StaticString) -> Bool { count == text.utf8CodeUnitCount && starts(with: text) }

  /// Whether the span begins with `text`, at `start`.
  func starts(with text: StaticString, at start: Int = 0) -> Bool {
    guard start >= 0, start <= count, count - start >= text.utf8CodeUnitCount else { return false }
    for i in 0..<text.utf8CodeUnitCount where unsafe self[start + i] != text.utf8Start[i] { return false }
    return true
  }
}

extension UInt8 {
  @inline(__always) var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }  // wraps below "0" to a large number

  /// The value of a hexadecimal digit, or nil.
  @inline(__always) var hexValue: UInt8? {
    let digit = self &- UInt8(ascii: "0"), letter = (self | 0x20) &- UInt8(ascii: "a")  // both wrap below their range
    if digit < 10 { return digit }
    return letter < 6 ? letter &+ 10 : nil
  }

  @inline(__always) var lowercasedASCII: UInt8 { self &- UInt8(ascii: "A") < 26 ? self | 0x20 : self }
}
