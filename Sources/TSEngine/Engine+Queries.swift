/// Answers, each under the lock for as long as it reads.
extension Engine {
  package func services() -> [String] { withState { $0.series.map(\.name) } }
  package func query(_ query: Query) throws(QueryError) -> QueryResult { QueryResult() }
  package func latency(
    service: String, from: Int, to: Int, filters: [Filter], audience: Audience
  ) throws(QueryError) -> LatencyResult { LatencyResult() }
  package func summaries(days: Int, now: Int) -> [ServiceSummary] { [] }
  package func events(
    service: String, from: Int, to: Int, after cursor: Int?, limit: Int
  ) throws(QueryError) -> (rows: [EventRecord], next: Int?) { ([], nil) }
  package func counters() -> [ServiceCounters] { [] }

  package func status() -> EngineStatus {
    withState { state in
      var status = EngineStatus()
      status.memoryUsed = state.pool.usedBytes
      status.memoryLimit = state.pool.limitPages * PagePool.pageBytes
      return status
    }
  }
}
