/// The rows a question is about, as they are when it first needs them: places of packed blocks, copies of what is unpacked.
///
/// Filled inside the gate, read without it: blocks are pinned, copies are the list's own (a quarter of a megabyte each, in
/// the pool), and the codes in both were known before. So however long a scan takes, it holds nobody up, and all scans of
/// one question see the same rows. Guarded by the lane.
@safe
final class RowList {
  private var range = 0..<0
  private(set) var isFilled = false
  private var sources = unsafe [RowSource]()
  private var blockCount = 0  // of `sources`, by hour; copies follow
  private var copies: [OpenBatch] = []

  /// What will be asked about, in seconds; nothing is copied yet.
  func begin(_ range: Range<Int>) {
    end()
    self.range = range
  }

  /// Takes the rows of the range, widened to whole days, if it has not yet. The caller has pinned the pool.
  func fill(_ series: Series) {
    if isFilled { return }
    isFilled = true
    let low = floorDivide(range.lowerBound, 86_400) * 24, high = floorDivide(range.upperBound + 86_399, 86_400) * 24
    for index in series.firstBlock(hour: low)..<series.firstBlock(hour: high) {
      unsafe sources.append(RowSource(block: series.rowBlobs.address(series.blocks[index].blob)))
    }
    blockCount = unsafe sources.count
    var used = 0
    for batch in series.batches where batch.count > 0 && batch.hour >= low && batch.hour < high {
      if used == copies.count { copies.append(OpenBatch(hour: batch.hour, pool: series.pool)) }
      copies[used].copy(batch)
      unsafe sources.append(RowSource(copies[used]))
      used += 1
    }
  }

  /// Forgets the rows; inside the gate.
  func end() {
    guard isFilled else { return }
    (isFilled, blockCount) = (false, 0)
    unsafe sources.removeAll(keepingCapacity: true)
    // The first copy keeps its memory: faulting it in again would cost a tenth of a millisecond a question.
    for (index, copy) in copies.enumerated() where copy.count > 0 { if index == 0 { copy.clear() } else { copy.removeAll() } }
  }

  /// Takes the rows of the hours as they are now, copying nothing: for who stays inside the gate.
  func take(_ series: Series, hours: ClosedRange<Int>) {
    unsafe sources.removeAll(keepingCapacity: true)
    for index in series.firstBlock(hour: hours.lowerBound)..<series.firstBlock(hour: hours.upperBound + 1) {
      unsafe sources.append(RowSource(block: series.rowBlobs.address(series.blocks[index].blob)))
    }
    blockCount = unsafe sources.count
    for batch in series.batches where batch.count > 0 && hours.contains(batch.hour) {
      unsafe sources.append(RowSource(batch))
    }
  }

  /// Blocks in order of hours, then batches.
  var count: Int { unsafe sources.count }
  @unsafe subscript(index: Int) -> RowSource { unsafe sources[index] }

  /// The first block that may have rows of an hour.
  func first(hour: Int) -> Int {
    var low = 0, high = blockCount
    while low < high {
      let middle = (low + high) / 2
      if unsafe sources[middle].hour < hour { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension Series {
  /// The first block of an hour or after it.
  func firstBlock(hour: Int) -> Int {
    var low = 0, high = blocks.count
    while low < high {
      let middle = (low + high) / 2
      if blocks[middle].hour < hour { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
