internal import Synchronization

extension Context {
  /// `POST /api/v1/import?service=&format=&again=`: judged by the head, before a byte of the body.
  func beginImport(_ request: Request) throws(APIError) -> any ImportSession {
    let given = try QueryParameters(request.query, allowed: ["service", "format", "again"], now: clock(), days: options.days)
      .given
    let service = given["service"].flatMap { $0.isEmpty ? nil : $0.asciiLowered }
    if let service, !ServiceName.isValid(service) {
      throw APIError("bad_service", cannot: "import", got: service, want: "a service name of \(ServiceName.form)")
    }
    let format = given["format"].flatMap { $0.isEmpty ? nil : $0 } ?? "auto"
    guard let place = uploads.enter() else {
      throw APIError("busy", status: 503, "cannot import now: got \(UploadGate.limit) logs on their way in, want fewer")
    }
    do { return PlacedSession(try importer.begin(service: service, format: format, again: given["again"].isYes), place) } catch
    {
      throw APIError(error.code, error.message.shortened(to: 256))
    }
  }
}

/// How many logs may come in at once: each holds buffers of some hundred KiB until it ends or breaks off.
final class UploadGate: Sendable {
  static let limit = 4
  private let count = Mutex(0)

  /// One of the places; it is free again when the last reference to it goes.
  final class Place: Sendable {
    private let gate: UploadGate
    fileprivate init(_ gate: UploadGate) { self.gate = gate }
    deinit { gate.count.withLock { $0 -= 1 } }
  }
  func enter() -> Place? {
    let isFree = count.withLock { count in
      guard count < Self.limit else { return false }
      count += 1
      return true
    }
    return isFree ? Place(self) : nil
  }
}

/// A session that holds its place as long as it lives.
private final class PlacedSession: ImportSession {
  private let session: any ImportSession
  private let place: UploadGate.Place
  init(_ session: any ImportSession, _ place: UploadGate.Place) { (self.session, self.place) = (session, place) }
  func feed(_ bytes: Span<UInt8>) { session.feed(bytes) }
  func finish() -> ImportOutcome { session.finish() }
  func cancel() { session.cancel() }
}

extension ImportSession {
  /// `{"counted":9,"rejected":1,"known":0,"excluded":0,"rejected_by":{"format":1}}`; 400 when nothing could be read.
  var response: Response {
    let outcome = finish()
    let rejected = outcome.rejected.reduce(0) { $0 + $1.count }
    if let failure = outcome.failure, outcome.counted + outcome.known + outcome.excluded + rejected == 0 {
      return APIError("bad_body", failure.shortened(to: 256)).response
    }
    var json = JSONWriter()
    json.beginObject()
    json.member("counted", outcome.counted)
    json.member("rejected", rejected)
    json.member("known", outcome.known)
    json.member("excluded", outcome.excluded)
    json.key("rejected_by")
    json.beginObject()
    for (reason, count) in outcome.rejected where count > 0 { json.member(reason, count) }
    json.endObject()
    if let failure = outcome.failure { json.member("failure", failure) }
    json.endObject()
    return .json(json)
  }
}

/// Names of services, DESIGN "Data model".
enum ServiceName {
  static let form = "[a-z0-9._-]{1,64}"
  static func isValid(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy { $0 &- UInt8(ascii: "a") < 26 || $0 &- UInt8(ascii: "0") < 10 || "._-".utf8.contains($0) }
  }
}

extension String? {
  /// A flag of a query string: only what says yes is yes.
  var isYes: Bool { self.map { ["1", "true", "yes", "on", "y", "t"].contains($0.asciiLowered) } ?? false }
}
