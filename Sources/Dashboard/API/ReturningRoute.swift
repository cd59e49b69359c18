internal import TSEngine

extension Context {
  /// `GET /api/v1/returning?service=&from=&to=&since=&audience=`: who of `[from, to)` came in `[since, from)` too.
  /// Without `since` the window before is as long as the one asked about. Sketches answer, so it stays in the event loop.
  func returningAnswer(_ given: Parameters) throws(APIError) -> Response {
    let parameters = try QueryParameters(
      given, allowed: ["service", "from", "to", "since", "audience", "tz"], now: clock(), days: options.days)
    let (from, to) = try parameters.range(), service = try parameters.service(), audience = try parameters.audience()
    let since = try parameters.moment("since") ?? from - (to - from)
    guard known(service) != nil else { throw APIError.unknownService(service) }
    guard since < from else {
      throw APIError(
        "range", cannot: "compare with what was before", got: "since \(Timestamp.text(since))", want: "it before from")
    }
    do throws(QueryError) {
      return Self.write(
        try store.returning(service: service, before: since..<from, window: from..<to, audience: audience), service)
    } catch { throw APIError(error) }
  }

  private static func write(_ result: ReturningResult, _ service: String) -> Response {
    var json = JSONWriter()
    json.beginObject()
    json.member("service", service)
    json.member("since", time: result.before.lowerBound)
    json.member("from", time: result.window.lowerBound)
    json.member("to", time: result.window.upperBound)
    json.member("visitors_before", number: result.visitorsBefore.rounded())
    json.member("visitors", number: result.visitors.rounded())
    json.member("new", number: result.new.rounded())
    json.key("returning")
    if let returning = result.returning { json.number(returning.rounded()) } else { json.null() }
    json.key("coverage")
    json.beginObject()
    json.member("from", time: result.coverageFrom)
    json.endObject()
    json.key("error")
    json.beginObject()
    json.member("sigma", number: result.sigma.sixDigits)
    json.endObject()
    json.endObject()
    return .json(json)
  }
}
