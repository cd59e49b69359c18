/// Rows of one hour to read, sorted by minute: a packed block, or an open batch that is counted already.
@unsafe
struct RowSource {
  private let block: UnsafePointer<UInt8>?
  private let batch: OpenBatch?
  let hour: Int  // Unix hours
  let count: Int

  init(block: UnsafePointer<UInt8>) {
    unsafe (self.block, batch) = (block, nil)
    unsafe (hour, count) = (RowBlock.hour(block), RowBlock.count(block))
  }
  init(_ batch: OpenBatch) {
    batch.sortByMinute()
    unsafe (block, self.batch) = (nil, batch)
    unsafe (hour, count) = (batch.hour, batch.count)
  }

  /// The first row of a minute 0…60 of the hour.
  func start(minute: Int) -> Int {
    if let block = unsafe block { return unsafe RowBlock.start(block, minute: minute) }
    guard let batch = unsafe batch else { return 0 }
    var low = 0, high = unsafe count
    while low < high {
      let middle = (low + high) / 2
      if Int(batch.minute[middle]) < minute { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The rows of Unix minutes.
  func rows(minutes: Range<Int>) -> Range<Int> {
    let first = unsafe hour * 60
    let low = min(max(minutes.lowerBound - first, 0), 60), high = min(max(minutes.upperBound - first, low), 60)
    return unsafe (low == 0 ? 0 : start(minute: low))..<(high == 60 ? count : start(minute: high))
  }

  /// As `RowBlock.Packed.decode`; bytes and durations as codes.
  @inline(__always)
  func load(_ column: RowBlock.Column, _ rows: Range<Int>, into out: UnsafeMutablePointer<UInt32>, _ buffers: ScanBuffers) {
    if let block = unsafe block {
      unsafe RowBlock.column(block, column).decode(rows, into: out, buffers)
    } else {
      unsafe batch?.load(column, rows, into: out)
    }
  }

  /// As `RowBlock.Packed.select`.
  @inline(__always)
  func select(
    _ column: RowBlock.Column, _ lookup: UnsafePointer<UInt8>, _ rows: Range<Int>, and: Bool,
    into mask: UnsafeMutablePointer<UInt8>, _ buffers: ScanBuffers
  ) -> Selection {
    if let block = unsafe block {
      return unsafe RowBlock.column(block, column).select(lookup, rows, and: and, into: mask, buffers)
    }
    unsafe batch?.load(column, rows, into: buffers.values)
    for row in 0..<rows.count {
      let hit = unsafe lookup[Int(buffers.values[row])]
      unsafe mask[row] = and ? mask[row] & hit : hit
    }
    return .some
  }

  /// The column of chosen rows, close together; few rows are picked without decoding the others.
  /// - Parameters:
  ///   - rows: from a multiple of 64.
  ///   - chosen: numbers of rows relative to `rows`, ascending.
  @inline(__always)
  func gather(
    _ column: RowBlock.Column, _ rows: Range<Int>, chosen: UnsafePointer<UInt16>, count: Int,
    into out: UnsafeMutablePointer<UInt32>, _ buffers: ScanBuffers
  ) {
    if let block = unsafe block, count &* 4 < rows.count {
      return unsafe RowBlock.column(block, column).pick(rows.lowerBound, chosen, count: count, into: out)
    }
    unsafe load(column, rows, into: out, buffers)
    // In place: a chosen row never lies before where it goes.
    for index in 0..<count { unsafe out[index] = out[Int(chosen[index])] }
  }

  /// One value, for listing rows.
  func value(_ column: RowBlock.Column, at row: Int) -> UInt32 {
    if let block = unsafe block { return unsafe RowBlock.column(block, column).value(at: row) }
    return unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 1) { one in
      unsafe batch?.load(column, row..<row + 1, into: one.baseAddress!)
      return unsafe one[0]
    }
  }

  func minute(at row: Int) -> Int {
    if let batch = unsafe batch { return Int(batch.minute[row]) }
    var minute = 0
    while minute < 59, unsafe start(minute: minute + 1) <= row { minute += 1 }
    return minute
  }
}
