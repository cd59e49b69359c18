extension ValueAnswer {
  private var people: Bool { query.audience != .bots }
  private var bots: Bool { query.audience != .people }

  /// Sums a range by every value.
  func collect(_ range: Range<Int>) {
    guard isByRows else { return collectTables(range) }
    mapToCodes()
    scratch.groups.begin(count: series.codes(of: dimension), parts: needs.rows)
    scan.add(range, by: dimension.column, to: scratch.groups)
  }

  /// Sums a range by some values, in their order.
  func collect(_ range: Range<Int>, only chosen: [Int]) -> [TableAccumulator.Sums] {
    guard isByRows else {
      collectTables(range)
      return chosen.map { sums($0) }
    }
    var made: [TableAccumulator.Sums] = []
    for first in stride(from: 0, to: chosen.count, by: chunk) {
      let part = Array(chosen[first..<min(first + chunk, chosen.count)])
      mapToSlots(part)
      scratch.groups.begin(count: part.count + 1, parts: needs.rows)
      scan.add(range, by: dimension.column, to: scratch.groups)
      made += (1...part.count).map { scratch.groups[$0] }
    }
    return made
  }

  private func collectTables(_ range: Range<Int>) {
    let table = scratch.table, range = clipped(range), run = run(in: range) { $0.isTableTooLarge[Int(dimension.rawValue)] }
    table.clear()
    let known = run?.tables[Int(dimension.rawValue)]
    if let run, known == nil, scratch.closedDays.isPatient { return scratch.closedDays.miss(run, .table(dimension)) }
    if let run, let known {
      for index in known.codes.indices { table.add(known.sums[index], code: Int(known.codes[index])) }
      for day in series.openDays(run.key.days) {
        series.addOpenTable(.day(day), dimension, people: people, bots: bots, into: table)
      }
    }
    planner.cover.forEachPiece(range, except: known == nil ? nil : run?.key.days) {
      series.addTable($0, dimension, people: people, bots: bots, into: table)
    }
  }

  /// Closed days that are kept summed up.
  private func run(in range: Range<Int>, unless isTooMuch: (ClosedDays) -> Bool) -> ClosedDays? {
    guard let run = planner.closedDays(range, query.audience), !isTooMuch(run) else { return nil }
    return run
  }

  // MARK: Groups of rows

  /// Values measured in one pass over rows.
  private var chunk: Int { needs.quantiles ? QueryScratch.histogramSlots : ValueSlots.maxSlots }

  private func mapToCodes() {
    if isMappedToCodes { return }
    (isMappedToCodes, mappedSlots) = (true, nil)
    let map = unsafe scratch.groupByCode
    for code in 0..<series.codes(of: dimension.column) {
      unsafe map[code] = UInt16(truncatingIfNeeded: series.code(of: dimension, column: code))
    }
  }

  /// Also gives the values their empty sketches.
  private func mapToSlots(_ chosen: [Int]) {
    if mappedSlots == chosen { return scratch.slots.clear() }
    (isMappedToCodes, mappedSlots) = (false, chosen)
    scratch.slots.begin(chosen, precision: chosen.count <= 16 ? 14 : chosen.count <= 64 ? 12 : 10)
    let map = unsafe scratch.groupByCode
    for code in 0..<series.codes(of: dimension.column) {
      unsafe map[code] = scratch.slots.slotByCode[series.code(of: dimension, column: code)]
    }
  }

  /// Only days that can have events.
  private func clipped(_ range: Range<Int>) -> Range<Int> {
    let known = series.knownDays, start = max(range.lowerBound, known.lowerBound)
    return start..<max(start, min(range.upperBound, known.upperBound))
  }

  /// Values with requests of the audience.
  func codes() -> [Int] {
    if isByRows { return (0..<scratch.groups.count).filter { unsafe scratch.groups.requests[$0] != 0 } }
    return (0..<scratch.table.seenCount).map { scratch.table.code(at: $0) }.filter { sums($0).requests > 0 }
  }

  func sums(_ code: Int) -> TableAccumulator.Sums { unsafe !isByRows ? scratch.table.sums[code] : scratch.groups[code] }

  /// Adds visitors and percentiles of `range` to the sums of the chosen values, where asked for.
  func measure(
    _ chosen: [Int], _ sums: [TableAccumulator.Sums], _ range: Range<Int>, _ result: inout QueryResult,
    isRanking: Bool = false
  ) -> [Measured] {
    var made = sums.map { Measured($0) }
    guard needs.visitors || needs.quantiles && isByRows else { return made }
    for first in stride(from: 0, to: chosen.count, by: chunk) {
      let part = first..<min(first + chunk, chosen.count)
      if isByRows {
        measureByRows(Array(chosen[part]), range, scan, &made[part], &result)
      } else {
        measureByDays(Array(chosen[part]), range, &made[part], &result, isRanking: isRanking)
      }
    }
    return made
  }

  private func measureByDays(
    _ chosen: [Int], _ range: Range<Int>, _ made: inout ArraySlice<Measured>, _ result: inout QueryResult, isRanking: Bool
  ) {
    let slots = scratch.slots
    mappedSlots = nil
    slots.begin(chosen, precision: Limits.valuePrecision)
    addVisitors(chosen, clipped(range), slots)
    if scratch.closedDays.isMissing { return }
    let isOther = { (code: Int) in code == 0 && self.dimension.hasOther }
    var error = HyperLogLog.relativeError(p: Limits.valuePrecision)
    for (slot, code) in chosen.enumerated() where !isOther(code) {
      let requests = made[made.startIndex + slot].sums.requests
      if slots.unseenRequests[slot] > 0, requests > 0 {
        error = max(error, Double(slots.unseenRequests[slot]) / Double(requests))
      }
    }
    let isPartial = error > HyperLogLog.relativeError(p: Limits.valuePrecision)
    // To put values in order, what the days know is enough; reading rows for all of the tail is not.
    if isPartial, !isRanking, query.from >= planner.rowsFrom {
      return measureByRows(chosen, range, visitorScan, &made, &result)
    }
    for (slot, code) in chosen.enumerated() where !isOther(code) {
      made[made.startIndex + slot].visitors = slots.visitors(slot: slot)
    }
    result.visitorsError = max(result.visitorsError ?? 0, error)
  }

  private func addVisitors(_ chosen: [Int], _ range: Range<Int>, _ slots: ValueSlots) {
    let run = run(in: range) { _ in chosen.count > ClosedDays.sketchLimit }
    var isKnown = run != nil
    if let run {
      let unknown = chosen.filter { !run.addVisitors(dimension, code: $0, into: slots) }
      if !unknown.isEmpty, scratch.closedDays.isPatient {
        return scratch.closedDays.miss(run, .sketches(dimension, unknown))
      }
      if !unknown.isEmpty {
        slots.clear()
        isKnown = false
      }
    }
    if isKnown, let run {
      for day in series.openDays(run.key.days) {
        series.addOpenVisitors(day: day, dimension, people: people, bots: bots, into: slots)
      }
    }
    planner.cover.forEachPiece(range, except: isKnown ? run?.key.days : nil) { piece in
      guard case .day(let day) = piece else { return }
      series.addVisitors(day: day, dimension, people: people, bots: bots, into: slots)
    }
  }

  /// Visitors, and percentiles where asked for, of the chosen values from rows.
  private func measureByRows(
    _ chosen: [Int], _ range: Range<Int>, _ scan: RowScan, _ made: inout ArraySlice<Measured>, _ result: inout QueryResult
  ) {
    mapToSlots(chosen)
    let wantsQuantiles = needs.quantiles && isByRows
    let histograms = unsafe wantsQuantiles ? scratch.beginHistograms(chosen.count) : nil
    unsafe scan.add(range, by: dimension.column, to: scratch.slots, histograms: histograms)
    for slot in chosen.indices {
      let at = made.startIndex + slot
      if needs.visitors { made[at].visitors = scratch.slots.visitors(slot: slot) }
      if let histogram = unsafe histograms.map({ unsafe $0 + slot * LatencyHistogram.count }) {
        made[at].p50 = unsafe LatencyHistogram.quantile(histogram, 0.5)
        made[at].p95 = unsafe LatencyHistogram.quantile(histogram, 0.95)
        made[at].p99 = unsafe LatencyHistogram.quantile(histogram, 0.99)
      }
    }
    if needs.visitors {
      result.visitorsError = max(result.visitorsError ?? 0, HyperLogLog.relativeError(p: scratch.slots.precision))
    }
  }
}
