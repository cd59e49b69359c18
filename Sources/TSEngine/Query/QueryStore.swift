/// Totals of a service since the process started, for counters of the exposition: they never go down.
package struct ServiceCounters: Sendable {
  package var service = ""
  package var requests: [(method: Method, statusClass: Int, count: Int)] = []  // class 1…5, 0 for none
  package var responseBytes = 0, botRequests = 0
  package var durationCounts: [Int] = []  // cumulative, one for each of `durationBounds`, then +Inf
  package var durationSum = 0.0
  package var visitors5m = 0.0, visitors1h = 0.0, visitors1d = 0.0  // people
  /// Powers of two of a millisecond: an exact subset of the histogram's own bounds.
  package static let durationBounds: [Double] = (0...15).map { 0.001 * Double(1 << $0) }
  package init() {}
}

/// What every reader asks; the engine is one, a remote column store may be another.
///
/// Any thread. Calls are synchronous and take microseconds to a few milliseconds.
package protocol QueryStore: Sendable {
  /// Names, in no particular order.
  func services() -> [String]
  func query(_ query: Query) throws(QueryError) -> QueryResult
  func latency(service: String, from: Int, to: Int, filters: [Filter], audience: Audience) throws(QueryError) -> LatencyResult
  /// Visitors of `window` who came `before`, and who did not; `range` when the two overlap or one is empty.
  func returning(
    service: String, before: Range<Int>, window: Range<Int>, audience: Audience
  ) throws(QueryError) -> ReturningResult
  func summaries(days: Int, now: Int) -> [ServiceSummary]
  /// Up to `limit` detail rows of `[from, to)`, oldest minute first, and where to go on (nil at the end).
  func events(
    service: String, from: Int, to: Int, after cursor: Int?, limit: Int
  ) throws(QueryError) -> (rows: [EventRecord], next: Int?)
  func counters() -> [ServiceCounters]
  func status() -> EngineStatus
}
