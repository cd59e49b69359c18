import Testing

@testable import TSEngine

/// The store's other questions: latency, the overview, detail rows.
@Suite struct QueryStoreTests {
  static let start = 1_760_000_000 / 86_400 * 86_400, now = start + 3 * 86_400 - 9_000

  private static func site(_ count: Int = 3_000, seconds: Int = now - start) -> (engine: Engine, events: [PlainEvent]) {
    let events = SeededEvents.make(count, from: now - seconds, seconds: seconds, seed: 21, services: ["a", "b"], visitors: 300)
    let engine = SeededEvents.engine(now: now)
    SeededEvents.ingest(events, into: engine)
    return (engine, events)
  }

  @Test(arguments: Audience.allCases, [[], [Filter(.path, .contains, ["/PAGE/1"])]])
  func `the latency of a range is the histogram of its requests`(audience: Audience, filters: [Filter]) throws {
    let (engine, events) = Self.site(), from = Self.start + 3_600, to = Self.now
    let result = try engine.latency(service: "a", from: from, to: to, filters: filters, audience: audience)
    let mine = events.filter { event in
      event.service == "a" && (from..<to).contains(event.second) && QueryOracle.isWanted(event, audience)
        && filters.allSatisfy { QueryOracle.passes(event, $0) }
    }
    var counts = [Int](repeating: 0, count: LatencyHistogram.count)
    for event in mine { if let micros = event.microseconds { counts[LatencyHistogram.index(ofMicroseconds: micros)] += 1 } }
    let first = counts.firstIndex { $0 > 0 }!, last = counts.lastIndex { $0 > 0 }!
    #expect(result.requests == Array(counts[first...last]))
    #expect(result.upper == (first...last).map(LatencyHistogram.upperBound))
    for (metric, got) in [(Metric.durationP50, result.p50), (.durationP95, result.p95), (.durationP99, result.p99)] {
      let want = QueryOracle.value(metric, mine, .all)!
      #expect(abs(got! - want) <= want * 0.0218)
    }
    #expect(throws: QueryError.unknownService("c")) {
      try engine.latency(service: "c", from: from, to: to, filters: [], audience: .all)
    }
  }

  @Test func `the overview is a plain count of every service`() {
    let (engine, events) = Self.site()
    let summaries = engine.summaries(days: 3, now: Self.now)
    #expect(summaries.map(\.service).sorted() == ["a", "b"])
    let today = Self.start + 2 * 86_400
    for summary in summaries {
      let mine = events.filter { $0.service == summary.service }, people = mine.filter { !$0.agent.isBot }
      func visitors(_ range: Range<Int>) -> Double {
        Double(Set(people.filter { range.contains($0.second) }.map(\.address)).count)
      }
      func isNear(_ got: Double, _ want: Double) -> Bool { abs(got - want) <= max(2, want * 0.04) }
      #expect((summary.first, summary.last) == (mine.map(\.second).min()!, mine.map(\.second).max()!))
      #expect(summary.requests == mine.count && summary.visitorsByDay.count == 3)
      for day in 0..<3 {
        #expect(isNear(summary.visitorsByDay[day], visitors(Self.start + day * 86_400..<Self.start + (day + 1) * 86_400)))
      }
      #expect(isNear(summary.now, visitors(Self.now - 300..<Self.now + 60)))
      let open = mine.filter { $0.second >= today }
      #expect(summary.requestsToday == open.count && summary.visitorsToday == summary.visitorsByDay[2])
      #expect(summary.errorRateToday == QueryOracle.value(.errorRate, open, .all))
      let p95 = QueryOracle.value(.durationP95, open, .all)!
      #expect(abs(summary.durationP95Today! - p95) <= p95 * 0.0218)
      let before = visitors(today - 86_400..<Self.now - 86_400 + 60),
        change = (visitors(today..<Self.now + 60) - before) / before
      #expect(abs(summary.visitorsChange! - change) < 0.1)
    }
  }

  @Test func `a service without a yesterday has no change, and one without events no numbers`() {
    let engine = SeededEvents.engine(now: Self.now)
    _ = engine.service(named: "empty")
    let summary = engine.summaries(days: 7, now: Self.now)[0]
    #expect(summary.visitorsChange == nil && summary.errorRateToday == nil && summary.durationP95Today == nil)
    #expect(summary.requests == 0 && summary.visitorsByDay == [0, 0, 0, 0, 0, 0, 0])
  }

  @Test(arguments: [1, 7, 500])
  func `reading on page by page gives every row once, in order, while more arrive`(limit: Int) throws {
    // About ten rows a minute, so that most pages end inside one.
    let (engine, events) = Self.site(limit == 1 ? 600 : 3_000, seconds: limit == 1 ? 3_600 : 18_000)
    var rows: [EventRecord] = [], cursor: Int?, pages = 0
    repeat {
      let page = try engine.events(service: "a", from: Self.start, to: Self.now + 60, after: cursor, limit: limit)
      rows += page.rows
      cursor = page.next
      pages += 1
      // Packing in between moves rows from a batch to a block.
      if pages == 3 { engine.withState { state in state.tick(now: Self.now + 86_400) } }
    } while cursor != nil && pages < 2_000
    let mine = events.filter { $0.service == "a" }
    #expect(rows.count == mine.count && rows.map(\.time) == rows.map(\.time).sorted())
    func key(_ event: PlainEvent) -> String {
      "\(event.second / 60) \(event.path) \(event.referrer) \(event.source) \(event.channel.name) \(event.campaign) \(event.host) "
        + "\(event.country) \(event.agent.browser) \(event.agent.browserVersion) \(event.agent.platform) "
        + "\(event.agent.platformVersion) \(event.agent.device.name) \(event.agent.bot) \(event.method.name) "
        + "\(event.httpProtocol.name) \(event.status) \(event.agent.isBot) \(event.microseconds != nil)"
    }
    func key(_ row: EventRecord) -> String {
      "\(row.time / 60) \(row.path) \(row.referrer) \(row.source) \(row.channel) \(row.campaign) \(row.host) "
        + "\(row.country) \(row.browser) \(row.browserVersion) \(row.platform) "
        + "\(row.platformVersion) \(row.device) \(row.bot) \(row.method) "
        + "\(row.httpProtocol) \(row.status) \(row.isBot) \(row.duration != nil)"
    }
    #expect(rows.map(key).sorted() == mine.map(key).sorted())
    let middle = try engine.events(service: "a", from: Self.now - 1_800, to: Self.now - 600, after: nil, limit: 10_000)
    #expect(middle.rows.count == mine.count { (Self.now - 1_800..<Self.now - 600).contains($0.second) })
  }
}
