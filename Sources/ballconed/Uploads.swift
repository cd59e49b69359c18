internal import Dashboard
internal import Synchronization
internal import Syslog
internal import TSEngine

/// Carries logs that come by HTTP into the engine.
struct Uploads: ImportSink {
  private let state: State
  private let ingest: IngestOptions
  private let clock: @Sendable () -> Int

  init(_ state: State, ingest: IngestOptions, clock: @escaping @Sendable () -> Int) {
    (self.state, self.ingest, self.clock) = (state, ingest, clock)
  }

  func begin(service: String?, format: String, again: Bool) throws(ImportRefusal) -> any ImportSession {
    guard let format = RecordFormat(rawValue: format) else {
      let formats = RecordFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw ImportRefusal(
        code: "unknown_format", message: "cannot import: got format \(Log.quoted(format)), want one of \(formats)")
    }
    var ingest = ingest
    (ingest.format, ingest.service) = (format, service)
    return Upload(
      LogImport(engine: state.engine, options: ingest, ledger: state.ledger, again: again, input: .http, clock: clock), state)
  }
}

/// One log on its way in.
private final class Upload: ImportSession {
  private let log: Mutex<LogImport>
  private let state: State

  init(_ log: consuming sending LogImport, _ state: State) {
    self.log = Mutex(log)
    self.state = state
  }

  func feed(_ bytes: Span<UInt8>) { log.withLock { $0.feed(bytes) } }

  func finish() -> ImportOutcome {
    let result = end()
    var outcome = ImportOutcome()
    (outcome.counted, outcome.excluded, outcome.known) = (result.counts.counted, result.counts.excluded, result.known)
    outcome.rejected = RejectReason.allCases.map { ($0.name, result.counts[$0]) }
    outcome.failure = result.failure
    return outcome
  }

  /// What had come is counted and remembered, so that the same log sent again goes on from there.
  func cancel() { _ = end() }

  private func end() -> ImportResult {
    state.importsEnding.add(1)
    defer { state.importsEnded.add(1) }
    return log.withLock { $0.finish() }
  }
}
