extension Planner {
  /// The histogram of request durations of a range; of rows when there are filters.
  func latency(from: Int, to: Int, filters: [Filter], audience: Audience) throws(QueryError) -> LatencyResult {
    guard from < to else { throw .range("cannot answer: got from \(from) to \(to), want a later end") }
    let tally = sum(max(0, from)..<max(1, to), [.durationP50], filters, audience)
    let filled = (0..<LatencyHistogram.count).filter { unsafe tally.histogram[$0] > 0 }
    var result = LatencyResult()
    guard let first = filled.first, let last = filled.last else { return result }
    for index in first...last {
      result.upper.append(LatencyHistogram.upperBound(index))
      unsafe result.requests.append(Int(tally.histogram[index]))
    }
    unsafe result.p50 = LatencyHistogram.quantile(tally.histogram, 0.5)
    unsafe result.p95 = LatencyHistogram.quantile(tally.histogram, 0.95)
    unsafe result.p99 = LatencyHistogram.quantile(tally.histogram, 0.99)
    return result
  }

  /// The last `days` UTC days, today included.
  func summary(days: Int) -> ServiceSummary {
    let today = floorDivide(now, 86_400) * 86_400, days = min(max(days, 1), 3_660)
    var made = ServiceSummary()
    (made.service, made.first, made.last) = (series.name, min(series.firstSecond, series.lastSecond), series.lastSecond)
    for day in stride(from: today - (days - 1) * 86_400, through: today, by: 86_400) {
      made.visitorsByDay.append(visitors(day..<day + 86_400))
    }
    made.now = visitors(now - 300..<now + 1)
    made.requests = sum(max(0, today - (days - 1) * 86_400)..<today + 86_400, [.requests], [], .all).requests
    let open = sum(today..<today + 86_400, [.requests, .durationP95], [], .all)
    made.requestsToday = open.requests
    made.errorRateToday = open.requests == 0 ? nil : Double(open.errors) / Double(open.requests)
    unsafe made.durationP95Today = LatencyHistogram.quantile(open.histogram, 0.95)
    made.visitorsToday = made.visitorsByDay.last ?? 0
    let before = visitors(today - 86_400..<now - 86_400 + 1)
    made.visitorsChange = before == 0 ? nil : (made.visitorsToday - before) / before
    return made
  }

  /// People of a range, whole.
  func visitors(_ range: Range<Int>) -> Double {
    let tally = sum(max(0, range.lowerBound)..<max(0, range.upperBound), [.visitors], [], .people)
    return tally.requests == 0 ? 0 : tally.visitors.rounded()
  }

  /// A range in the scratch tally, valid until the next question.
  private func sum(_ range: Range<Int>, _ metrics: [Metric], _ filters: [Filter], _ audience: Audience) -> TallyAccumulator {
    var query = Query(service: series.name, from: range.lowerBound, to: range.upperBound)
    (query.metrics, query.filters, query.audience) = (metrics, filters, audience)
    scratch.rows.begin(range)
    let reader = RangeReader(query, MetricNeeds(query), self)
    scratch.tally.clear()
    reader.add(reader.widened(range), to: scratch.tally)
    _ = reader.visitors(scratch.tally)
    return scratch.tally
  }
}
