/// Sums any range into a tally, from whatever answers it: buckets, rows, or the tables of one dimension.
@safe
final class RangeReader {
  let source: QueryResult.Source
  /// The first second this source knows about.
  let knownFrom: Int
  private let planner: Planner
  private let series: Series
  private let scratch: QueryScratch
  private let cover: Cover
  private let needs: MetricNeeds
  private let audience: Audience
  private let scan: RowScan?
  private let tableFilter: Filter?
  private(set) var tableCodes: [Int] = []
  private let rowsFrom: Int
  /// Rows of the audience, for visitors that are few.
  private lazy var visitorScan = RowScan(
    [], having: nil, audience: audience, parts: .visitors, isLong: false, series, scratch)
  /// A range is read again from rows when it has no more visitors and requests than these: about 0.1 ms.
  private static let fewVisitors = 1_200.0, fewRequests = 16_384

  /// From buckets when there is no filter, else from rows.
  init(_ query: Query, _ needs: MetricNeeds, _ planner: Planner) {
    self.planner = planner
    (series, scratch, cover) = (planner.series, planner.scratch, planner.cover)
    (self.needs, audience) = (needs, query.audience)
    rowsFrom = planner.rowsFrom
    let isAnsweredByTables = Self.canUseTables(query, needs) && query.from < rowsFrom
    if query.filters.isEmpty {
      (source, knownFrom, scan, tableFilter) = (.buckets, planner.daysFrom, nil, nil)
    } else if isAnsweredByTables {
      (source, knownFrom, scan, tableFilter) = (.tables, planner.daysFrom, nil, query.filters[0])
      tableCodes = query.filters[0].values.flatMap { series.codes(query.filters[0].dimension, labelled: $0) }
      tableCodes = Array(Set(tableCodes)).sorted()
    } else {
      scan = RowScan(
        query.filters, having: nil, audience: query.audience, parts: needs.rows, isLong: true, planner.series,
        planner.scratch)
      (source, knownFrom, tableFilter) = (.rows, rowsFrom, nil)
    }
  }

  /// One exact condition, in whole hours: tables know it where rows do not reach.
  private static func canUseTables(_ query: Query, _ needs: MetricNeeds) -> Bool {
    query.filters.count == 1 && query.filters[0].op == .is && query.filters[0].values.count <= ValueSlots.maxSlots
      && !needs.quantiles && query.by == nil && query.step != .minute && (query.step != .hour || !needs.visitors)
  }

  // MARK: Edges

  /// The last possible edge at or before `second`.
  func edge(before second: Int) -> Int {
    switch source {
    case .buckets: cover.edge(before: second)
    case .tables: needs.visitors ? floorDivide(second, 86_400) * 86_400 : cover.hourEdge(before: second)
    case .rows: floorDivide(second, 60) * 60
    }
  }
  /// The first possible edge at or after `second`.
  func edge(after second: Int) -> Int {
    switch source {
    case .buckets: cover.edge(after: second)
    case .tables: needs.visitors ? floorDivide(second + 86_399, 86_400) * 86_400 : cover.hourEdge(after: second)
    case .rows: floorDivide(second + 59, 60) * 60
    }
  }
  func edge(near second: Int) -> Int {
    let before = edge(before: second), after = edge(after: second)
    return second - before < after - second ? before : after
  }
  /// The range with edges this source can answer.
  func widened(_ range: Range<Int>) -> Range<Int> {
    let start = edge(before: range.lowerBound)
    return start..<max(start, edge(after: range.upperBound))
  }

  /// Adds a range between possible edges.
  func add(_ range: Range<Int>, to sums: TallyAccumulator) {
    let days = series.knownDays, start = max(range.lowerBound, days.lowerBound, knownFrom)
    let known = start..<max(start, min(range.upperBound, days.upperBound))
    if known.isEmpty { return }
    if let scan { return scan.add(known, to: sums) }
    note(known, in: sums)
    let people = audience != .bots, bots = audience != .people
    guard let tableFilter else {
      return addBuckets(known, people, bots, sums)
    }
    addTables(known, tableFilter.dimension, people, bots, sums)
  }

  private func addBuckets(_ range: Range<Int>, _ people: Bool, _ bots: Bool, _ sums: TallyAccumulator) {
    let run = planner.closedDays(range, audience)
    if let run, run.tally == nil, scratch.closedDays.isPatient { return scratch.closedDays.miss(run, .tally) }
    if let run, let tally = run.tally {
      sums.addClosed(tally, needs.tally)
      for day in series.openDays(run.key.days) {
        series.addOpenTally(.day(day), people: people, bots: bots, into: sums, wanting: needs.tally)
      }
    }
    cover.forEachPiece(range, except: run?.tally == nil ? nil : run?.key.days) {
      series.addTally($0, people: people, bots: bots, into: sums, wanting: needs.tally)
    }
  }

  private func addTables(_ range: Range<Int>, _ dimension: Dimension, _ people: Bool, _ bots: Bool, _ sums: TallyAccumulator) {
    scratch.table.clear()
    scratch.slots.begin(tableCodes, precision: Limits.valuePrecision)
    cover.forEachPiece(range) { piece in
      series.addTable(piece, dimension, people: people, bots: bots, into: scratch.table)
      if needs.visitors, case .day(let day) = piece {
        series.addVisitors(day: day, dimension, people: people, bots: bots, into: scratch.slots)
      }
    }
    for code in tableCodes { unsafe sums.add(scratch.table.sums[code]) }
  }

  /// Visitors of what was added last, when asked for.
  func visitors(_ sums: TallyAccumulator) -> Double? {
    guard needs.visitors else { return nil }
    if source == .buckets { countFew(sums) }
    guard source == .tables else { return sums.visitors }
    guard !tableCodes.isEmpty, sums.requests > 0 else { return 0 }
    for slot in 1..<max(1, scratch.slots.count) {
      unsafe HyperLogLog.merge(
        scratch.slots.registers(slot: slot), into: scratch.slots.registers(slot: 0), p: Limits.valuePrecision)
    }
    return scratch.slots.visitors(slot: 0)
  }

  /// Remembers what `sums` is about.
  private func note(_ range: Range<Int>, in sums: TallyAccumulator) {
    if let last = sums.ranges.last, last.upperBound == range.lowerBound {
      sums.ranges[sums.ranges.count - 1] = last.lowerBound..<range.upperBound
    } else {
      sums.ranges.append(range)
    }
  }

  /// Few visitors are counted from rows, exactly; registers, which closed hours and days keep, would miss one in 200.
  private func countFew(_ sums: TallyAccumulator) {
    guard !sums.tokens.isComplete, 1...Self.fewRequests ~= sums.requests, (sums.ranges.first?.lowerBound ?? 0) >= rowsFrom,
      sums.visitors <= Self.fewVisitors
    else { return }
    sums.tokens.begin()
    for range in sums.ranges { visitorScan.addVisitors(range, to: sums.tokens) }
  }

  /// Relative standard error of visitors.
  var visitorsError: Double { HyperLogLog.relativeError(p: source == .tables ? Limits.valuePrecision : Limits.bucketPrecision) }
}

extension ValueSlots {
  func visitors(slot: Int) -> Double { unsafe HyperLogLog.estimate(registers(slot: slot), p: precision) }
}

extension Series {
  /// Whole days that can have events: nothing before or after them needs looking at.
  var knownDays: Range<Int> {
    guard firstSecond <= lastSecond else { return 0..<0 }
    return firstSecond / 86_400 * 86_400..<(lastSecond / 86_400 + 1) * 86_400
  }
}
