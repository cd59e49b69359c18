/// Answers questions about one series: picks buckets, tables or rows, whichever knows it, and says which it was.
///
/// ```
///  no grouping   no filter → buckets      filter → rows       one exact condition older than rows → tables
///  grouping      whole hours (and whole days for visitors) → tables      else rows      older than rows → tables, widened
/// ```
/// The caller is in the engine's lane and gate and has folded the series' batches. Scans of rows and sums of closed days leave
/// the gate for a while; everything open that a question needs is read in one stay inside.
struct Planner {
  let series: Series
  let scratch: QueryScratch
  let now: Int  // Unix seconds
  let cover: Cover
  /// Unix seconds from which rows, and days, are complete.
  let rowsFrom: Int, daysFrom: Int

  init(_ series: Series, now: Int, _ scratch: QueryScratch) {
    (self.series, self.now, self.scratch) = (series, now, scratch)
    cover = Cover(minutesFrom: series.minutesFrom, hoursFrom: series.hoursFrom)
    (rowsFrom, daysFrom) = (series.rowsFrom * 3_600, series.daysFrom * 86_400)
  }

  /// - Throws: `range` when it is empty or has more buckets than an answer may.
  func run(_ query: Query) throws(QueryError) -> QueryResult {
    guard query.from < query.to else {
      throw .range("cannot answer: got from \(query.from) to \(query.to), want a later end")
    }
    var query = query
    query.from = min(max(query.from, 0), Calendar.seconds.upperBound - 86_400)
    query.to = min(max(query.to, query.from + 1), Calendar.seconds.upperBound)
    query.limit = min(max(query.limit, 0), 10_000)
    let cache = scratch.closedDays
    defer { cache.isPatient = false }
    for attempt in 0..<4 {
      // What closed days lack is filled in without the gate; should they change every time, the last attempt reads on its own.
      cache.isPatient = attempt < 3
      scratch.rows.begin(query.from..<query.to)
      let result = try Planner(series, now: now, scratch).answer(query)
      let missing = cache.takeMissing()
      if missing.isEmpty { return result }
      fill(missing)
    }
    fatalError("BUG: an answer still lacks closed days after four attempts")
  }

  private func answer(_ query: Query) throws(QueryError) -> QueryResult {
    switch query.by {
    case nil: return try byTime(query)
    case .hourOfWeek?: return try byHourOfWeek(query)
    case .dimension(let dimension)?: return try ValueAnswer(query, dimension, self).run()
    }
  }

  // MARK: Closed days

  /// The run of closed days inside a range; nil when it is short. The newest day is left out, since it is seldom closed.
  func closedDays(_ range: Range<Int>, _ audience: Audience) -> ClosedDays? {
    let low = floorDivide(range.lowerBound + 86_399, 86_400)
    let high = min(floorDivide(range.upperBound, 86_400), series.knownDays.upperBound / 86_400 - 1)
    guard high - low >= ClosedDays.shortest else { return nil }
    return scratch.closedDays.run(
      ClosedDays.Key(service: series.id, audience: audience, days: low..<high, changes: series.days.changes))
  }

  /// Sums up what an answer has missed, without the gate.
  private func fill(_ missing: [(run: ClosedDays, part: ClosedDaysCache.Missing)]) {
    scratch.pin(series.pool)
    let blobs = unsafe missing.map { one in unsafe one.run.key.days.compactMap { unsafe series.closed(.day($0)) } }
    scratch.withoutGate {
      for (index, one) in missing.enumerated() { unsafe one.run.fill(one.part, from: blobs[index], scratch) }
    }
  }

  /// What every answer says of itself.
  func begin(_ query: Query, _ range: Range<Int>, _ reader: RangeReader) -> QueryResult {
    var result = QueryResult()
    (result.from, result.to) = (range.lowerBound, range.upperBound)
    result.coverage = (max(range.lowerBound, reader.knownFrom), reader.source)
    if query.metrics.contains(.visitors) { result.visitorsError = reader.visitorsError }
    if reader.source == .rows, query.metrics.contains(.bytes) { result.bytesError = RowBlock.bytesError }
    return result
  }

  /// The range as asked where it can be answered, else widened.
  func answered(_ query: Query, _ reader: RangeReader) -> Range<Int> {
    let range = query.from..<query.to, widened = whole(query, reader, range)
    // Seconds inside the first or last minute are not told apart; saying so would only confuse.
    let isSame =
      floorDivide(range.lowerBound, 60) * 60 == widened.lowerBound
      && (floorDivide(range.upperBound + 59, 60) * 60 == widened.upperBound || range.upperBound >= now)
    return isSame ? range : widened
  }

  /// The range between possible edges: outward, or to the nearest ones where days of a zone are made of UTC's.
  private func whole(_ query: Query, _ reader: RangeReader, _ range: Range<Int>) -> Range<Int> {
    guard isByLocalDays(query) else { return reader.widened(range) }
    let start = reader.edge(near: range.lowerBound)
    return
      start..<max(start, range.upperBound >= now ? reader.edge(after: range.upperBound) : reader.edge(near: range.upperBound))
  }
  private func isByLocalDays(_ query: Query) -> Bool {
    query.timeZone != nil && (query.step == .day || query.step == .week || query.step == .month)
  }

  func values(_ metrics: [Metric], _ measured: Measured) -> [Double?] { metrics.map { measured.value($0) } }

  // MARK: Without a grouping

  private func byTime(_ query: Query) throws(QueryError) -> QueryResult {
    let needs = MetricNeeds(query), reader = RangeReader(query, needs, self)
    let range = answered(query, reader), buckets = try Buckets(range, step: query.step, zone: query.timeZone)
    var result = begin(query, range, reader)
    result.rows.reserveCapacity(buckets.count)
    let tally = scratch.tally, total = scratch.total, whole = whole(query, reader, range)
    total.clear()
    var start = whole.lowerBound
    for index in 0..<buckets.count {
      // A coarse bucket that stands for many fine ones is shown at its beginning.
      let next = buckets.seconds(index).upperBound
      let edge = isByLocalDays(query) ? reader.edge(near: next) : reader.edge(after: next)
      let end = index + 1 == buckets.count ? whole.upperBound : min(max(start, edge), whole.upperBound)
      tally.clear()
      reader.add(start..<end, to: tally)
      let measured = tally.measured(needs, visitors: reader.visitors(tally))
      result.rows.append(.init(time: buckets.time(index), label: nil, values: values(query.metrics, measured)))
      if reader.source == .rows, buckets.count > 1, tally.hasRequests { total.add(tally, needs.tally) }
      if buckets.count == 1 { result.totals = result.rows[0].values }
      start = end
    }
    if buckets.count != 1 {
      if reader.source != .rows { reader.add(whole, to: total) }
      result.totals = values(query.metrics, total.measured(needs, visitors: reader.visitors(total)))
    }
    return result
  }

  // MARK: By hour of the week

  private func byHourOfWeek(_ query: Query) throws(QueryError) -> QueryResult {
    var query = query
    query.by = nil  // the reader's own rule is the same as without a grouping
    query.from = max(query.from, query.filters.isEmpty ? cover.hoursKeptFrom : rowsFrom)
    query.to = max(query.to, query.from)
    let needs = MetricNeeds(query), reader = RangeReader(query, needs, self)
    let range = answered(query, reader), buckets = try Buckets(range, step: query.step, zone: query.timeZone)
    var result = begin(query, range, reader)
    scratch.total.clear()
    for index in 0..<buckets.count {
      let rows = hoursOfWeek(query, needs, reader, buckets.seconds(index))
      guard result.rows.count + rows.count <= Buckets.limit else {
        throw .range("cannot answer: got more than \(Buckets.limit) rows, want fewer buckets")
      }
      result.rows += rows.map {
        .init(time: buckets.time(index), label: String($0.hour), values: values(query.metrics, $0.measured))
      }
    }
    if reader.source != .rows { reader.add(reader.widened(range), to: scratch.total) }
    result.totals = values(query.metrics, scratch.total.measured(needs, visitors: reader.visitors(scratch.total)))
    return result
  }

  /// The hours of the week that have requests, in their order unless another is asked for.
  private func hoursOfWeek(
    _ query: Query, _ needs: MetricNeeds, _ reader: RangeReader, _ range: Range<Int>
  ) -> [(hour: Int, measured: Measured)] {
    var parts: [[Range<Int>]] = Array(repeating: [], count: 168)
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(Buckets.nextHour(after: Buckets.startOfHour(at: start, query.timeZone), query.timeZone), range.upperBound)
      parts[Calendar.hourOfWeek(at: start, in: query.timeZone)].append(start..<end)
      start = end
    }
    var made: [(hour: Int, measured: Measured)] = []
    for (hour, ranges) in parts.enumerated() where !ranges.isEmpty {
      scratch.tally.clear()
      for part in ranges {
        let end =
          part.upperBound == range.upperBound
          ? reader.widened(part).upperBound : reader.edge(before: part.upperBound)
        let start = reader.edge(before: part.lowerBound)
        if start < end { reader.add(start..<end, to: scratch.tally) }
      }
      // The other audience alone is no row, but belongs to the totals' share of bots.
      if reader.source == .rows, scratch.tally.hasRequests { scratch.total.add(scratch.tally, needs.tally) }
      if scratch.tally.requests == 0 { continue }
      made.append((hour, scratch.tally.measured(needs, visitors: reader.visitors(scratch.tally))))
    }
    guard let order = query.orderBy else { return made }
    made.sort { Self.precedes($0.measured.value(order), $1.measured.value(order), query.ascending) ?? ($0.hour < $1.hour) }
    return Array(made.prefix(query.limit))
  }

  /// The order of two values, none last; nil when they are equal.
  static func precedes(_ a: Double?, _ b: Double?, _ ascending: Bool) -> Bool? {
    guard let a else { return b == nil ? nil : false }
    guard let b else { return true }
    return a == b ? nil : ascending ? a < b : a > b
  }
}
