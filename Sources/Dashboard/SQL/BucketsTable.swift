internal import TSEngine

extension SQLTable {
  /// `buckets`: every metric by day, hour or minute. `step` and `audience` are parameters: they choose, and say, what is shown.
  static func buckets(_ store: any QueryStore, now: Int) -> SQLTable {
    var columns = [
      Column(name: "service", type: "TEXT", meaning: "the site"),
      Column(name: "time", type: "INTEGER", meaning: "Unix seconds at which the bucket begins"),
      Column(name: "step", type: "TEXT", meaning: "WHERE step = 'day' (when not given), 'hour', 'minute'", isHidden: true),
      Column(
        name: "audience", type: "TEXT", meaning: "WHERE audience = 'all' (when not given), 'people', 'bots'", isHidden: true),
    ]
    let meanings: [Metric: String] = [
      .visitors: "an estimate", .pageviews: "GET, 2xx or 304, not static", .durationAverage: "seconds", .errors: "5xx",
      .errorRate: "0…1", .botShare: "0…1",
    ]
    columns += Metric.allCases.map { Column(name: $0.name, type: $0.isCount ? "INTEGER" : "REAL", meaning: meanings[$0] ?? "") }
    return SQLTable(
      name: "buckets", meaning: "All metrics by day, hour or minute; buckets without a request are left out.", columns: columns
    ) {
      BucketRows(store, $0, now: now)
    }
  }
}

extension Metric {
  var isCount: Bool { [.visitors, .requests, .pageviews, .bytes, .errors].contains(self) }
}

/// Asks one question for each service and walks its rows.
private final class BucketRows: SQLRows {
  private let store: any QueryStore
  private let range: SQLRange
  private let step: Step?, audience: Audience?
  private let now: Int
  private var services: ArraySlice<ServiceSummary>
  private var current = ""
  private var rows: [QueryResult.Row] = []
  private var at = -1

  init(_ store: any QueryStore, _ range: SQLRange, now: Int) {
    (self.store, self.range, self.now) = (store, range, now)
    let wanted = range.step ?? "day", audience = range.audience ?? "all"
    step = [Step.minute, .hour, .day].first { $0.name == wanted }
    self.audience = Audience.allCases.first { $0.name == audience }
    services =
      store.summaries(days: 1, now: now).filter { range.service == nil || $0.service == range.service }
      .sorted { $0.service < $1.service }[...]
  }

  func next() -> Bool {
    repeat {
      at += 1
      while at >= rows.count {
        guard let service = services.popFirst() else { return false }
        (rows, at, current) = (ask(service), 0, service.service)
      }
    } while rows[at].at(1) == 0
    return true
  }

  private func ask(_ service: ServiceSummary) -> [QueryResult.Row] {
    guard let step, let audience else { return [] }
    let length = step == .minute ? 60 : step == .hour ? 3_600 : TimeText.day
    // Never more buckets than there can be rows in an answer, so that a range without a begin is no burden.
    let to = min(range.to, now + length)
    let first = max(range.from, service.first - length)
    let from = max(first, to - QueryParameters.maximumRows * length)
    guard from < to else { return [] }
    var query = Query(service: service.service, from: from, to: to)
    (query.step, query.audience, query.metrics) = (step, audience, Metric.allCases)
    return (try? store.query(query))?.rows ?? []
  }

  func value(_ column: Int) -> SQLValue {
    switch column {
    case 0: return .text(current)
    case 1: return .integer(rows[at].time ?? 0)
    case 2: return .text(step?.name ?? "")
    case 3: return .text(audience?.name ?? "")
    default:
      let metric = Metric.allCases[column - 4]
      guard column - 4 < rows[at].values.count, let value = rows[at].values[column - 4] else { return .null }
      return metric.isCount ? .integer(Int(value.rounded())) : .real(value.sixDigits)
    }
  }
}
