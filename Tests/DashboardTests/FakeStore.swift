import TSEngine

@testable import Dashboard

/// A store small enough to be right by looking: every event is kept as it is, every question is a loop over all of them.
final class FakeStore: QueryStore {
  struct Event: Sendable {
    var service = "blog", second = 0, visitor = 0
    var record = EventRecord()
  }
  let all: [Event]
  private let change: @Sendable (inout EngineStatus) -> Void
  init(_ all: [Event] = [], status change: @escaping @Sendable (inout EngineStatus) -> Void = { _ in }) {
    (self.all, self.change) = (all, change)
  }

  func services() -> [String] { Set(all.map(\.service)).sorted() }

  func query(_ query: Query) throws(QueryError) -> QueryResult {
    guard services().contains(query.service) else { throw QueryError.unknownService(query.service) }
    let chosen = all.filter { event in
      event.service == query.service && query.from <= event.second && event.second < query.to && admits(event, query)
    }
    var result = QueryResult()
    (result.from, result.to) = (query.from, query.to)
    result.coverage = (all.map(\.second).min() ?? 0, query.filters.isEmpty ? (query.by == nil ? .buckets : .tables) : .rows)
    if query.metrics.contains(.visitors) { result.visitorsError = 0.0081 }
    result.totals = query.metrics.map { measure($0, chosen) }
    guard query.step != .all || query.by != nil else { return result }
    let labels = query.by.map { by in top(by, chosen, query) } ?? [nil]
    for time in times(query) {
      for label in labels {
        let part = chosen.filter { event in
          (time == nil || bucket(event.second, query) == time) && (label == nil || value(query.by!, event, query) == label)
        }
        if query.by != nil, part.isEmpty { continue }
        result.rows.append(.init(time: time, label: label, values: query.metrics.map { measure($0, part) }))
      }
    }
    return result
  }

  func latency(
    service: String, from: Int, to: Int, filters: [Filter], audience: Audience
  ) throws(QueryError) -> LatencyResult {
    var result = LatencyResult()
    (result.upper, result.requests) = ([0.001, 0.002], [3, 1])
    (result.p50, result.p95) = (0.0005, 0.0019)
    return result
  }

  func returning(
    service: String, before: Range<Int>, window: Range<Int>, audience: Audience
  ) throws(QueryError) -> ReturningResult {
    func visitors(_ range: Range<Int>) -> Set<Int> {
      Set(
        all.filter {
          $0.service == service && range.contains($0.second) && (audience == .all || $0.record.isBot == (audience == .bots))
        }
        .map(\.visitor))
    }
    let a = visitors(before), b = visitors(window)
    var result = ReturningResult()
    (result.before, result.window, result.coverageFrom) = (before, window, before.lowerBound)
    (result.visitorsBefore, result.visitors, result.new) = (Double(a.count), Double(b.count), Double(b.subtracting(a).count))
    (result.returning, result.sigma) = (a.isDisjoint(with: b) ? nil : Double(a.intersection(b).count), 0.65)
    return result
  }

  func summaries(days: Int, now: Int) -> [ServiceSummary] {
    services().map { name in
      let mine = all.filter { $0.service == name }
      var one = ServiceSummary()
      (one.service, one.first, one.last) = (name, mine.map(\.second).min()!, mine.map(\.second).max()!)
      (one.requests, one.requestsToday, one.visitorsToday) = (mine.count, mine.count, Double(Set(mine.map(\.visitor)).count))
      one.errorRateToday = 1.0 / 3
      one.visitorsByDay = [1, 2.4]
      return one
    }
  }

  func events(
    service: String, from: Int, to: Int, after cursor: Int?, limit: Int
  ) throws(QueryError) -> (rows: [EventRecord], next: Int?) {
    let mine = all.filter { $0.service == service && from <= $0.second && $0.second < to }.sorted { $0.second < $1.second }
    let start = cursor ?? 0
    let rows = mine.dropFirst(start).prefix(limit).map { event in
      var record = event.record
      record.time = event.second / 60 * 60
      return record
    }
    return (Array(rows), start + rows.count < mine.count ? start + rows.count : nil)
  }

  func counters() -> [ServiceCounters] {
    services().map { name in
      let mine = all.filter { $0.service == name }
      var one = ServiceCounters()
      one.service = name
      one.requests = [(.get, 2, mine.count - 1), (.other, 0, 1)]
      (one.responseBytes, one.botRequests) = (mine.reduce(0) { $0 + $1.record.bytes }, mine.count { $0.record.isBot })
      one.durationCounts =
        ServiceCounters.durationBounds.map { bound in mine.count { ($0.record.duration ?? 99) <= bound } } + [mine.count]
      one.durationSum = mine.reduce(0) { $0 + ($1.record.duration ?? 0) }
      (one.visitors5m, one.visitors1h, one.visitors1d) = (1, 2.2, 3.9)
      return one
    }
  }

  func status() -> EngineStatus {
    var status = EngineStatus()
    (status.memoryUsed, status.memoryLimit, status.services) = (1_048_576, 67_108_864, services().count)
    status.memoryByKind = [("rows", 1_000_000), ("tables", 48_576)]
    status.lastEvent = services().map { name in (name, all.filter { $0.service == name }.map(\.second).max()!) }
    status.dimensionValues = services().map { ($0, "path", 2) }
    status.dimensionOverflow = services().map { ($0, "path", 0) }
    (status.snapshotAt, status.snapshotBytes, status.snapshotSeconds) = (fakeNow - 3, 4_096, 0.012)
    status.rowsFrom = all.map(\.second).min() ?? 0
    change(&status)
    return status
  }

  // MARK: Loops

  private func admits(_ event: Event, _ query: Query) -> Bool {
    (query.audience == .all || event.record.isBot == (query.audience == .bots))
      && query.filters.allSatisfy { filter in
        let value = value(.dimension(filter.dimension), event, query)
        let isThere =
          filter.op == .is || filter.op == .isNot
          ? filter.values.contains(value) : filter.values.contains { value.asciiLowered.contains($0.asciiLowered) }
        return isThere == (filter.op == .is || filter.op == .contains)
      }
  }

  private func top(_ by: Grouping, _ events: [Event], _ query: Query) -> [String?] {
    let groups = Dictionary(grouping: events) { value(by, $0, query) }
    func weight(_ label: String) -> Double { measure(query.orderBy ?? .requests, groups[label]!) ?? -1 }
    return groups.keys.sorted {
      (query.ascending ? weight($0) : -weight($0), $0) < (query.ascending ? weight($1) : -weight($1), $1)
    }
    .prefix(query.limit).map { $0 }
  }

  private func times(_ query: Query) -> [Int?] {
    guard let length = length(query.step) else { return [nil] }
    return Array(stride(from: query.from - query.from % length, to: query.to, by: length))
  }
  private func length(_ step: Step) -> Int? {
    switch step {
    case .minute: 60
    case .hour: 3_600
    case .day: 86_400
    case .week: 7 * 86_400
    case .month: 30 * 86_400
    case .all: nil
    }
  }
  private func bucket(_ second: Int, _ query: Query) -> Int? { length(query.step).map { second - second % $0 } }

  private func measure(_ metric: Metric, _ events: [Event]) -> Double? {
    let times = events.compactMap(\.record.duration).sorted()
    let failed = Double(events.count { $0.record.status >= 500 })
    switch metric {
    case .visitors: return Double(Set(events.map(\.visitor)).count)
    case .requests: return Double(events.count)
    case .pageviews: return Double(events.count { $0.record.status == 200 })
    case .bytes: return Double(events.reduce(0) { $0 + $1.record.bytes })
    case .durationAverage: return times.isEmpty ? nil : times.reduce(0, +) / Double(times.count)
    case .durationP50: return times.isEmpty ? nil : times[times.count / 2]
    case .durationP95, .durationP99: return times.last
    case .errors: return failed
    case .errorRate: return events.isEmpty ? nil : failed / Double(events.count)
    case .botShare: return events.isEmpty ? nil : Double(events.count { $0.record.isBot }) / Double(events.count)
    }
  }

  private func value(_ by: Grouping, _ event: Event, _ query: Query) -> String {
    guard case .dimension(let dimension) = by else { return String((event.second / 3_600 + 72) % 168) }
    let record = event.record
    switch dimension {
    case .path, .entry: return record.path
    case .referrer: return record.referrer
    case .source: return record.source
    case .channel: return record.channel
    case .campaign: return record.campaign
    case .host: return record.host
    case .country: return record.country
    case .browser: return record.browser
    case .browserVersion: return record.browserVersion
    case .platform: return record.platform
    case .platformVersion: return record.platformVersion
    case .device: return record.device
    case .bot: return record.bot
    case .status: return String(record.status)
    case .method: return record.method
    case .httpProtocol: return record.httpProtocol
    case .asset: return "page"
    }
  }
}

/// 2026-10-02T12:00:30Z, a Friday.
let fakeNow = 1_790_942_430

/// Five requests of two days: three people, one of them twice, and a bot that met an error.
func fakeEvents() -> [FakeStore.Event] {
  func event(_ ago: Int, _ visitor: Int, _ path: String, status: Int = 200, bytes: Int = 100, duration: Double? = 0.004)
    -> FakeStore.Event
  {
    var event = FakeStore.Event(second: fakeNow - ago, visitor: visitor)
    (event.record.path, event.record.status, event.record.bytes, event.record.duration) = (path, status, bytes, duration)
    (event.record.method, event.record.httpProtocol, event.record.country, event.record.host) = (
      "GET", "HTTP/2.0", "DE", "blog.example"
    )
    (event.record.browser, event.record.browserVersion, event.record.platform) = ("Firefox", "149", "Linux")
    (event.record.device, event.record.channel) = ("Desktop", "Direct")
    return event
  }
  var bot = event(86_400, 9, "/<b>&\"'", status: 503, bytes: 7, duration: 1.5)
  (bot.record.isBot, bot.record.bot, bot.record.browser, bot.record.country) = (true, "Googlebot", "", "ZZ")
  return [
    event(86_460, 1, "/a"), event(86_400, 2, "/b", bytes: 300), bot, event(80, 1, "/a", bytes: 200, duration: 0.002),
    event(20, 3, "/a", duration: nil),
  ]
}
