/// An answer, with how far it reaches and how wrong it may be.
package struct QueryResult: Sendable {
  package struct Row: Sendable {
    package var time: Int?  // start of the bucket, Unix seconds; nil with `step = all`
    package var label: String?  // value of the grouping; nil without one. `hour_of_week` is its number in decimal
    package var values: [Double?]  // one for each metric of the query; nil where there is no value (a rate of nothing)
    package init(time: Int?, label: String?, values: [Double?]) { (self.time, self.label, self.values) = (time, label, values) }
  }
  /// What the answer was made from.
  package enum Source: String, Sendable { case buckets, tables, rows }

  package var rows: [Row] = []
  package var totals: [Double?] = []  // one for each metric, over the whole range
  package var coverage: (from: Int, source: Source) = (0, .buckets)  // the first second the answer knows about
  package var from = 0, to = 0  // the range answered: as asked, or widened to whole buckets where finer ones are gone
  /// Relative standard error of `visitors`, and of `bytes` where rows rounded them; absent when exact or not asked.
  package var visitorsError: Double?
  package var bytesError: Double?
  package init() {}
}

/// Requests by how long they took: the merged histogram.
package struct LatencyResult: Sendable {
  package var upper: [Double] = []  // upper bound of each bucket, seconds, ascending; first and last are not empty
  package var requests: [Int] = []
  package var p50: Double?, p95: Double?, p99: Double?
  package init() {}
}

/// One service in the overview.
package struct ServiceSummary: Sendable {
  package var service = ""
  package var first = 0, last = 0  // Unix seconds of the first and newest event
  package var now = 0.0  // visitors of the last five minutes, people
  package var requests = 0  // over the days asked
  package var visitorsToday = 0.0, requestsToday = 0  // visitors are people, requests all
  package var errorRateToday: Double?, durationP95Today: Double?
  package var visitorsChange: Double?  // today against yesterday up to the same time; nil without a base
  package var visitorsByDay: [Double] = []  // people, oldest first, today last
  package init() {}
}

/// One detail row, as SQL and exports see it; strings resolved.
package struct EventRecord: Sendable {
  package var time = 0  // Unix seconds of its minute
  package var path = "", referrer = "", source = "", channel = "", campaign = "", host = "", country = ""
  package var browser = "", browserVersion = "", platform = "", platformVersion = "", device = "", bot = ""
  package var method = "", httpProtocol = ""
  package var status = 0, bytes = 0  // bytes within 3 %
  package var duration: Double?  // seconds, within 2.2 %
  package var isBot = false
  package init() {}
}

/// How the engine is, for `/metrics`, `/api/v1/status` and footers.
package struct EngineStatus: Sendable {
  package var memoryUsed = 0, memoryLimit = 0  // bytes
  package var memoryByKind: [(kind: String, bytes: Int)] = []
  package var services = 0
  package var rowsFrom = 0  // Unix seconds: the oldest detail row of any service
  package var lastEvent: [(service: String, second: Int)] = []
  package var dimensionValues: [(service: String, dimension: String, values: Int)] = []
  package var dimensionOverflow: [(service: String, dimension: String, count: Int)] = []
  /// When all that had been counted was on the disk (Unix seconds); size of the newest base.
  package var snapshotAt = 0, snapshotBytes = 0, snapshotFailures = 0, loadFallbacks = 0
  package var snapshotSeconds = 0.0
  /// Bytes of the journal since that base; how often it could not be written, and not fast enough.
  package var journalBytes = 0, journalFailures = 0, journalOverruns = 0
  package var fsyncFailures = 0  // of bases and journals
  package init() {}
}
