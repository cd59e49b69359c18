import Testing

@testable import TSEngine

@Suite struct SeriesTests {
  static let start = 1_760_000_000 / 86_400 * 86_400

  /// What the engine says of a piece must be what a plain sum over the events says.
  private func check(_ series: Series, _ events: [PlainEvent], _ piece: Piece) {
    let mine = events.filter { piece.range.contains($0.second) && $0.service == series.name }
    for (people, bots) in [(true, false), (false, true), (true, true)] {
      let chosen = mine.filter { $0.agent.isBot ? bots : people }
      let sums = TallyAccumulator()
      series.addTally(piece, people: people, bots: bots, into: sums, wanting: [.latency, .visitors])
      #expect(sums.requests == chosen.count, "\(piece)")
      #expect(sums.bytes == chosen.reduce(0) { $0 + $1.bytes })
      #expect(sums.pageviews == chosen.count { $0.isPageview })
      #expect(sums.errors == chosen.count { $0.status >= 500 })
      #expect(sums.timed == chosen.count { $0.microseconds != nil })
      #expect(sums.microseconds == chosen.reduce(0) { $0 + Int($1.microseconds ?? 0) })
      #expect(sums.botRequests == mine.count { $0.agent.isBot })
      #expect(sums.allRequests == mine.count)
      for status in [0, 200, 304, 404, 500] {
        #expect(unsafe sums.statuses[status] == UInt64(chosen.count { $0.status == status }))
      }
      let exact = Double(Set(chosen.map(\.address)).count)
      #expect(abs(sums.visitors - exact) <= max(1, exact * 0.04))
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `minutes, hours and days equal plain sums whatever the order of arrival`(seed: UInt64) {
    let days = 3
    var events = SeededEvents.make(
      5_000, from: Self.start, seconds: days * 86_400 - 5_000, seed: seed, services: ["a", "b"])
    if seed == 3 {
      var random = SeededGenerator(seed: seed)
      // Whole hours change places: every one of them is reopened.
      let chunks = stride(from: 0, to: events.count, by: 200).map { Array(events[$0..<min(events.count, $0 + 200)]) }
      events = chunks.shuffled(using: &random).flatMap { $0 }
    }
    let engine = SeededEvents.engine(now: Self.start + days * 86_400)
    #expect(SeededEvents.ingest(events, into: engine).counted == events.count)
    engine.withState { state in
      state.foldAll()
      for series in state.series {
        for day in 0..<days { check(series, events, .day(Self.start / 86_400 + day)) }
        for hour in stride(from: 0, to: days * 24, by: 11) { check(series, events, .hour(Self.start / 3_600 + hour)) }
        for minute in stride(from: 24 * 60 + 1, to: days * 1_440, by: 571) {
          check(series, events, .minute(Self.start / 60 + minute))
        }
      }
    }
  }

  @Test func `the table of every dimension equals a plain count, and its rows the bucket's total`() {
    let events = SeededEvents.make(4_000, from: Self.start, seconds: 86_400 + 40_000, seed: 5)
    let engine = SeededEvents.engine(now: Self.start + 2 * 86_400)
    SeededEvents.ingest(events, into: engine)
    engine.withState { state in
      state.foldAll()
      let series = state.series[0], first = Self.start / 86_400
      for piece in [Piece.day(first), .day(first + 1), .hour(first * 24 + 7), .hour(first * 24 + 30)] {
        for dimension in Dimension.allCases {
          checkTable(series, events.filter { piece.range.contains($0.second) }, piece, dimension)
        }
      }
    }
  }

  private func checkTable(_ series: Series, _ events: [PlainEvent], _ piece: Piece, _ dimension: Dimension) {
    let table = TableAccumulator()
    series.addTable(piece, dimension, people: true, bots: true, into: table)
    var expected: [String: (requests: Int, bytes: Int)] = [:]
    for event in events {
      guard let label = Self.label(event, dimension) else { continue }
      expected[label, default: (0, 0)].requests += 1
      expected[label]!.bytes += event.bytes
    }
    #expect(table.seenCount == expected.count, "\(dimension.name) \(piece)")
    for index in 0..<table.seenCount {
      let code = table.code(at: index), sums = unsafe table.sums[code]
      let want = expected[series.label(dimension, code)]
      #expect(
        sums.requests == want?.requests && sums.bytes == want?.bytes, "\(dimension.name) \(series.label(dimension, code))")
    }
  }

  static func label(_ event: PlainEvent, _ dimension: Dimension) -> String? {
    switch dimension {
    case .path: event.path
    case .entry: event.channel == .internal ? nil : event.path
    case .referrer: event.referrer
    case .source: event.source
    case .channel: event.channel.name
    case .campaign: event.campaign
    case .host: event.host
    case .country: event.country
    case .browser: event.agent.browser
    case .browserVersion: event.agent.browserVersion
    case .platform: event.agent.platform
    case .platformVersion: event.agent.platformVersion
    case .device: event.agent.device.name
    case .bot: event.agent.isBot ? event.agent.bot : nil
    case .status: event.status == 0 ? "000" : String(event.status)
    case .method: event.method.name
    case .httpProtocol: event.httpProtocol.name
    case .asset: event.isStatic ? "static" : "page"
    }
  }

  @Test func `what a table cannot keep is its other, and the sum stays whole`() {
    let events = SeededEvents.make(12_000, from: Self.start, seconds: 3_000, seed: 6, paths: 3_000)
    let engine = SeededEvents.engine(now: Self.start + 2 * 86_400)
    SeededEvents.ingest(events, into: engine)
    engine.tick()
    engine.withState { state in
      let series = state.series[0]
      #expect(series.hour.number == -1 && series.day.number == -1, "a tick closes what is over")
      for (piece, limit) in [
        (Piece.hour(Self.start / 3_600), Limits.hourValues), (.day(Self.start / 86_400), Limits.dayValues),
      ] {
        let table = TableAccumulator()
        series.addTable(piece, .path, people: true, bots: true, into: table)
        #expect(table.seenCount == limit + 1)
        #expect((0..<table.seenCount).reduce(0) { unsafe $0 + table.sums[table.code(at: $1)].requests } == events.count)
        #expect(unsafe table.sums[0].requests > 0)
        let counts = Dictionary(grouping: events, by: \.path).mapValues(\.count)
        let kept = Set((0..<table.seenCount).map { series.label(.path, table.code(at: $0)) })
        let smallest = kept.subtracting(["~other"]).map { counts[$0]! }.min()!
        #expect(counts.allSatisfy { kept.contains($0.key) || $0.value <= smallest })
      }
    }
  }

  @Test func `too late and too early are rejected with their reason, and counted`() {
    let now = Self.start + 40 * 86_400
    let engine = SeededEvents.engine(now: now, days: 30)
    var events = [PlainEvent(), PlainEvent(), PlainEvent(), PlainEvent()]
    for (index, second) in [now, now + 301, now + 299, now - 31 * 86_400].enumerated() { events[index].second = second }
    let outcome = SeededEvents.ingest(events, into: engine)
    #expect(outcome == IngestOutcome(counted: 2, late: 1, future: 1))
    #expect(engine.accounting.rejected(for: .late) == 1 && engine.accounting.rejected(for: .future) == 1)
    #expect(engine.accounting.counted == 2)
  }

  @Test func `the pool stays below its limit while paths never repeat, and totals stay exact`() {
    let engine = SeededEvents.engine(now: Self.start + 3 * 86_400, memory: 28 << 20)
    var events = SeededEvents.make(60_000, from: Self.start, seconds: 2 * 86_400, seed: 9, visitors: 1_000_000)
    for index in events.indices where index % 2 == 0 { events[index].path = "/random/\(index)" }
    SeededEvents.ingest(events, into: engine)
    engine.withState { state in
      state.foldAll()
      #expect(state.pool.usedPages <= state.pool.limitPages)
      #expect(state.closing.lostBuckets == 0)
      let sums = TallyAccumulator()
      for day in 0..<2 {
        state.series[0].addTally(.day(Self.start / 86_400 + day), people: true, bots: true, into: sums, wanting: [])
      }
      #expect(sums.requests == events.count)
    }
  }
}
