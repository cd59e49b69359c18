/// Whom an answer is about.
package enum Audience: UInt8, CaseIterable, Sendable {
  case people, bots, all
  package var name: String {
    switch self {
    case .people: "people"
    case .bots: "bots"
    case .all: "all"
    }
  }
}

/// What can be measured. Durations are seconds, rates 0…1.
package enum Metric: UInt8, CaseIterable, Sendable {
  case visitors, requests, pageviews, bytes, durationAverage, durationP50, durationP95, durationP99, errors, errorRate, botShare
  package var name: String {
    switch self {
    case .visitors: "visitors"
    case .requests: "requests"
    case .pageviews: "pageviews"
    case .bytes: "bytes"
    case .durationAverage: "duration_avg"
    case .durationP50: "duration_p50"
    case .durationP95: "duration_p95"
    case .durationP99: "duration_p99"
    case .errors: "errors"
    case .errorRate: "error_rate"
    case .botShare: "bot_share"
    }
  }
  package init?(name: some StringProtocol) {
    guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }
}

/// The length of an answer's buckets.
package enum Step: UInt8, CaseIterable, Sendable {
  case minute, hour, day, week, month, all
  package var name: String {
    switch self {
    case .minute: "minute"
    case .hour: "hour"
    case .day: "day"
    case .week: "week"
    case .month: "month"
    case .all: "all"
    }
  }
}

/// What rows are grouped by.
package enum Grouping: Hashable, Sendable {
  case dimension(Dimension)
  case hourOfWeek  // 0 = Monday 00:00
  package var name: String {
    switch self {
    case .dimension(let dimension): dimension.name
    case .hourOfWeek: "hour_of_week"
    }
  }
}

/// One condition; several are joined by AND, the values of one by OR.
package struct Filter: Hashable, Sendable {
  package enum Operator: String, CaseIterable, Sendable {
    case `is`, isNot = "is_not", contains, containsNot = "contains_not"  // `contains` ignores ASCII case
  }
  package var dimension: Dimension, op: Operator, values: [String]
  package init(_ dimension: Dimension, _ op: Operator, _ values: [String]) {
    (self.dimension, self.op, self.values) = (dimension, op, values)
  }
}

/// A question: the same value behind pages, JSON API, exposition, SQL and reports.
package struct Query: Sendable {
  package var service: String
  package var from: Int, to: Int  // Unix seconds, half open
  package var step = Step.all
  package var metrics: [Metric] = [.visitors, .requests]
  package var by: Grouping?
  package var filters: [Filter] = []
  package var audience = Audience.all
  package var orderBy: Metric?  // nil: `requests`; must be among `metrics` or is computed beside them
  package var ascending = false
  package var limit = 100
  package var timeZone: TimeZone?  // nil is UTC; moves day, week and month boundaries and `hour_of_week`
  package init(service: String, from: Int, to: Int) { (self.service, self.from, self.to) = (service, from, to) }
}

package enum QueryError: Error, Equatable {
  case unknownService(String)
  case range(String)  // what was asked and what is possible
}
