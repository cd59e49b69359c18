/// Answers. What is open is read inside the gate, rows and runs of closed days without it.
extension Engine {
  package func services() -> [String] { withState { $0.series.map(\.name) } }

  package func query(_ query: Query) throws(QueryError) -> QueryResult {
    try plan(query.service) { planner throws(QueryError) in try planner.run(query) }
  }

  package func latency(
    service: String, from: Int, to: Int, filters: [Filter], audience: Audience
  ) throws(QueryError) -> LatencyResult {
    try plan(service) { planner throws(QueryError) in
      try planner.latency(from: from, to: to, filters: filters, audience: audience)
    }
  }

  package func summaries(days: Int, now: Int) -> [ServiceSummary] {
    withReader { state in
      state.foldAll()
      return state.series.map { Planner($0, now: now, state.scratch).summary(days: days) }
    }
  }

  package func events(
    service: String, from: Int, to: Int, after cursor: Int?, limit: Int
  ) throws(QueryError) -> (rows: [EventRecord], next: Int?) {
    try plan(service) { planner throws(QueryError) in
      planner.events(from: from, to: to, after: cursor, limit: limit)
    }
  }

  /// Folds what is open and lets `body` plan over one series.
  func plan<R>(_ service: String, _ body: (Planner) throws(QueryError) -> R) throws(QueryError) -> R {
    let now = clock()
    return try withReader { state throws(QueryError) in
      guard let series = state.find(service) else { throw .unknownService(service) }
      series.foldAll(state.fold, state.closing)
      return try body(Planner(series, now: now, state.scratch))
    }
  }
}
