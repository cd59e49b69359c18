internal import TSEngine

extension SQLTable {
  /// `requests`: one row for each kept request.
  static func requests(_ store: any QueryStore) -> SQLTable {
    let columns: [(String, String, String)] = [
      ("service", "TEXT", "the site"), ("time", "INTEGER", "Unix seconds of its minute"), ("path", "TEXT", "without the query"),
      ("referrer", "TEXT", "host of the referrer"), ("source", "TEXT", "its name"),
      ("channel", "TEXT", "Search, Social, Direct …"),
      ("campaign", "TEXT", "utm_campaign"), ("host", "TEXT", "host asked for"), ("country", "TEXT", "ISO 3166-1 code"),
      ("browser", "TEXT", ""), ("browser_version", "TEXT", ""), ("platform", "TEXT", ""), ("platform_version", "TEXT", ""),
      ("device", "TEXT", ""), ("bot", "TEXT", "name of the bot"), ("method", "TEXT", ""), ("protocol", "TEXT", ""),
      ("status", "INTEGER", "0 when it was none"), ("bytes", "INTEGER", "within 3 %"),
      ("duration", "REAL", "seconds, within 2.2 %"),
      ("is_bot", "INTEGER", "1 or 0"),
    ]
    return SQLTable(
      name: "requests", meaning: "One row for each request, as far back as memory allows; the minute is its time.",
      columns: columns.map { Column(name: $0.0, type: $0.1, meaning: $0.2) }
    ) { range in RequestRows(store, range) }
  }
}

/// Walks detail rows of one service after the other, fetching in growing batches, so that `LIMIT 10` stays cheap.
private final class RequestRows: SQLRows {
  private let store: any QueryStore
  private let from: Int, to: Int
  private var services: ArraySlice<String>
  private var batch: [EventRecord] = []
  private var at = -1
  private var current = ""  // the service of `batch`
  private var cursor: Int?
  private var hasMore = false
  private var size = 32

  init(_ store: any QueryStore, _ range: SQLRange) {
    self.store = store
    // Rows stand at their minute, so whole minutes are asked for; SQLite cuts the rest.
    from = floorDivide(max(range.from, Calendar.seconds.lowerBound), 60) * 60
    to = floorDivide(min(range.to, Calendar.seconds.upperBound) + 59, 60) * 60
    let known = store.services().sorted()
    services = (range.service.map { name in known.filter { $0 == name } } ?? known)[...]
    hasMore = !services.isEmpty && from < to
  }

  func next() -> Bool {
    at += 1
    while at >= batch.count {
      guard hasMore, let service = services.first else { return false }
      let answer = try? store.events(service: service, from: from, to: to, after: cursor, limit: size)
      (batch, at, cursor) = (answer?.rows ?? [], 0, answer?.next)
      size = min(size * 2, 1_024)
      if cursor == nil {
        services = services.dropFirst()
        hasMore = !services.isEmpty
      }
      current = service
    }
    return true
  }

  func value(_ column: Int) -> SQLValue {
    let row = batch[at]
    switch column {
    case 0: return .text(current)
    case 1: return .integer(row.time)
    case 2: return .text(row.path)
    case 3: return .text(row.referrer)
    case 4: return .text(row.source)
    case 5: return .text(row.channel)
    case 6: return .text(row.campaign)
    case 7: return .text(row.host)
    case 8: return .text(row.country)
    case 9: return .text(row.browser)
    case 10: return .text(row.browserVersion)
    case 11: return .text(row.platform)
    case 12: return .text(row.platformVersion)
    case 13: return .text(row.device)
    case 14: return .text(row.bot)
    case 15: return .text(row.method)
    case 16: return .text(row.httpProtocol)
    case 17: return .integer(row.status)
    case 18: return .integer(row.bytes)
    case 19: return SQLValue(row.duration)
    default: return .integer(row.isBot ? 1 : 0)
    }
  }
}
