import TSEngine

@testable import Syslog

/// An event with its strings.
struct BuiltEvent {
  var event: Event
  var path = "", host = "", referrer = "", campaign = ""
}

func makeEngine() -> Engine { Engine(EngineOptions(), accounting: Accounting()) { 1_800_000_000 } }

/// What `message` becomes, or why it is refused.
func build(
  _ message: [UInt8], format: RecordFormat = .auto, service: String? = "site", arrival: Int = 1_800_000_000,
  rules: IngestRules = IngestRules()
) throws(Rejection) -> BuiltEvent {
  var builder = EventBuilder(engine: makeEngine(), countries: nil, visitorIncludesAgent: false, rules: rules)
  let forced = service.flatMap { ServiceName(utf8($0).span) }
  try builder.add(message.span, format: format, service: forced, arrival: arrival)
  precondition(builder.batch.count == 1)
  let event = builder.batch[0]
  func text(_ range: ByteRange) -> String { builder.batch.withBytes(range) { string($0) } }
  return BuiltEvent(
    event: event, path: text(event.path), host: text(event.host), referrer: text(event.referrer),
    campaign: text(event.campaign))
}
func build(
  _ message: String, format: RecordFormat = .auto, service: String? = "site", arrival: Int = 1_800_000_000,
  rules: IngestRules = IngestRules()
) throws(Rejection) -> BuiltEvent {
  try build(utf8(message), format: format, service: service, arrival: arrival, rules: rules)
}

/// Why `message` is refused; nil when it is not.
func rejection(_ message: [UInt8], format: RecordFormat = .auto, service: String? = nil) -> RejectReason? {
  do throws(Rejection) {
    _ = try build(message, format: format, service: service)
    return nil
  } catch {
    return error.reason
  }
}
func rejection(_ message: String, format: RecordFormat = .auto, service: String? = nil) -> RejectReason? {
  rejection(utf8(message), format: format, service: service)
}
