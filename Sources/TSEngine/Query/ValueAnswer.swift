/// One question grouped by a dimension: sums of all values from tables or rows, the largest of them chosen, and what is
/// dear (visitors, percentiles) for the chosen ones only.
@safe
final class ValueAnswer {
  let query: Query
  let dimension: Dimension
  let planner: Planner
  let needs: MetricNeeds
  /// Whether rows answer, not tables.
  let isByRows: Bool
  /// Made after the totals, whose own scan would take its place in the scratch.
  lazy var scan = RowScan(
    query.filters, having: dimension, audience: query.audience, parts: needs.rows, isLong: true, series, scratch)
  /// Between edges that the source can answer.
  let range: Range<Int>
  /// What `scratch.groupByCode` says at present: codes of the dimension, or the place among these values + 1.
  var mappedSlots: [Int]?
  var isMappedToCodes = false
  /// Reads rows for visitors that tables do not know.
  lazy var visitorScan = RowScan(
    query.filters, having: dimension, audience: query.audience, parts: .visitors, isLong: true, series, scratch)
  var series: Series { planner.series }
  var scratch: QueryScratch { planner.scratch }

  init(_ query: Query, _ dimension: Dimension, _ planner: Planner) throws(QueryError) {
    (self.query, self.dimension, self.planner, needs) = (query, dimension, planner, MetricNeeds(query))
    let asked = query.from..<query.to
    let rowsCover = asked.lowerBound >= planner.rowsFrom
    let tables = try Self.tableRange(query, needs, planner)
    if !query.filters.isEmpty || rowsCover && (needs.quantiles || !tables.isExact) {
      let from = max(floorDivide(asked.lowerBound, 60) * 60, planner.rowsFrom)
      range = from..<max(from, floorDivide(asked.upperBound + 59, 60) * 60)
      isByRows = true
    } else {
      (range, isByRows) = (tables.range, false)
    }
  }

  /// What tables would answer: whole hours, whole days for visitors; the present is a whole end.
  private static func tableRange(
    _ query: Query, _ needs: MetricNeeds, _ planner: Planner
  ) throws(QueryError) -> (range: Range<Int>, isExact: Bool) {
    func before(_ second: Int) -> Int {
      needs.visitors ? floorDivide(second, 86_400) * 86_400 : planner.cover.hourEdge(before: second)
    }
    func after(_ second: Int) -> Int {
      needs.visitors ? floorDivide(second + 86_399, 86_400) * 86_400 : planner.cover.hourEdge(after: second)
    }
    let isOpen = isOpen(query, planner)
    let end = isOpen ? floorDivide(query.to + 86_399, 86_400) * 86_400 : after(query.to), start = before(query.from)
    let buckets = try Buckets(query.from..<query.to, step: query.step, zone: query.timeZone)
    let isExact =
      start == query.from && (isOpen || end == query.to)
      && (1..<max(1, buckets.count)).allSatisfy { before(buckets.seconds($0).lowerBound) == buckets.seconds($0).lowerBound }
    return (start..<end, isExact)
  }

  /// Whether a question goes up to the present. A page says "now" by its own clock, and a second passes on the way.
  private static func isOpen(_ query: Query, _ planner: Planner) -> Bool { query.to + 5 >= planner.now }

  // MARK: Answer

  func run() throws(QueryError) -> QueryResult {
    var result = begin()
    // Buckets before rows: these are read without the gate, and buckets have grown when that is over.
    let buckets = bucketTotals()
    if isByRows, scratch.closedDays.isMissing { return result }
    collect(range)
    if scratch.closedDays.isMissing { return result }
    let chosen = choose()
    if query.step == .all {
      let measured = measure(chosen, chosen.map { sums($0) }, range, &result)
      result.rows = zip(chosen, measured).map { code, measured in
        .init(time: nil, label: series.label(dimension, code), values: planner.values(query.metrics, measured))
      }
    } else {
      try addBuckets(chosen, &result)
    }
    result.totals = buckets ?? rowTotals()
    return result
  }

  private func begin() -> QueryResult {
    var result = QueryResult()
    let isWhole = range.upperBound == query.to || Self.isOpen(query, planner)
    let isAsAsked = isByRows || range.lowerBound == query.from && isWhole
    (result.from, result.to) = isAsAsked ? (query.from, query.to) : (range.lowerBound, range.upperBound)
    result.coverage =
      isByRows
      ? (max(query.from, planner.rowsFrom), .rows) : (max(range.lowerBound, planner.daysFrom), .tables)
    // The totals' own; values raise it by that of their smaller sketches.
    if query.metrics.contains(.visitors) { result.visitorsError = HyperLogLog.relativeError(p: Limits.bucketPrecision) }
    if isByRows, query.metrics.contains(.bytes) { result.bytesError = RowBlock.bytesError }
    return result
  }

  /// The values with the largest sums, or as the query orders them.
  private func choose() -> [Int] {
    var candidates = codes().map { (code: $0, value: Measured(sums($0)).value(needs.order)) }
    switch needs.order {
    case .visitors, .durationP50, .durationP95, .durationP99:
      // These are known of few values at a time: of those with the most (least) requests, which bound them.
      let few = TopValues.choose(
        codes().map { ($0, Double(sums($0).requests)) },
        limit: max(!isByRows ? 2 * Limits.dayVisitorValues : ValueSlots.maxSlots, 2 * query.limit),
        ascending: query.ascending, series, dimension)
      var ignored = QueryResult()
      let ranked = measure(few, few.map { sums($0) }, range, &ignored, isRanking: true)
      candidates = zip(few, ranked).map { ($0, $1.value(needs.order)) }
    default: break
    }
    return TopValues.choose(candidates, limit: query.limit, ascending: query.ascending, series, dimension)
  }

  /// Every value in every bucket that has it, the largest value first.
  private func addBuckets(_ chosen: [Int], _ result: inout QueryResult) throws(QueryError) {
    let asked = max(query.from, range.lowerBound)..<max(query.from, range.lowerBound, min(query.to, range.upperBound))
    let buckets = try Buckets(!isByRows ? range : asked, step: query.step, zone: query.timeZone)
    guard buckets.count * chosen.count <= Buckets.limit else {
      throw .range("cannot answer: got \(buckets.count) buckets of \(chosen.count) values, want at most \(Buckets.limit) rows")
    }
    let labels = chosen.map { series.label(dimension, $0) }
    var byValue: [[QueryResult.Row]] = Array(repeating: [], count: chosen.count)
    var start = range.lowerBound
    for index in 0..<buckets.count {
      let next = buckets.seconds(index).upperBound
      let end = index + 1 == buckets.count ? range.upperBound : max(start, edge(next))
      if start < end {
        let sums = collect(start..<end, only: chosen)
        for (rank, measured) in measure(chosen, sums, start..<end, &result).enumerated() where measured.sums.requests > 0 {
          byValue[rank].append(
            .init(time: buckets.time(index), label: labels[rank], values: planner.values(query.metrics, measured)))
        }
      }
      start = end
    }
    result.rows = byValue.flatMap { $0 }
  }

  private func edge(_ second: Int) -> Int {
    if isByRows { return floorDivide(second + 59, 60) * 60 }
    return needs.visitors ? floorDivide(second + 86_399, 86_400) * 86_400 : planner.cover.hourEdge(after: second)
  }

  // MARK: Totals, of everything, whatever the values: a table's rows and `~other` add up to them.

  /// Without filters buckets know them, where they have the same edges.
  private func bucketTotals() -> [Double?]? {
    if !query.filters.isEmpty { return nil }
    var plain = query
    (plain.by, plain.from, plain.to) = (nil, range.lowerBound, max(range.upperBound, range.lowerBound))
    let reader = RangeReader(plain, needs, planner), tally = scratch.total
    guard reader.widened(range) == range else { return nil }
    tally.clear()
    reader.add(range, to: tally)
    return planner.values(query.metrics, tally.measured(needs, visitors: reader.visitors(tally)))
  }

  private func rowTotals() -> [Double?] {
    let tally = scratch.total
    tally.clear()
    RowScan(query.filters, having: nil, audience: query.audience, parts: needs.rows, isLong: true, series, scratch)
      .add(range, to: tally)
    return planner.values(query.metrics, tally.measured(needs, visitors: needs.visitors ? tally.visitors : nil))
  }
}
