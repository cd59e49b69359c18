/// How an engine is set up.
package struct EngineOptions: Sendable {
  package var memoryBytes = 64 << 20  // for the whole process; the pool is what is left of it
  package var keepMinutes = 2_880, keepHours = 840
  package var keepDays: Int?  // nil: as memory allows
  package var visitorKey = SipKey(k0: 0, k1: 0)
  package init() {}
}

/// The time-series engine: events in, answers out. Stands for all services of one daemon.
package final class Engine: QueryStore, Sendable {
  package let options: EngineOptions
  package let accounting: Accounting

  /// - Parameter clock: Unix seconds; injected so that tests own the time.
  package init(_ options: EngineOptions, accounting: Accounting, clock: @escaping @Sendable () -> Int) {
    (self.options, self.accounting) = (options, accounting)
  }

  // MARK: Ingest (one writer at a time; the names may be asked from any thread)

  /// The site of that name, made at its first sight; over the limit of services it is `~other`.
  /// - Precondition: the name is valid (`Service.isValid`), lower case already.
  package func service(named name: String) -> ServiceID { ServiceID(rawValue: 0) }
  /// The row of a parsed agent, made at its first sight; `.other` when the table is full.
  package func agent(_ agent: AgentClass) -> AgentID { .other }
  /// A shared name, made at its first sight; `.other` when the dictionary is full.
  package func name(_ name: String) -> NameID { .none }
  /// Takes every event of the batch, counts or rejects it (late, future), and empties the batch.
  ///
  /// The accounting has it already; the outcome is for who asks about this batch alone, as an import does.
  @discardableResult
  package func ingest(_ batch: inout EventBatch) -> IngestOutcome {
    batch.removeAll()
    return IngestOutcome()
  }

  // MARK: Query

  package func services() -> [String] { [] }
  package func query(_ query: Query) throws(QueryError) -> QueryResult { QueryResult() }
  package func latency(
    service: String, from: Int, to: Int, filters: [Filter], audience: Audience
  ) throws(QueryError) -> LatencyResult { LatencyResult() }
  package func summaries(days: Int, now: Int) -> [ServiceSummary] { [] }
  package func events(
    service: String, from: Int, to: Int, after cursor: Int?, limit: Int
  ) throws(QueryError) -> (rows: [EventRecord], next: Int?) { ([], nil) }
  package func counters() -> [ServiceCounters] { [] }
  package func status() -> EngineStatus { EngineStatus() }
}
