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

  /// Gives the copies' memory back; inside the gate.
  func end() {
    guard isFilled else { return }
    (isFilled, blockCount) = (false, 0)
    unsafe sources.removeAll(keepingCapacity: true)
    for copy in copies where copy.count > 0 { copy.removeAll() }
  }

  /// Blocks and copies with rows of the hours, blocks in their order.
  @inline(__always)
  func forEach(hours: ClosedRange<Int>, _ body: (RowSource) -> Void) {
    var low = 0, high = blockCount
    while low < high {
      let middle = (low + high) / 2
      if unsafe sources[middle].hour < hours.lowerBound { low = middle + 1 } else { high = middle }
    }
    while low < blockCount, unsafe sources[low].hour <= hours.upperBound {
      unsafe body(sources[low])
      low += 1
    }
    for index in blockCount..<(unsafe sources.count) where unsafe hours.contains(sources[index].hour) {
      unsafe body(sources[index])
    }
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
