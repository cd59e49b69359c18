internal import TSEngine

/// One message of `GET /api/v1/live`, at most one a second and at least one in ten:
///
/// ```
/// data: {"time":"2026-10-02T12:00:07Z","service":"blog","now":12,"requests":34,"previous":310,
///        "last":"2026-10-02T12:00:06Z","received":9000,"counted":8990,"rejected":10,"excluded":0,"dropped":0}
/// ```
/// `now`: people of the last five minutes; `requests`: of the minute that `time` lies in, all audiences; `previous`: of the
/// whole minute before, so a rate is `previous / 60`; `last`: the newest event, null before the first. Without `?service=`
/// the figures are sums over all services and `service` is null. `received` … `dropped` are the daemon's since its start.
struct LiveTick: Equatable, Sendable {
  var service: String?
  var now = 0, requests = 0, previous = 0, last = 0
  var received = 0, counted = 0, rejected = 0, excluded = 0, dropped = 0

  /// As an event of the stream.
  func event(at second: Int) -> [UInt8] {
    var json = JSONWriter(capacity: 256)
    json.beginObject()
    json.member("time", time: second)
    json.key("service")
    if let service { json.string(service) } else { json.null() }
    json.member("now", now)
    json.member("requests", requests)
    json.member("previous", previous)
    json.member("last", time: last)
    json.member("received", received)
    json.member("counted", counted)
    json.member("rejected", rejected)
    json.member("excluded", excluded)
    json.member("dropped", dropped)
    json.endObject()
    return Array("data: ".utf8) + json.bytes + Array("\n\n".utf8)
  }
}

extension Context {
  func liveTopic(_ given: Parameters) throws(APIError) -> LiveTopic {
    _ = try QueryParameters(given, allowed: ["service"], now: clock(), days: options.days)
    guard let service = given["service"] else { return LiveTopic(service: nil) }
    guard let name = known(service) else { throw APIError.unknownService(service) }
    return LiveTopic(service: name)
  }

  /// The present figures of each topic; some tens of microseconds a service.
  func ticks(_ topics: Set<LiveTopic>, at now: Int) -> [LiveTopic: LiveTick] {
    guard !topics.isEmpty else { return [:] }
    var common = LiveTick()
    (common.received, common.counted, common.rejected) = (accounting.received, accounting.counted, accounting.rejected)
    (common.excluded, common.dropped) = (accounting.excluded, accounting.dropped)
    let last = store.status().lastEvent
    var ticks: [LiveTopic: LiveTick] = [:]
    for topic in topics {
      var tick = common
      tick.service = topic.service
      for service in topic.service.map({ [$0] }) ?? store.services() {
        add(service, at: now, to: &tick)
        tick.last = max(tick.last, last.first { $0.service == service }?.second ?? 0)
      }
      ticks[topic] = tick
    }
    return ticks
  }

  private func add(_ service: String, at now: Int, to tick: inout LiveTick) {
    let minute = now - now % 60
    var present = Query(service: service, from: now - 300, to: now + 1)
    (present.metrics, present.audience) = ([.visitors], .people)
    tick.now += Int(((try? store.query(present))?.totals.first.flatMap { $0 } ?? 0).rounded())
    var minutes = Query(service: service, from: minute - 60, to: minute + 60)
    (minutes.metrics, minutes.step) = ([.requests], .minute)
    for row in (try? store.query(minutes))?.rows ?? [] {
      let count = Int(row.values.first.flatMap { $0 } ?? 0)
      if row.time == minute { tick.requests += count } else if row.time == minute - 60 { tick.previous += count }
    }
  }
}
