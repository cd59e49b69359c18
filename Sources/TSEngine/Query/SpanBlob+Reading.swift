/// What a query reads of a closed hour or day. The bytes never change; whoever has pinned the pool needs no lock.
extension SpanBlob {
  func add(to sums: TallyAccumulator, people: Bool, bots: Bool, wanting: TallyParts) {
    var cursor = unsafe cursor(.tally)
    unsafe sums.add(from: &cursor, people: people, bots: bots, wanting: wanting)
    guard wanting.contains(.visitors) else { return }
    for (wanted, section) in [(people, SpanSection.people), (bots, .bots)] where wanted {
      let bytes = unsafe self.section(section)
      unsafe HyperLogLog.mergeFrozen(bytes.start, count: bytes.count, into: sums.registers, p: Limits.bucketPrecision)
    }
  }

  func addTable(_ dimension: Dimension, people: Bool, bots: Bool, into table: TableAccumulator) {
    let bytes = unsafe section(.table(dimension))
    unsafe TopTable.forEach(bytes.start, count: bytes.count) { key, cell, _ in
      table.add(cell, key: key, people: people, bots: bots)
    }
  }

  /// Adds the visitors of the values in `slots` (p = 10); a value with requests but no sketch is noted there.
  func addVisitors(_ dimension: Dimension, people: Bool, bots: Bool, into slots: ValueSlots) {
    let bytes = unsafe section(.table(dimension))
    unsafe TopTable.forEach(bytes.start, count: bytes.count) { key, cell, sketch in
      guard key & 1 == 1 ? bots : people, !cell.isEmpty, let registers = unsafe slots.registers(code: key >> 1) else { return }
      if let sketch {
        unsafe ValueSketches.mergeFrozen(bytes.start + sketch.lowerBound, count: sketch.count, into: registers)
      } else {
        slots.missed(code: key >> 1, requests: Int(cell.requests))
      }
    }
  }
}
