/// What a query reads of closed and open buckets. The caller has folded all batches and holds the lock.
extension Series {
  func addTally(_ piece: Piece, people: Bool, bots: Bool, into sums: TallyAccumulator, wanting: TallyParts) {
    switch piece {
    case .minute(let number): addMinute(number, people, bots, sums, wanting)
    case .hour(let number):
      if let blob = hours.find(number) { addSpan(blob, people, bots, sums, wanting) }
      if hour.number == number { addOpen(hour, people, bots, sums, wanting) }
    case .day(let number):
      if let blob = days.find(number) { addSpan(blob, people, bots, sums, wanting) }
      if day.number == number { addOpen(day, people, bots, sums, wanting) }
      if hour.number >= 0, hour.number / 24 == number { addOpen(hour, people, bots, sums, wanting) }
    }
  }

  private func addMinute(_ number: Int, _ people: Bool, _ bots: Bool, _ sums: TallyAccumulator, _ wanting: TallyParts) {
    let wantsVisitors = wanting.contains(.visitors)
    if let blob = minutes.find(number) {
      var cursor = unsafe ByteCursor(minuteBlobs.address(blob), count: blob.count)
      unsafe sums.add(from: &cursor, people: people, bots: bots, wanting: wanting)
      if wantsVisitors {
        unsafe OpenVisitors.merge(from: &cursor, into: people ? sums.registers : nil)
        unsafe OpenVisitors.merge(from: &cursor, into: bots ? sums.registers : nil)
      }
    }
    guard minute.number == number else { return }
    minute.tally.add(to: sums, people: people, bots: bots, wanting: wanting)
    if wantsVisitors, people { unsafe minute.visitors[0].merge(into: sums.registers) }
    if wantsVisitors, bots { unsafe minute.visitors[1].merge(into: sums.registers) }
  }

  private func addSpan(_ blob: BlobRef, _ people: Bool, _ bots: Bool, _ sums: TallyAccumulator, _ wanting: TallyParts) {
    let span = unsafe SpanBlob(spanBlobs.address(blob), count: blob.count)
    var cursor = unsafe span.cursor(.tally)
    unsafe sums.add(from: &cursor, people: people, bots: bots, wanting: wanting)
    guard wanting.contains(.visitors) else { return }
    for (wanted, section) in [(people, SpanSection.people), (bots, .bots)] where wanted {
      let bytes = unsafe span.section(section)
      unsafe HyperLogLog.mergeFrozen(bytes.start, count: bytes.count, into: sums.registers, p: Limits.bucketPrecision)
    }
  }

  private func addOpen(_ span: OpenSpan, _ people: Bool, _ bots: Bool, _ sums: TallyAccumulator, _ wanting: TallyParts) {
    span.tally.add(to: sums, people: people, bots: bots, wanting: wanting)
    guard wanting.contains(.visitors) else { return }
    if people { unsafe span.visitors[0].merge(into: sums.registers) }
    if bots { unsafe span.visitors[1].merge(into: sums.registers) }
  }

  /// Adds the table of an hour or a day; minutes keep none.
  func addTable(_ piece: Piece, _ dimension: Dimension, people: Bool, bots: Bool, into table: TableAccumulator) {
    switch piece {
    case .minute: return
    case .hour(let number):
      if let blob = hours.find(number) { addTable(blob, dimension, people, bots, table) }
      if hour.number == number { addTable(hour, dimension, people, bots, table) }
    case .day(let number):
      if let blob = days.find(number) { addTable(blob, dimension, people, bots, table) }
      if day.number == number { addTable(day, dimension, people, bots, table) }
      if hour.number >= 0, hour.number / 24 == number { addTable(hour, dimension, people, bots, table) }
    }
  }

  private func addTable(_ blob: BlobRef, _ dimension: Dimension, _ people: Bool, _ bots: Bool, _ table: TableAccumulator) {
    let bytes = unsafe SpanBlob(spanBlobs.address(blob), count: blob.count).section(.table(dimension))
    unsafe TopTable.forEach(bytes.start, count: bytes.count) { key, cell, _ in
      table.add(cell, key: key, people: people, bots: bots)
    }
  }

  private func addTable(
    _ span: OpenSpan, _ dimension: Dimension, _ people: Bool, _ bots: Bool, _ table: TableAccumulator
  ) {
    let counter = span.counters[dimension.physical.rawValue]
    counter.forEach { key, cell in
      if dimension == .bot, key & 1 == 0 { return }
      table.add(cell, key: code(of: dimension, column: key >> 1) << 1 | key & 1, people: people, bots: bots)
    }
  }

  /// Adds the visitors of the values in `slots` (p = 10) on one day; a value with requests but no sketch is noted there.
  func addVisitors(day number: Int, _ dimension: Dimension, people: Bool, bots: Bool, into slots: ValueSlots) {
    if let blob = days.find(number) {
      let bytes = unsafe SpanBlob(spanBlobs.address(blob), count: blob.count).section(.table(dimension))
      unsafe TopTable.forEach(bytes.start, count: bytes.count) { key, cell, sketch in
        guard key & 1 == 1 ? bots : people, !cell.isEmpty, let registers = unsafe slots.registers(code: key >> 1) else {
          return
        }
        if let sketch {
          unsafe ValueSketches.mergeFrozen(bytes.start + sketch.lowerBound, count: sketch.count, into: registers)
        } else {
          slots.missed(code: key >> 1, requests: Int(cell.requests))
        }
      }
    }
    guard day.number == number else { return }
    let words = day.words[Int(dimension.rawValue)]
    // What did not get into a dictionary has no sketch of its own once closed, so it has none while open.
    for code in (dimension.hasOther ? 1 : 0)..<words.column.count / 2 {
      guard let registers = unsafe slots.registers(code: code) else { continue }
      for (wanted, word) in [(people, words.column[code * 2]), (bots, words.column[code * 2 + 1])] where wanted && word != 0 {
        unsafe day.sketches.merge(word, into: registers)
      }
    }
  }
}
