import Testing

@testable import TSEngine

/// Seeded events through the engine, seeded questions, and a naive pass over the same events beside every answer.
@Suite struct QueryOracleTests {
  static let start = 1_760_000_000 / 86_400 * 86_400, days = 4
  static let now = start + days * 86_400 - 7_000

  /// Four days, the last one open; two services, of which one is asked.
  private static func site(_ seed: UInt64, keepMinutes: Int = 2_880) -> (engine: Engine, oracle: QueryOracle) {
    let events = SeededEvents.make(
      4_000, from: start, seconds: now - start, seed: seed, services: ["a", "a", "b"], visitors: 400)
    var options = EngineOptions()
    (options.visitorKey, options.keepMinutes) = (SeededEvents.key, keepMinutes)
    let engine = Engine(options, accounting: Accounting()) { now }
    SeededEvents.ingest(events, into: engine)
    return (engine, QueryOracle(events: events.filter { $0.service == "a" }))
  }

  /// The range that was answered, in whole minutes.
  private func answered(_ result: QueryResult) -> Range<Int> {
    max(floorDivide(result.from, 60) * 60, result.coverage.from)..<floorDivide(result.to + 59, 60) * 60
  }

  private func query<R: RandomNumberGenerator>(_ random: inout R, _ oracle: QueryOracle) -> Query {
    func pick<T>(_ all: [T]) -> T { all[Int.random(in: 0..<all.count, using: &random)] }
    let unit = pick([60, 60, 3_600, 86_400])
    let from = Self.start + Int.random(in: 0..<Self.days * 86_400 / unit, using: &random) * unit
    var query = Query(service: "a", from: from, to: from + unit * Int.random(in: 1...(unit == 60 ? 2_000 : 60), using: &random))
    query.metrics = Metric.allCases.shuffled(using: &random)
    query.audience = pick(Audience.allCases)
    query.step = pick([.all, .all, .hour, .day, .week, .month, .minute])
    if query.step == .minute { query.to = min(query.to, query.from + 10_000) }
    query.timeZone = try? pick([nil, nil, TimeZone(named: "Europe/Berlin"), TimeZone(named: "Asia/Kolkata")])
    query.by = pick([nil, nil, .hourOfWeek] + Dimension.allCases.map { .dimension($0) })
    for _ in 0..<pick([0, 0, 1, 1, 2]) {
      let dimension = pick(Dimension.allCases), op = pick(Filter.Operator.allCases)
      let values = (0..<pick([1, 1, 3])).map { _ in QueryOracle.label(pick(oracle.events), dimension, isFilter: true) ?? "/x" }
      let part = op == .contains || op == .containsNot
      query.filters.append(Filter(dimension, op, part ? values.map { String($0.prefix(6).dropFirst(2)).uppercased() } : values))
    }
    query.orderBy = pick([nil, .requests, .pageviews, .errors, .visitors, .bytes])
    query.ascending = pick([false, false, true])
    query.limit = pick([10_000, 3, 1])
    return query
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `every form of question is answered as a naive pass answers it`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed * 77)
    let (engine, oracle) = Self.site(seed, keepMinutes: seed == 2 ? 600 : 2_880)
    for number in 0..<60 {
      let query = query(&random, oracle), result = try engine.query(query), note = "seed \(seed) question \(number): \(query)"
      #expect(result.from <= query.from && (result.to >= query.to || query.timeZone != nil), "\(note)")
      let range = answered(result), both = oracle.select(query, range)
      for (metric, got) in zip(query.metrics, result.totals) {
        let want = QueryOracle.value(metric, both, query.audience)
        if result.coverage.source == .tables, got == nil { continue }
        let agrees = QueryOracle.agrees(got, want, metric, result)
        #expect(agrees, "totals \(metric) got \(got ?? -1) want \(want ?? -1) \(result.coverage) \(note)")
      }
      check(query, result, both, note)
    }
  }

  /// Each row against the events of its bucket and value, and all of them against the events there are.
  private func check(_ query: Query, _ result: QueryResult, _ both: [PlainEvent], _ note: String) {
    func label(_ event: PlainEvent) -> String? {
      switch query.by {
      case nil: ""
      case .hourOfWeek?: String(Calendar.hourOfWeek(at: event.second, in: query.timeZone))
      case .dimension(let dimension)?: QueryOracle.label(event, dimension)
      }
    }
    func time(_ event: PlainEvent) -> Int? {
      switch query.step {
      case .all: nil
      case .minute: event.second / 60 * 60
      case .hour: Buckets.startOfHour(at: event.second, query.timeZone)
      case .day: Calendar.startOfDay(at: event.second, in: query.timeZone)
      case .week: Calendar.startOfWeek(at: event.second, in: query.timeZone)
      case .month: Calendar.startOfMonth(at: event.second, in: query.timeZone)
      }
    }
    struct Key: Hashable { var time: Int?, label: String }
    var cells: [Key: [PlainEvent]] = [:]
    for event in both { if let label = label(event) { cells[Key(time: time(event), label: label), default: []].append(event) } }
    var seen: Set<Key> = [], requests = 0.0
    // Where minutes are gone, half-hour zones are answered by whole hours: single buckets differ, sums do not.
    let areMinutesGone = query.step == .minute && query.from < Self.now - 500 * 60
    let hasEvenEdges = result.coverage.source == .rows || query.timeZone == nil && !areMinutesGone
    for row in result.rows {
      let key = Key(time: row.time, label: row.label ?? "")
      #expect(seen.insert(key).inserted, "\(key) twice: \(note)")
      requests += query.metrics.firstIndex(of: .requests).flatMap { row.values[$0] } ?? 0
      guard hasEvenEdges else { continue }
      for (metric, got) in zip(query.metrics, row.values) {
        let want = QueryOracle.value(metric, cells[key] ?? [], query.audience)
        if got == nil, result.coverage.source == .tables, want != nil { continue }  // percentiles, visitors by hour
        let agrees = QueryOracle.agrees(got, want, metric, result)
        #expect(agrees, "\(key) \(metric) got \(got ?? -1) want \(want ?? -1) \(result.coverage) \(note)")
      }
    }
    if query.by == nil || query.limit == 10_000 || query.by == .hourOfWeek && query.orderBy == nil {
      let all = both.filter { label($0) != nil && QueryOracle.isWanted($0, query.audience) }.count
      #expect(requests == Double(all), "\(note)")
    }
    if query.by == nil, query.step != .all {
      let times = result.rows.map(\.time!)
      #expect(times == times.sorted(), "\(note)")
    }
    checkOrder(query, result, cells.reduce(into: [:]) { $0[$1.key.label, default: []] += $1.value }, note)
  }

  private func checkOrder(_ query: Query, _ result: QueryResult, _ values: [String: [PlainEvent]], _ note: String) {
    let order = query.orderBy ?? .requests
    guard case .dimension? = query.by, order != .visitors, order != .bytes else { return }
    let wanted = values.filter { $0.value.contains { QueryOracle.isWanted($0, query.audience) } }
    let ranked = wanted.map { (label: $0.key, value: QueryOracle.value(order, $0.value, query.audience)!) }.sorted { a, b in
      a.value != b.value
        ? (a.value < b.value) == query.ascending : Array(a.label.utf8).lexicographicallyPrecedes(Array(b.label.utf8))
    }
    var got: [String] = []
    for row in result.rows where got.last != row.label { got.append(row.label!) }
    #expect(got == ranked.prefix(query.limit).map(\.label), "\(note)")
  }
}
