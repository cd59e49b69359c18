/// What a query reads of closed and open buckets. The caller has folded the series' batches and is inside the gate.
extension Series {
  @unsafe func closed(_ piece: Piece) -> SpanBlob? {
    let blob: BlobRef?
    switch piece {
    case .minute: return nil
    case .hour(let number): blob = hours.find(number)
    case .day(let number): blob = days.find(number)
    }
    return unsafe blob.map { unsafe SpanBlob(spanBlobs.address($0), count: $0.count) }
  }

  // MARK: Tallies

  func addTally(_ piece: Piece, people: Bool, bots: Bool, into sums: TallyAccumulator, wanting: TallyParts) {
    if case .minute(let number) = piece { return addMinute(number, people, bots, sums, wanting) }
    unsafe closed(piece)?.add(to: sums, people: people, bots: bots, wanting: wanting)
    addOpenTally(piece, people: people, bots: bots, into: sums, wanting: wanting)
  }

  /// The part of an hour or day that is not closed yet.
  func addOpenTally(_ piece: Piece, people: Bool, bots: Bool, into sums: TallyAccumulator, wanting: TallyParts) {
    forEachOpen(piece) { span in
      span.tally.add(to: sums, people: people, bots: bots, wanting: wanting)
      guard wanting.contains(.visitors) else { return }
      if people { unsafe span.visitors[0].merge(into: sums.registers) }
      if bots { unsafe span.visitors[1].merge(into: sums.registers) }
    }
  }

  /// What is open of an hour or day: a day's newest hour is handed to it when that closes.
  /// Which of some days are open: those of the open day and the open hour, which follow each other at midnight.
  func openDays(_ days: Range<Int>) -> [Int] {
    let first = day.number, second = hour.number < 0 ? -1 : hour.number / 24
    return (first == second ? [first] : [first, second]).filter { $0 >= 0 && days.contains($0) }
  }

  @inline(__always) private func forEachOpen(_ piece: Piece, _ body: (OpenSpan) -> Void) {
    switch piece {
    case .minute: return
    case .hour(let number): if hour.number == number { body(hour) }
    case .day(let number):
      if day.number == number { body(day) }
      if hour.number >= 0, hour.number / 24 == number { body(hour) }
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

  // MARK: Tables

  /// Adds the table of an hour or a day; minutes keep none.
  func addTable(_ piece: Piece, _ dimension: Dimension, people: Bool, bots: Bool, into table: TableAccumulator) {
    unsafe closed(piece)?.addTable(dimension, people: people, bots: bots, into: table)
    addOpenTable(piece, dimension, people: people, bots: bots, into: table)
  }

  func addOpenTable(_ piece: Piece, _ dimension: Dimension, people: Bool, bots: Bool, into table: TableAccumulator) {
    forEachOpen(piece) { span in
      span.counters[dimension.physical.rawValue].forEach { key, cell in
        if dimension == .bot, key & 1 == 0 { return }
        table.add(cell, key: code(of: dimension, column: key >> 1) << 1 | key & 1, people: people, bots: bots)
      }
    }
  }

  /// Adds the visitors of the values in `slots` (p = 10) on one day; a value with requests but no sketch is noted there.
  func addVisitors(day number: Int, _ dimension: Dimension, people: Bool, bots: Bool, into slots: ValueSlots) {
    unsafe closed(.day(number))?.addVisitors(dimension, people: people, bots: bots, into: slots)
    addOpenVisitors(day: number, dimension, people: people, bots: bots, into: slots)
  }

  func addOpenVisitors(day number: Int, _ dimension: Dimension, people: Bool, bots: Bool, into slots: ValueSlots) {
    guard day.number == number else { return }
    let words = day.words[Int(dimension.rawValue)]
    for code in slots.codes {
      // What did not get into a dictionary has no sketch of its own once closed, so it has none while open.
      guard code > 0 || !dimension.hasOther, let registers = unsafe slots.registers(code: code) else { continue }
      for (wanted, word) in [(people, words.column[code * 2]), (bots, words.column[code * 2 + 1])] where wanted && word != 0 {
        unsafe day.sketches.merge(word, into: registers)
      }
    }
  }
}
