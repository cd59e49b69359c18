import Synchronization
import TSEngine
import Testing

@testable import Dashboard

/// Takes what it is given and says so.
final class FakeImport: ImportSink {
  let begun = Mutex<[String]>([])
  let session = FakeSession()
  func begin(service: String?, format: String, again: Bool) throws(ImportRefusal) -> any ImportSession {
    guard ["auto", "combined"].contains(format) else {
      throw ImportRefusal(code: "unknown_format", message: "cannot import: got “\(format)”, want auto or combined")
    }
    begun.withLock { $0.append("\(service ?? "-") \(format) \(again)") }
    return session
  }
}
final class FakeSession: ImportSession {
  let fed = Mutex<Int>(0), isCancelled = Mutex(false)
  func feed(_ bytes: Span<UInt8>) { fed.withLock { $0 += bytes.count } }
  func finish() -> ImportOutcome {
    var outcome = ImportOutcome()
    outcome.counted = fed.withLock { $0 }
    outcome.rejected = [("format", 1), ("late", 0)]
    return outcome
  }
  func cancel() { isCancelled.withLock { $0 = true } }
}

func makeContext(
  _ events: [FakeStore.Event] = fakeEvents(), options: DashboardOptions = fakeOptions(),
  importer: any ImportSink = FakeImport(),
  isReady: Bool = true, status change: @escaping @Sendable (inout EngineStatus) -> Void = { _ in }
) -> Context {
  Context(
    options: options, store: FakeStore(events, status: change), accounting: fakeAccounting(), importer: importer,
    counters: WebCounters(),
    uploads: UploadGate(),
    assets: .compiledIn, isReady: { isReady }, isStopping: { false }, clock: { fakeNow })
}
func fakeOptions() -> DashboardOptions {
  var options = DashboardOptions()
  (options.version, options.revision, options.started) = ("1.2.3", "abcdef", fakeNow - 100)
  options.listening = "127.0.0.1:65140/udp"
  return options
}
func fakeAccounting() -> Accounting {
  let accounting = Accounting()
  accounting.received(7, by: .udp)
  accounting.counted(5)
  accounting.excluded(1)
  accounting.rejected(.format, at: fakeNow - 9, place: "byte 3")
  return accounting
}

extension Router {
  static func fake(
    _ events: [FakeStore.Event] = fakeEvents(), options: DashboardOptions = fakeOptions(),
    status change: @escaping @Sendable (inout EngineStatus) -> Void = { _ in }
  ) -> Router {
    Router(makeContext(events, options: options, status: change))
  }
  func get(_ target: String, _ headers: [(name: HeaderName, value: String)] = []) -> Response {
    respond(to: Request(.get, target, headers: headers))
  }
  func post(_ target: String, _ body: String = "", _ headers: [(name: HeaderName, value: String)] = []) -> Response {
    var request = Request(.post, target, headers: headers)
    request.body = Array(body.utf8)
    return respond(to: request)
  }
}

extension Response {
  var text: String {
    switch body {
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    case .asset(let asset): String(decoding: asset.bytes, as: UTF8.self)
    }
  }
  var count: Int {
    switch body {
    case .bytes(let bytes): bytes.count
    case .asset(let asset): asset.bytes.count
    }
  }
}

/// Seeded, so that a failure can be had again.
struct Dice: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
