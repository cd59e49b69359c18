internal import TSEngine

extension Context {
  static let queryParameters = ["service", "from", "to", "step", "metrics", "by", "f", "audience", "order", "limit", "tz"]

  /// `GET /api/v1/query`. Filters and entry pages scan rows, so these leave the event loop.
  func queryAnswer(_ given: Parameters) throws(APIError) -> Outcome {
    let parameters = try QueryParameters(given, allowed: Self.queryParameters, now: clock(), days: options.days)
    let query = try parameters.query()
    let isLong = !query.filters.isEmpty || query.by == .dimension(.entry)
    guard isLong else { return .response(QueryAnswer(query, try store.answer(query)).response) }
    guard known(query.service) != nil else { throw APIError.unknownService(query.service) }
    return .later(.rows) { [store] in
      do throws(APIError) { return QueryAnswer(query, try store.answer(query)).response } catch { return error.response }
    }
  }
}

/// The JSON of one answer.
struct QueryAnswer {
  let query: Query
  let result: QueryResult
  init(_ query: Query, _ result: QueryResult) { (self.query, self.result) = (query, result) }

  var response: Response {
    var json = JSONWriter(capacity: 512 + result.rows.count * (40 + 20 * query.metrics.count))
    json.beginObject()
    json.member("service", query.service)
    json.member("from", time: result.from)
    json.member("to", time: result.to)
    json.member("step", query.step.name)
    json.key("by")
    if let by = query.by { json.string(by.name) } else { json.null() }
    json.key("rows")
    json.beginArray()
    for row in result.rows { write(row, to: &json) }
    json.endArray()
    json.key("totals")
    json.beginObject()
    write(result.totals, to: &json)
    json.endObject()
    json.key("coverage")
    json.beginObject()
    json.member("from", time: result.coverage.from)
    json.member("source", result.coverage.source.rawValue)
    json.endObject()
    json.key("error")
    json.beginObject()
    if let error = result.visitorsError { json.member("visitors", number: error.sixDigits) }
    if let error = result.bytesError { json.member("bytes", number: error.sixDigits) }
    json.endObject()
    json.endObject()
    return .json(json)
  }

  private func write(_ row: QueryResult.Row, to json: inout JSONWriter) {
    json.beginObject()
    if let time = row.time {
      json.key("time")
      json.string(Timestamp.text(time))
    }
    if let label = row.label, let by = query.by {
      json.key(by.name)
      if by == .hourOfWeek, let hour = Int(label) { json.integer(hour) } else { json.string(label) }
    }
    write(row.values, to: &json)
    json.endObject()
  }

  private func write(_ values: [Double?], to json: inout JSONWriter) {
    for (index, metric) in query.metrics.enumerated() {
      json.member(metric.name, number: index < values.count ? values[index].map(metric.rounded) : nil)
    }
  }
}

extension Metric {
  /// Counts are whole, also where they are estimates; durations and rates have six digits.
  func rounded(_ value: Double) -> Double {
    switch self {
    case .visitors, .requests, .pageviews, .bytes, .errors: value.rounded()
    case .durationAverage, .durationP50, .durationP95, .durationP99, .errorRate, .botShare: value.sixDigits
    }
  }
}
