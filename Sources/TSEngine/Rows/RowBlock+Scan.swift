internal import Glibc

/// Room for reading blocks, reused by every scan: 210 KB. One reader at a time.
@safe
final class ScanBuffers {
  /// The wide half of a split column lies this far behind the narrow one, so that choosing is address arithmetic.
  static let far = OpenBatch.capacity + 128
  let values: UnsafeMutablePointer<UInt32>  // decoded rows
  let others: UnsafeMutablePointer<UInt32>  // a second column
  fileprivate let halves: UnsafeMutablePointer<UInt32>
  fileprivate let hits: UnsafeMutablePointer<UInt8>  // as `halves`, a look-up's answers
  let mask: UnsafeMutablePointer<UInt8>  // a byte a row: chosen or not
  let mask2: UnsafeMutablePointer<UInt8>
  let chosen: UnsafeMutablePointer<UInt16>  // row numbers

  init() {
    let rows = Self.far
    unsafe values = .allocate(capacity: rows)
    unsafe others = .allocate(capacity: rows)
    unsafe halves = .allocate(capacity: 2 * rows)
    unsafe hits = .allocate(capacity: 2 * rows)
    unsafe mask = .allocate(capacity: rows)
    unsafe mask2 = .allocate(capacity: rows)
    unsafe chosen = .allocate(capacity: rows)
    unsafe values.initialize(repeating: 0, count: rows)
    unsafe others.initialize(repeating: 0, count: rows)
    unsafe halves.initialize(repeating: 0, count: 2 * rows)
    unsafe hits.initialize(repeating: 0, count: 2 * rows)
    unsafe mask.initialize(repeating: 0, count: rows)
    unsafe mask2.initialize(repeating: 0, count: rows)
    unsafe chosen.initialize(repeating: 0, count: rows)
  }
  deinit {
    unsafe values.deallocate()
    unsafe others.deallocate()
    unsafe halves.deallocate()
    unsafe hits.deallocate()
    unsafe mask.deallocate()
    unsafe mask2.deallocate()
    unsafe chosen.deallocate()
  }
}

/// What a filter leaves of some rows.
enum Selection { case none, all, some }

extension RowBlock {
  /// Eight values at a time: `width` bytes hold eight, so that places and shifts repeat. `from` is a multiple of eight;
  /// writes whole eights.
  @inline(__always)
  static func unpack(
    _ stream: UnsafePointer<UInt8>, from: Int, count: Int, width: Int, into out: UnsafeMutablePointer<UInt32>
  ) {
    var at = unsafe stream + (from &>> 3) &* width
    let mask = SIMD8<UInt32>(repeating: (1 &<< UInt32(width)) &- 1)  // width ≤ 25
    var shift = SIMD8<UInt32>(), place = SIMD8<Int>()
    for lane in 0..<8 {
      shift[lane] = UInt32(truncatingIfNeeded: (lane &* width) & 7)
      place[lane] = (lane &* width) &>> 3
    }
    let (p1, p2, p3, p4, p5, p6, p7) = (place[1], place[2], place[3], place[4], place[5], place[6], place[7])
    var row = 0
    while row < count {
      let words = unsafe SIMD8<UInt32>(
        load(UInt32.self, at, 0), load(UInt32.self, at, p1), load(UInt32.self, at, p2), load(UInt32.self, at, p3),
        load(UInt32.self, at, p4), load(UInt32.self, at, p5), load(UInt32.self, at, p6), load(UInt32.self, at, p7))
      unsafe UnsafeMutableRawPointer(out + row).storeBytes(of: (words &>> shift) & mask, as: SIMD8<UInt32>.self)
      unsafe at += width
      row &+= 8
    }
  }

  /// One value of a stream; reads up to seven bytes past it.
  @inline(__always)
  static func value(_ stream: UnsafePointer<UInt8>, at row: Int, width: Int) -> UInt32 {
    let bit = row &* width
    return unsafe (load(UInt32.self, stream, bit &>> 3) &>> UInt32(truncatingIfNeeded: bit & 7)) & ((1 &<< UInt32(width)) &- 1)
  }
}

extension RowBlock.Packed {
  /// Rows of a split column before `row` that are wide.
  @inline(__always) private func wideRows(before row: Int) -> Int {
    var ones = 0
    for word in 0..<row &>> 6 { ones &+= unsafe RowBlock.load(UInt64.self, data, word &* 8).nonzeroBitCount }
    if row & 63 != 0 {
      let last = unsafe RowBlock.load(UInt64.self, data, (row &>> 6) &* 8)
      ones &+= (last & ((1 &<< UInt64(row & 63)) &- 1)).nonzeroBitCount
    }
    return ones
  }

  /// The value of one row; for listing rows, not for scans.
  func value(at row: Int) -> UInt32 {
    if unsafe isConstant { return unsafe base }
    if unsafe !isSplit { return unsafe base &+ RowBlock.value(data, at: row, width: width) }
    let word = unsafe RowBlock.load(UInt64.self, data, (row >> 6) * 8), wide = unsafe wideRows(before: row)
    if word >> UInt64(row & 63) & 1 == 1 { return unsafe base &+ RowBlock.value(wideStream, at: wide, width: width) }
    let index = unsafe narrowWidth == 0 ? 0 : RowBlock.value(narrowStream, at: row - wide, width: narrowWidth)
    return unsafe base &+ tableValue(Int(index))
  }

  @inline(__always) private func tableValue(_ index: Int) -> UInt32 {
    unsafe width > 16
      ? RowBlock.load(UInt32.self, table, 4 &* index) : UInt32(RowBlock.load(UInt16.self, table, 2 &* index))
  }

  /// Whether every place of a split column's table names a value below `bound`.
  func isTableBelow(_ bound: UInt32) -> Bool {
    (0..<(unsafe 1 << narrowWidth)).allSatisfy { unsafe UInt64(base) + UInt64(tableValue($0)) < UInt64(bound) }
  }

  /// Decodes rows to `out[0]…`, and may write 63 more. `rows` begins at a multiple of 64.
  @inline(__always)
  func decode(_ rows: Range<Int>, into out: UnsafeMutablePointer<UInt32>, _ buffers: ScanBuffers) {
    let count = rows.count, base = unsafe self.base
    switch unsafe kind {
    case 0: for row in 0..<count { unsafe out[row] = base }
    case 1:
      unsafe RowBlock.unpack(data, from: rows.lowerBound, count: count, width: width, into: out)
      if base != 0 { for row in 0..<count { unsafe out[row] &+= base } }
    default:
      let halves = unsafe buffers.halves, (first, narrow, wide) = unsafe unpackHalves(rows, into: halves)
      unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 128) { codes in
        for index in 0..<(unsafe 1 << narrowWidth) { unsafe codes[index] = base &+ tableValue(index) }
        for index in 0..<first.narrow + narrow { unsafe halves[index] = codes[Int(halves[index] & 127)] }
      }
      let far = ScanBuffers.far
      for index in far..<far + first.wide + wide { unsafe halves[index] &+= base }
      unsafe expand(rows, halves, narrowAt: first.narrow, wideAt: far + first.wide, into: out)
    }
  }

  /// Narrow indices to `halves[0]…`, wide values to `halves[far]…`, from a multiple of eight on: where the first ones of
  /// `rows` then lie, and how many there are.
  @inline(__always)
  private func unpackHalves(
    _ rows: Range<Int>, into halves: UnsafeMutablePointer<UInt32>
  ) -> (first: (narrow: Int, wide: Int), narrow: Int, wide: Int) {
    let wideBefore = unsafe wideRows(before: rows.lowerBound), narrowBefore = rows.lowerBound &- wideBefore
    let wideAfter = unsafe rows.upperBound == count ? count &- narrow : wideRows(before: rows.upperBound)
    let wideCount = wideAfter &- wideBefore, narrowCount = rows.count &- wideCount
    let first = (narrow: narrowBefore & 7, wide: wideBefore & 7)
    if unsafe narrowWidth == 0 {
      unsafe memset(halves, 0, (first.narrow + narrowCount) * 4)
    } else {
      unsafe RowBlock.unpack(
        narrowStream, from: narrowBefore & ~7, count: first.narrow &+ narrowCount, width: narrowWidth, into: halves)
    }
    unsafe RowBlock.unpack(
      wideStream, from: wideBefore & ~7, count: first.wide &+ wideCount, width: width, into: halves + ScanBuffers.far)
    return (first, narrowCount, wideCount)
  }

  /// The values of chosen rows alone; they are numbers from `first` on, which is a multiple of 64, ascending.
  @inline(__always)
  func pick(_ first: Int, _ chosen: UnsafePointer<UInt16>, count: Int, into out: UnsafeMutablePointer<UInt32>) {
    let base = unsafe self.base
    switch unsafe kind {
    case 0: for index in 0..<count { unsafe out[index] = base }
    case 1:
      let data = unsafe self.data, width = unsafe self.width
      for index in 0..<count {
        unsafe out[index] = base &+ RowBlock.value(data, at: first &+ Int(chosen[index]), width: width)
      }
    default: unsafe pickSplit(first, chosen, count: count, into: out)
    }
  }

  /// Where a row lies in its stream is its rank among the narrow or the wide rows: those before its word are summed once.
  @inline(__always)
  private func pickSplit(
    _ first: Int, _ chosen: UnsafePointer<UInt16>, count: Int, into out: UnsafeMutablePointer<UInt32>
  ) {
    if count == 0 { return }
    let firstWord = first &>> 6, words = unsafe (Int(chosen[count &- 1]) &>> 6) &+ 1
    let (base, width, narrowWidth) = unsafe (self.base, self.width, self.narrowWidth)
    let data = unsafe self.data, narrowStream = unsafe self.narrowStream, wideStream = unsafe self.wideStream
    unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 128 + words) { room in
      let codes = room.baseAddress!, before = unsafe codes + 128
      for index in 0..<(1 &<< narrowWidth) { unsafe codes[index] = base &+ tableValue(index) }
      var ones = unsafe wideRows(before: first)
      for word in 0..<words {
        unsafe before[word] = UInt32(truncatingIfNeeded: ones)
        ones &+= unsafe RowBlock.load(UInt64.self, data, (firstWord &+ word) &* 8).nonzeroBitCount
      }
      for index in 0..<count {
        let row = unsafe Int(chosen[index]), bit = UInt64(truncatingIfNeeded: row & 63)
        let word = unsafe RowBlock.load(UInt64.self, data, (firstWord &+ row &>> 6) &* 8)
        let wide = unsafe Int(before[row &>> 6]) &+ (word & ((1 &<< bit) &- 1)).nonzeroBitCount
        // Both are read: which one it is, no branch would foresee.
        let far = unsafe base &+ RowBlock.value(wideStream, at: wide, width: width)
        let near = unsafe codes[Int(RowBlock.value(narrowStream, at: first &+ row &- wide, width: narrowWidth)) & 127]
        let pick = 0 &- UInt32(truncatingIfNeeded: (word &>> bit) & 1)
        unsafe out[index] = near ^ ((near ^ far) & pick)
      }
    }
  }

  /// Puts rows together from both halves by the mask; whole words of 64 rows.
  @inline(__always)
  private func expand(
    _ rows: Range<Int>, _ from: UnsafePointer<UInt32>, narrowAt: Int, wideAt: Int, into out: UnsafeMutablePointer<UInt32>
  ) {
    var narrow = narrowAt, wide = wideAt
    for word in rows.lowerBound &>> 6..<(rows.upperBound &+ 63) &>> 6 {
      var bits = unsafe RowBlock.load(Int.self, data, word &* 8)
      let to = unsafe out + (word &* 64 &- rows.lowerBound)
      for row in 0..<64 {
        let bit = bits & 1  // chosen by arithmetic: a branch here costs 2.3 times as much
        unsafe to[row] = from[narrow &+ ((wide &- narrow) & (0 &- bit))]
        wide &+= bit
        narrow &+= 1 &- bit
        bits &>>= 1
      }
    }
  }

  /// Looks every row up: `mask[row] = lut[value]`, or `&=` with `and`. Bytes of `lut` are 0 or 1. As `decode` otherwise.
  @inline(__always)
  func select(
    _ lut: UnsafePointer<UInt8>, _ rows: Range<Int>, and: Bool, into mask: UnsafeMutablePointer<UInt8>, _ buffers: ScanBuffers
  ) -> Selection {
    switch unsafe kind {
    case 0: return unsafe lut[Int(base)] == 0 ? .none : .all
    case 1:
      let values = unsafe buffers.values, shifted = unsafe lut + Int(base)
      unsafe RowBlock.unpack(data, from: rows.lowerBound, count: rows.count, width: width, into: values)
      if and {
        for row in 0..<rows.count { unsafe mask[row] &= shifted[Int(values[row])] }
      } else {
        for row in 0..<rows.count { unsafe mask[row] = shifted[Int(values[row])] }
      }
    default: unsafe selectSplit(lut + Int(base), rows, and: and, into: mask, buffers)
    }
    return .some
  }

  @inline(__always)
  private func selectSplit(
    _ lut: UnsafePointer<UInt8>, _ rows: Range<Int>, and: Bool, into mask: UnsafeMutablePointer<UInt8>, _ buffers: ScanBuffers
  ) {
    let halves = unsafe buffers.halves, hits = unsafe buffers.hits, far = ScanBuffers.far
    let (first, narrowCount, wideCount) = unsafe unpackHalves(rows, into: halves)
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { small in
      for index in 0..<(unsafe 1 << narrowWidth) { unsafe small[index] = lut[Int(tableValue(index))] }
      for index in 0..<first.narrow + narrowCount { unsafe hits[index] = small[Int(halves[index] & 127)] }
    }
    for index in far..<far + first.wide + wideCount { unsafe hits[index] = lut[Int(halves[index])] }
    var narrow = first.narrow, wide = far + first.wide
    for word in rows.lowerBound &>> 6..<(rows.upperBound &+ 63) &>> 6 {
      var bits = unsafe RowBlock.load(Int.self, data, word &* 8)
      let to = unsafe mask + (word &* 64 &- rows.lowerBound)
      // Most words of a selective filter have no hit at all: nothing to put together.
      var any = unsafe Self.or64(hits + narrow) | Self.or64(hits + wide)
      if and, any != 0, unsafe Self.or64(to) == 0 { any = 0 }
      if any == 0 {
        unsafe memset(to, 0, 64)
        wide &+= bits.nonzeroBitCount
        narrow &+= 64 &- bits.nonzeroBitCount
        continue
      }
      for row in 0..<64 {
        let bit = bits & 1, hit = unsafe hits[narrow &+ ((wide &- narrow) & (0 &- bit))]
        unsafe to[row] = and ? to[row] & hit : hit
        wide &+= bit
        narrow &+= 1 &- bit
        bits &>>= 1
      }
    }
  }

  @inline(__always) private static func or64(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
    var any: UInt64 = 0
    for word in 0..<8 { unsafe any |= RowBlock.load(UInt64.self, bytes, word &* 8) }
    return any
  }
}
