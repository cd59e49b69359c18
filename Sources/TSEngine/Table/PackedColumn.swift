/// Unsigned numbers of one column, close together: each in the same few bits, and the few that need more patched behind
/// (Zukowski et al., "Super-Scalar RAM-CPU Cache Compression", ICDE 2006: patched frame of reference).
///
/// ```
///  width (1) ‖ exceptions e, a varint, if bit 7 of the width says so
///            ‖ low `width` bits of each number, least significant first, zero padded to a byte
///            ‖ e × (index gap, bits above − 1), varints
/// ```
/// Example: 5, 1, 900, 3 in three bits: `83 01 │ 0d 07 │ 02 6f`; 5 = 101, 1 = 001, 900 = 1110000·100, 3 = 011, and at index
/// 2 the bits above are 0x70.
enum PackedColumn {
  private static let patched: UInt8 = 0x80
  static let maxWidth = 56  // one load of 64 bits covers a number wherever it begins

  /// Appends `count` numbers in the fewest bits.
  @unsafe static func write(_ values: UnsafePointer<UInt64>, count: Int, into out: inout ByteWriter) {
    let (width, exceptions) = unsafe plan(values, count)
    out.byte(UInt8(width) | (exceptions > 0 ? patched : 0))
    if exceptions > 0 { out.varint(UInt64(exceptions)) }
    let mask = mask(width)
    unsafe out.write(limit: (count * width + 7) / 8 + 8) { start in
      var bits = unsafe BitWriter(start)
      for index in 0..<count {
        let value = unsafe values[index] & mask, low = min(width, 28)
        unsafe bits.put(value & Self.mask(low), low)
        if width > low { unsafe bits.put(value &>> UInt64(low), width - low) }
      }
      return unsafe bits.byteCount
    }
    var previous = -1
    for index in 0..<count where unsafe values[index] > mask {
      out.varint(UInt64(index - previous - 1))
      unsafe out.varint((values[index] >> UInt64(width)) - 1)
      previous = index
    }
  }

  /// The width with the fewest bytes in all, and how many numbers are wider.
  @unsafe private static func plan(_ values: UnsafePointer<UInt64>, _ count: Int) -> (width: Int, exceptions: Int) {
    var lengths = InlineArray<65, Int>(repeating: 0)
    var all: UInt64 = 0
    for index in 0..<count {
      unsafe lengths[64 - values[index].leadingZeroBitCount] += 1
      unsafe all |= values[index]
    }
    let longest = 64 - all.leadingZeroBitCount
    var best = (width: 0, exceptions: 0, bits: Int.max)
    for width in 0...min(longest, maxWidth) {
      var bits = width * count, exceptions = 0
      for length in width + 1..<max(width + 1, longest + 1) where lengths[length] > 0 {
        exceptions += lengths[length]
        bits += lengths[length] * (10 + 8 * ((length - width + 6) / 7))
      }
      if bits < best.bits { best = (width, exceptions, bits) }
    }
    return (best.width, best.exceptions)
  }

  @inline(__always) private static func mask(_ width: Int) -> UInt64 { (1 &<< UInt64(truncatingIfNeeded: width)) &- 1 }

  /// Gives a column's numbers one after the other. Needs eight readable bytes past the end of the table.
  @unsafe struct Reader {
    private let bits: UnsafePointer<UInt8>
    private let width: Int, mask: UInt64
    private var at = 0  // bits
    private var index = 0, patchedIndex = Int.max
    private var patches: ByteCursor, left = 0

    /// Takes a column off the cursor; nil when the bytes are damaged.
    /// - Parameter isThere: else nothing is taken, and nothing may be read.
    init?(_ cursor: inout ByteCursor, count: Int, if isThere: Bool = true) {
      guard isThere else {
        unsafe (bits, width, mask, patches) = (cursor.at, 0, 0, cursor)
        return
      }
      let head = unsafe cursor.byte()
      unsafe width = Int(head & 0x7f)
      guard unsafe width <= PackedColumn.maxWidth else { return nil }
      unsafe mask = PackedColumn.mask(width)
      if head & PackedColumn.patched != 0 {
        let exceptions = unsafe cursor.varint()
        guard exceptions > 0, exceptions <= UInt64(count) else { return nil }
        unsafe left = Int(exceptions)
      }
      guard let start = unsafe cursor.skip((count * width + 7) / 8) else { return nil }
      unsafe bits = start
      unsafe patches = cursor
      for _ in 0..<(unsafe left) {
        _ = unsafe cursor.varint()
        _ = unsafe cursor.varint()
      }
      guard unsafe !cursor.isExhausted else { return nil }
      if unsafe left > 0 { unsafe patchedIndex = Int(truncatingIfNeeded: patches.varint() & 0xffff_ffff) }
    }

    @inline(__always) mutating func next() -> UInt64 {
      let word = unsafe UInt64(littleEndian: UnsafeRawPointer(bits + at &>> 3).loadUnaligned(as: UInt64.self))
      var value = unsafe word &>> UInt64(truncatingIfNeeded: at & 7) & mask
      unsafe at &+= width
      if unsafe index == patchedIndex { unsafe patch(&value) }
      unsafe index &+= 1
      return value
    }

    @inline(never) private mutating func patch(_ value: inout UInt64) {
      unsafe value |= (patches.varint() &+ 1) &<< UInt64(truncatingIfNeeded: width)
      unsafe left &-= 1
      unsafe patchedIndex =
        left > 0 ? patchedIndex &+ 1 &+ Int(truncatingIfNeeded: patches.varint() & 0xffff_ffff) : .max
    }
  }
}
