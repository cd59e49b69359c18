/// Reads what a `ByteWriter` wrote. Never reads past its end: there it gives zeros and remembers that it ran out.
@unsafe
package struct ByteCursor {
  package var at: UnsafePointer<UInt8>
  package let end: UnsafePointer<UInt8>
  package private(set) var isExhausted = false

  package init(_ start: UnsafePointer<UInt8>, count: Int) { unsafe (at, end) = (start, start + count) }

  package var remaining: Int { unsafe end - at }
  package var isAtEnd: Bool { unsafe at == end }

  @inline(__always) package mutating func byte() -> UInt8 {
    guard unsafe at < end else {
      unsafe isExhausted = true
      return 0
    }
    let value = unsafe at.pointee
    unsafe at += 1
    return value
  }

  @inline(__always) package mutating func varint() -> UInt64 {
    var byte = unsafe self.byte()
    if byte < 128 { return UInt64(byte) }
    var value = UInt64(byte & 127), shift: UInt64 = 7
    repeat {
      byte = unsafe self.byte()
      value |= UInt64(byte & 127) &<< shift
      shift &+= 7
      if shift > 70 {
        unsafe isExhausted = true
        return 0
      }
    } while byte >= 128
    return value
  }

  package mutating func fixed<T: FixedWidthInteger>(_: T.Type) -> T {
    let size = MemoryLayout<T>.size
    guard unsafe remaining >= size else {
      unsafe (at, isExhausted) = (end, true)
      return 0
    }
    let value = unsafe T(littleEndian: UnsafeRawPointer(at).loadUnaligned(as: T.self))
    unsafe at += size
    return value
  }

  package mutating func string(limit: Int = 65_535) -> String {
    let count = unsafe Int(truncatingIfNeeded: varint())
    guard count >= 0, count <= limit, unsafe count <= remaining else {
      unsafe (at, isExhausted) = (end, true)
      return ""
    }
    let text = unsafe String(decoding: UnsafeBufferPointer(start: at, count: count), as: UTF8.self)
    unsafe at += count
    return text
  }

  /// Steps over `count` bytes and gives where they begin, or nil at the end.
  package mutating func skip(_ count: Int) -> UnsafePointer<UInt8>? {
    guard count >= 0, unsafe count <= remaining else {
      unsafe (at, isExhausted) = (end, true)
      return nil
    }
    let start = unsafe at
    unsafe at += count
    return unsafe start
  }
}
