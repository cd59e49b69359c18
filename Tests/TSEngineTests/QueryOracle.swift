@testable import TSEngine

/// Answers queries by going through plain events one by one: what the engine must say.
struct QueryOracle {
  let events: [PlainEvent]

  /// The value of a dimension; nil where the request has none.
  static func label(_ event: PlainEvent, _ dimension: Dimension, isFilter: Bool = false) -> String? {
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
    case .bot: event.agent.isBot || isFilter ? event.agent.bot : nil
    case .status: event.status == 0 ? "000" : String(event.status)
    case .method: event.method.name
    case .httpProtocol: event.httpProtocol.name
    case .asset: event.isStatic ? "static" : "page"
    }
  }

  static func passes(_ event: PlainEvent, _ filter: Filter) -> Bool {
    guard let label = label(event, filter.dimension, isFilter: true) else { return false }
    func lowered(_ text: String) -> String { String(decoding: text.utf8.map { $0 &- 65 < 26 ? $0 | 32 : $0 }, as: UTF8.self) }
    func contains(_ part: String) -> Bool { part.isEmpty || lowered(label).contains(lowered(part)) }
    return switch filter.op {
    case .is: filter.values.contains(label)
    case .isNot: !filter.values.contains(label)
    case .contains: filter.values.contains(where: contains)
    case .containsNot: !filter.values.contains(where: contains)
    }
  }

  /// Events of a range that pass the filters, of both audiences.
  func select(_ query: Query, _ range: Range<Int>) -> [PlainEvent] {
    events.filter { event in range.contains(event.second) && query.filters.allSatisfy { Self.passes(event, $0) } }
  }

  static func isWanted(_ event: PlainEvent, _ audience: Audience) -> Bool {
    audience == .all || event.agent.isBot == (audience == .bots)
  }

  static func value(_ metric: Metric, _ both: [PlainEvent], _ audience: Audience) -> Double? {
    let mine = both.filter { isWanted($0, audience) }
    let durations = mine.compactMap { $0.microseconds }.map { Double($0) / 1e6 }.sorted()
    func rank(_ q: Double) -> Double? {
      durations.isEmpty ? nil : durations[max(1, Int((q * Double(durations.count)).rounded(.up))) - 1]
    }
    return switch metric {
    case .visitors: Double(Set(mine.map(\.address)).count)
    case .requests: Double(mine.count)
    case .pageviews: Double(mine.count { $0.isPageview })
    case .bytes: Double(mine.reduce(0) { $0 + $1.bytes })
    case .durationAverage: durations.isEmpty ? nil : durations.reduce(0, +) / Double(durations.count)
    case .durationP50: rank(0.5)
    case .durationP95: rank(0.95)
    case .durationP99: rank(0.99)
    case .errors: Double(mine.count { $0.status >= 500 })
    case .errorRate: mine.isEmpty ? nil : Double(mine.count { $0.status >= 500 }) / Double(mine.count)
    case .botShare: both.isEmpty ? nil : Double(both.count { $0.agent.isBot }) / Double(both.count)
    }
  }

  /// Whether an answer's number is the true one, as closely as its source promises.
  static func agrees(_ got: Double?, _ want: Double?, _ metric: Metric, _ result: QueryResult) -> Bool {
    guard let got, let want else { return got == nil && want == nil }
    let isRows = result.coverage.source == .rows
    return switch metric {
    case .visitors: abs(got - want) <= max(2, 4.5 * (result.visitorsError ?? 0) * want)
    case .bytes: isRows ? abs(got - want) <= want / 32 : got == want
    case .durationAverage: abs(got - want) <= want * (isRows ? 0.0218 : 1e-9)
    case .durationP50, .durationP95, .durationP99: abs(got - want) <= want * 0.0218 + 1e-6
    case .errorRate, .botShare: abs(got - want) < 1e-9
    case .requests, .pageviews, .errors: got == want
    }
  }
}
