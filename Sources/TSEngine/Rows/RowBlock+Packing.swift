extension RowBlock {
  /// Bytes a block of `count` rows cannot exceed.
  static func maxBytes(count: Int) -> Int {
    headerBytes + Column.allCases.count * (streamBytes(count, width: maxWidth) + count / 8 + (4 << maxNarrowWidth) + 64)
  }

  /// Appends the packed rows of `batch`, sorted by minute first: ≈ 35 ns a row.
  ///
  /// - Precondition: the batch has rows, and all are counted or none is.
  static func pack(_ batch: OpenBatch, into out: inout ByteWriter) {
    precondition(batch.count > 0 && batch.count <= OpenBatch.capacity)
    batch.sortByMinute()
    unsafe out.write(limit: maxBytes(count: batch.count)) { block in
      unsafe writeHeader(block, hour: batch.hour, count: batch.count)
      unsafe writeStarts(block, batch)
      return unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 3 * OpenBatch.capacity) { room in
        let values = room.baseAddress!
        var end = headerBytes
        for column in Column.allCases {
          unsafe batch.load(column, 0..<batch.count, into: values)
          end += unsafe write(column, values, batch.count, to: block, at: end)
        }
        return end
      }
    }
  }

  private static func writeStarts(_ block: UnsafeMutablePointer<UInt8>, _ batch: OpenBatch) {
    var row = 0
    for minute in 0...60 {
      while row < batch.count, Int(batch.minute[row]) < minute { row += 1 }
      unsafe writeStart(block, minute: minute, row: row)
    }
  }

  /// Writes one column at `offset` of the block in its smallest form; returns its bytes.
  /// - Parameter values: the column, with room for two more of its kind behind it.
  private static func write(
    _ column: Column, _ values: UnsafeMutablePointer<UInt32>, _ count: Int, to block: UnsafeMutablePointer<UInt8>,
    at offset: Int
  ) -> Int {
    var least = UInt32.max, most: UInt32 = 0
    for row in 0..<count {
      let value = unsafe values[row]
      if value < least { least = value }
      if value > most { most = value }
    }
    if least == most {
      unsafe writeColumn(block, column, offset: offset, width: 0, kind: 0, narrow: 0, base: least)
      return 0
    }
    for row in 0..<count { unsafe values[row] &-= least }
    let width = 32 - (most - least).leadingZeroBitCount
    precondition(width <= maxWidth)
    switch column {
    case .token, .bytes, .duration: break  // next to uniform, and read at random
    default:
      if let bytes = unsafe writeSplit(column, values, count, width: width, base: least, to: block, at: offset) { return bytes }
    }
    unsafe writeColumn(block, column, offset: offset, width: width, kind: 1, narrow: 0, base: least)
    return unsafe packBits(values, count, width: width, to: block + offset)
  }

  /// Writes `count` values of `width` ≤ 25 bits, zero padded to eight values; returns the bytes, and may have written eight
  /// more.
  static func packBits(
    _ values: UnsafePointer<UInt32>, _ count: Int, width: Int, to start: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let size = streamBytes(count, width: width)
    if width == 0 { return 0 }
    var pending: UInt64 = 0, bits: UInt64 = 0, at = 0
    for row in 0..<count {
      unsafe pending |= UInt64(values[row]) &<< bits  // bits < 32 and width ≤ 25
      bits &+= UInt64(width)
      if bits >= 32 {
        unsafe store(UInt32(truncatingIfNeeded: pending), start, at)
        at &+= 4
        pending &>>= 32
        bits &-= 32
      }
    }
    unsafe store(pending, start, at)
    at += 8
    while at < size {
      unsafe start[at] = 0
      at += 1
    }
    return size
  }

  // MARK: Split

  /// How a column would be split: the values at least this frequent become narrow.
  private struct SplitPlan {
    var narrowWidth = -1, frequency = 0, bits: Int
  }

  /// Nil when plain is as small, or so little larger that reading it fast is worth more.
  private static func writeSplit(
    _ column: Column, _ values: UnsafeMutablePointer<UInt32>, _ count: Int, width: Int, base: UInt32,
    to block: UnsafeMutablePointer<UInt8>, at offset: Int
  ) -> Int? {
    guard width <= 17 else { return nil }  // more codes than any dictionary has
    return unsafe withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 1 << width) { room in
      unsafe room.initialize(repeating: 0)
      let frequency = room.baseAddress!
      let distinct = unsafe values + OpenBatch.capacity
      var distinctCount = 0
      for row in 0..<count {
        let value = unsafe Int(values[row])
        if unsafe frequency[value] == 0 {
          unsafe distinct[distinctCount] = UInt32(value)
          distinctCount += 1
        }
        unsafe frequency[value] += 1
      }
      let plan = unsafe plan(frequency, distinct, distinctCount, count, width: width)
      guard plan.narrowWidth >= 0 else { return nil }
      return unsafe writeSplit(
        column, values, count, width: width, base: base, plan: plan, frequency: frequency, distinctCount: distinctCount,
        to: block, at: offset)
    }
  }

  private static func plan(
    _ frequency: UnsafePointer<UInt16>, _ distinct: UnsafePointer<UInt32>, _ distinctCount: Int, _ count: Int, width: Int
  ) -> SplitPlan {
    unsafe withUnsafeTemporaryAllocation(of: UInt16.self, capacity: count + 1) { room in
      unsafe room.initialize(repeating: 0)
      for index in 0..<distinctCount { unsafe room[Int(frequency[Int(distinct[index])])] += 1 }
      var best = SplitPlan(bits: count * width - count / 4)
      var at = count, codes = 0, rows = 0
      for narrow in 0...maxNarrowWidth {
        while at > 0, unsafe codes + Int(room[at]) <= 1 << narrow {
          unsafe codes += Int(room[at])
          unsafe rows += Int(room[at]) * at
          at -= 1
        }
        let bits = count + rows * narrow + (count - rows) * width + (width > 16 ? 32 : 16) << narrow
        if bits < best.bits { best = SplitPlan(narrowWidth: narrow, frequency: at + 1, bits: bits) }
      }
      return best
    }
  }

  private static func writeSplit(
    _ column: Column, _ values: UnsafeMutablePointer<UInt32>, _ count: Int, width: Int, base: UInt32, plan: SplitPlan,
    frequency: UnsafeMutablePointer<UInt16>, distinctCount: Int, to block: UnsafeMutablePointer<UInt8>, at offset: Int
  ) -> Int {
    var packed = unsafe Packed(
      data: UnsafePointer(block + offset), count: count, width: width, kind: 2 + plan.narrowWidth, narrow: 0, base: base)
    let table = unsafe block + offset + packed.maskBytes, distinct = unsafe values + OpenBatch.capacity
    for byte in 0..<(unsafe packed.tableBytes) { unsafe table[byte] = 0 }
    var codes = 0
    // From here on `frequency` holds the index into the table, or none.
    let none = UInt16.max
    for index in 0..<distinctCount {
      let value = unsafe Int(distinct[index])
      if unsafe Int(frequency[value]) >= plan.frequency {
        if width > 16 { unsafe store(UInt32(value), table, 4 * codes) } else { unsafe store(UInt16(value), table, 2 * codes) }
        unsafe frequency[value] = UInt16(codes)
        codes += 1
      } else {
        unsafe frequency[value] = none
      }
    }
    // Narrow indices replace the values in place, never ahead of the row read; wide values go behind.
    var narrow = 0, wide = 0, word: UInt64 = 0
    for row in 0..<count {
      let value = unsafe values[row], index = unsafe frequency[Int(value)], isWide = index == none
      unsafe values[narrow] = UInt32(index)
      unsafe distinct[wide] = value
      narrow &+= isWide ? 0 : 1
      wide &+= isWide ? 1 : 0
      word |= (isWide ? 1 : 0) &<< UInt64(row & 63)
      if row & 63 == 63 || row == count - 1 {
        unsafe store(word, block, offset + row / 64 * 8)
        word = 0
      }
    }
    unsafe packed.narrow = narrow
    let narrowStart = unsafe block + (packed.narrowStream - UnsafePointer(block))
    let narrowBytes = unsafe packBits(values, narrow, width: plan.narrowWidth, to: narrowStart)
    _ = unsafe packBits(distinct, wide, width: width, to: narrowStart + narrowBytes)
    unsafe writeColumn(
      block, column, offset: offset, width: width, kind: 2 + plan.narrowWidth, narrow: narrow, base: base)
    return unsafe packed.size
  }
}

extension OpenBatch {
  /// The codes of rows `rows` of a column, as a block stores them: bytes and durations rounded.
  @unsafe func load(_ column: RowBlock.Column, _ rows: Range<Int>, into out: UnsafeMutablePointer<UInt32>) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= count)
    @inline(__always) func widen<T: FixedWidthInteger & UnsignedInteger>(_ from: UnsafeMutablePointer<T>) {
      let from = unsafe from + rows.lowerBound
      for row in 0..<rows.count { unsafe out[row] = UInt32(truncatingIfNeeded: from[row]) }
    }
    switch column {
    case .token: unsafe widen(token.start)
    case .path: unsafe widen(path.start)
    case .agent: unsafe widen(agent.start)
    case .referrer: unsafe widen(referrer.start)
    case .host: unsafe widen(host.start)
    case .campaign: unsafe widen(campaign.start)
    case .country: unsafe widen(country.start)
    case .status: unsafe widen(status.start)
    case .verb: unsafe widen(verb.start)
    case .bytes:
      let from = unsafe bytes.start + rows.lowerBound
      for row in 0..<rows.count { unsafe out[row] = RowBlock.bytesCode(from[row]) }
    case .duration:
      let from = unsafe duration.start + rows.lowerBound
      for row in 0..<rows.count { unsafe out[row] = RowBlock.durationCode(from[row]) }
    }
  }
}
