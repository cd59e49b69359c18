import Testing

@testable import TSEngine

@Suite struct OpenBatchTests {
  private func row(_ minute: Int, _ number: Int) -> OpenBatch.Row {
    let n = UInt32(truncatingIfNeeded: number)
    return OpenBatch.Row(
      minute: UInt8(minute), token: n, path: n &* 3, agent: UInt16(truncatingIfNeeded: n &* 5), referrer: n &* 7,
      host: UInt16(truncatingIfNeeded: n &* 11), campaign: UInt16(truncatingIfNeeded: n &* 13),
      country: UInt8(truncatingIfNeeded: n &* 17), status: UInt16(truncatingIfNeeded: n &* 19),
      verb: UInt8(truncatingIfNeeded: n &* 23), bytes: n &* 29, duration: n &* 31)
  }

  @Test func `rows come back as they were appended, up to the capacity`() {
    let pool = PagePool(limitBytes: 8 << 20)
    let batch = OpenBatch(hour: 7, pool: pool)
    #expect(pool.usedPages == 0)
    for number in 0..<OpenBatch.capacity { batch.append(row(number % 60, number)) }
    #expect(batch.isFull && batch.count == 8_192)
    for number in 0..<OpenBatch.capacity { #expect(batch[number] == row(number % 60, number)) }
    let small = 12  // pages that columns shared while they were small
    #expect(pool.usedPages <= 8_192 * 31 / PagePool.pageBytes + small)
    batch.removeAll()
    #expect(batch.count == 0 && pool.usedPages <= small)
  }

  @Test(arguments: [0, 1, 2, 500, 2_047])
  func `sorting by minute is stable, moves whole rows and leaves the counted ones`(folded: Int) {
    var random = SplitMix(seed: 42 + UInt64(folded))
    let batch = OpenBatch(hour: 0, pool: PagePool(limitBytes: 8 << 20))
    var model: [OpenBatch.Row] = []
    for number in 0..<2_048 {
      let made = row(Int.random(in: 0..<60, using: &random), number)
      batch.append(made)
      model.append(made)
    }
    batch.folded = folded
    batch.sortByMinute(from: folded)
    let tail = model[folded...].enumerated().sorted { ($0.element.minute, $0.offset) < ($1.element.minute, $1.offset) }
    let want = model[..<folded] + tail.map(\.element)
    #expect((0..<2_048).map { batch[$0] } == Array(want))
  }
}
