internal import Glibc
internal import Synchronization
internal import Syslog
internal import TSEngine

/// The engine with what a data directory holds of it.
struct State {
  enum Mode {
    case owned  // ours alone: it is locked, and may be written
    case reading  // a daemon may be using it
  }

  let engine: Engine
  let accounting: Accounting
  let ledger: ImportLedger
  let previousShutdownUnclean: Bool

  init(_ options: Options, mode: Mode) throws(Failure) {
    var settings = EngineOptions()
    settings.memoryBytes = options.bytes(.memory)
    settings.keepMinutes = options.seconds(.keepMinutes) / 60
    settings.keepHours = options.seconds(.keepHours) / 3_600
    settings.keepDays = options.numberOrWord(.keepDays)
    var random = SystemRandomNumberGenerator()
    settings.visitorKey = SipKey(k0: random.next(), k1: random.next())
    accounting = Accounting()
    engine = Engine(settings, accounting: accounting, clock: { time(nil) })
    ledger = ImportLedger()
    previousShutdownUnclean = false
  }

  /// Writes all of it now.
  func save() throws(Failure) {}

  /// What the saving thread does: writes when something came since, and always the last time.
  func saver() -> @Sendable (_ last: Bool) -> Void {
    { _ in }
  }
}
