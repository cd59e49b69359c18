internal import TSEngine

extension Context {
  /// `GET /api/v1/services?days=30`: the overview in one answer, busiest first.
  func servicesAnswer(_ given: Parameters) throws(APIError) -> Response {
    let parameters = try QueryParameters(given, allowed: ["days"], now: clock(), days: options.days)
    let days = try parameters.integer("days", in: 1...3_660) ?? options.days
    let all = store.summaries(days: days, now: clock())
      .sorted { ($1.visitorsToday, $0.service) < ($0.visitorsToday, $1.service) }
    var json = JSONWriter(capacity: 256 + all.count * (320 + days * 4))
    json.beginArray()
    for one in all {
      json.beginObject()
      json.member("service", one.service)
      json.member("first", time: one.first)
      json.member("last", time: one.last)
      json.member("now", number: one.now.rounded())
      json.member("requests", one.requests)
      json.member("visitors_today", number: one.visitorsToday.rounded())
      json.member("requests_today", one.requestsToday)
      json.member("error_rate_today", number: one.errorRateToday?.sixDigits)
      json.member("duration_p95_today", number: one.durationP95Today?.sixDigits)
      json.member("visitors_change", number: one.visitorsChange?.sixDigits)
      json.key("visitors_by_day")
      json.beginArray()
      for value in one.visitorsByDay { json.number(value.rounded()) }
      json.endArray()
      json.endObject()
    }
    json.endArray()
    return .json(json)
  }

  /// `GET /api/v1/latency`: the merged histogram.
  func latencyAnswer(_ given: Parameters) throws(APIError) -> Outcome {
    let parameters = try QueryParameters(
      given, allowed: ["service", "from", "to", "f", "audience", "tz"], now: clock(), days: options.days)
    let (from, to) = try parameters.range()
    let service = try parameters.service(), filters = try parameters.filters(), audience = try parameters.audience()
    guard known(service) != nil else { throw APIError.unknownService(service) }
    let ask: @Sendable () -> Response = { [store] in
      do throws(QueryError) {
        return Self.write(try store.latency(service: service, from: from, to: to, filters: filters, audience: audience))
      } catch { return APIError(error).response }
    }
    return filters.isEmpty ? .response(ask()) : .later(.rows, ask)
  }

  private static func write(_ latency: LatencyResult) -> Response {
    var json = JSONWriter(capacity: 128 + latency.upper.count * 20)
    json.beginObject()
    json.key("upper")
    json.beginArray()
    for bound in latency.upper { json.number(bound.sixDigits) }
    json.endArray()
    json.key("requests")
    json.beginArray()
    for count in latency.requests { json.integer(count) }
    json.endArray()
    json.member("p50", number: latency.p50?.sixDigits)
    json.member("p95", number: latency.p95?.sixDigits)
    json.member("p99", number: latency.p99?.sixDigits)
    json.endObject()
    return .json(json)
  }

  /// `GET /api/v1/status`: the daemon itself. `rows_from`: the oldest detail row of any service.
  func statusAnswer() -> Response {
    let status = store.status()
    var json = JSONWriter(capacity: 1_024)
    json.beginObject()
    json.member("version", options.version)
    json.member("started", time: options.started)
    json.member("listening", options.listening)
    json.member("services", status.services)
    json.member("received", accounting.received)
    json.member("counted", accounting.counted)
    json.key("rejected")
    json.beginObject()
    for reason in RejectReason.allCases { json.member(reason.name, accounting.rejected(for: reason)) }
    json.endObject()
    json.key("last_reject")
    if let last = accounting.lastReject {
      json.beginObject()
      json.member("reason", last.reason.name)
      json.member("at", time: last.at)
      json.member("where", last.place)
      json.endObject()
    } else {
      json.null()
    }
    json.member("excluded", accounting.excluded)
    json.member("dropped", accounting.dropped)
    json.key("memory")
    json.beginObject()
    json.member("used", status.memoryUsed)
    json.member("limit", status.memoryLimit)
    json.endObject()
    json.key("snapshot")
    json.beginObject()
    json.member("at", time: status.snapshotAt)
    json.member("bytes", status.snapshotBytes)
    json.member("seconds", number: status.snapshotSeconds.sixDigits)
    json.endObject()
    json.member("rows_from", time: status.rowsFrom)
    json.member("attribution", options.geoipAttribution)
    json.key("previous_shutdown_unclean")
    json.bool(options.previousShutdownUnclean)
    json.key("warning")
    if let text = warning(status) { json.string(text) } else { json.null() }
    json.endObject()
    return .json(json)
  }

  /// What is wrong with the data on the disk, for everybody who reads a page; nil when nothing is.
  private func warning(_ status: EngineStatus) -> String? {
    guard options.savePeriodSeconds > 0 else { return nil }
    let age = clock() - max(status.snapshotAt, options.started)
    if age > 3 * options.savePeriodSeconds + 1 { return "nothing was saved for \(age) seconds" }
    let failures = status.snapshotFailures + status.journalFailures
    if failures > 0 { return failures == 1 ? "1 write to the disk failed" : "\(failures) writes to the disk failed" }
    if status.loadFallbacks > 0 { return "damaged files were set aside at the start" }
    return nil
  }

  /// `GET /-/ready`
  func readiness() -> Response {
    isReady() ? .text("ballconed is ready\n") : .text("ballconed is starting or stopping\n", status: 503)
  }
}
