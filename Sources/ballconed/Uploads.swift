internal import Dashboard
internal import Synchronization
internal import Syslog
internal import TSEngine

/// Carries logs that come by HTTP into the engine.
struct Uploads: ImportSink {
  private let engine: Engine
  private let ledger: ImportLedger
  private let ingest: IngestOptions
  private let clock: @Sendable () -> Int

  init(_ state: State, ingest: IngestOptions, clock: @escaping @Sendable () -> Int) {
    (engine, ledger, self.ingest, self.clock) = (state.engine, state.ledger, ingest, clock)
  }

  func begin(service: String?, format: String, again: Bool) throws(ImportRefusal) -> any ImportSession {
    guard let format = RecordFormat(rawValue: format) else {
      let formats = RecordFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw ImportRefusal(
        code: "unknown_format", message: "cannot import: got format \(Log.quoted(format)), want one of \(formats)")
    }
    var ingest = ingest
    (ingest.format, ingest.service) = (format, service)
    return Upload(LogImport(engine: engine, options: ingest, ledger: ledger, again: again, input: .http, clock: clock))
  }
}

/// One log on its way in.
private final class Upload: ImportSession {
  private let log: Mutex<LogImport>

  init(_ log: consuming sending LogImport) { self.log = Mutex(log) }

  func feed(_ bytes: Span<UInt8>) { log.withLock { $0.feed(bytes) } }

  func finish() -> ImportOutcome {
    let result = log.withLock { $0.finish() }
    var outcome = ImportOutcome()
    (outcome.counted, outcome.excluded, outcome.known) = (result.counts.counted, result.counts.excluded, result.known)
    outcome.rejected = RejectReason.allCases.map { ($0.name, result.counts[$0]) }
    outcome.failure = result.failure
    return outcome
  }

  /// What had come is counted and remembered, so that the same log sent again goes on from there.
  func cancel() { _ = log.withLock { $0.finish() } }
}
