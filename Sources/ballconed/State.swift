internal import Glibc
internal import Synchronization
internal import Syslog
internal import TSEngine

/// The engine, with what a data directory holds of it.
///
/// Any thread may use the engine; saving takes turns.
final class State: Sendable {
  enum Mode {
    case serving  // ours alone, until told to stop
    case importing  // ours alone, for one command
    case reading  // a daemon may be using it; nothing is changed
    case copying  // the same, and nothing is given up for want of room
  }

  let engine: Engine
  let accounting = Accounting()
  let ledger: ImportLedger
  let previousShutdownUnclean: Bool
  /// What was found in the directory; nil without one.
  let loaded: Store.LoadReport?
  /// Tells the visitor key of the directory from others.
  let keyID: UInt64
  /// Imports that are about to be remembered, and those that are: the ledger is written only while these are equal.
  let importsEnding = AtomicCounter(), importsEnded = AtomicCounter()

  private struct Saving {
    var store: Store?  // nil: nothing is kept
    var rememberedImports = 0
    var lastProblem: String?  // its kind
  }
  private let saving: Mutex<Saving>
  private let directory: String

  init(_ options: Options, mode: Mode) throws(Failure) {
    directory = options.dataDirectory
    let store = try options.keepsNothing ? nil : Self.open(directory, mode, credentials: options.credentials)
    engine = Engine(Self.settings(options, mode, key: store?.visitorKey), accounting: accounting, clock: { time(nil) })
    keyID = store?.keyID ?? 0
    if let store {
      let report: Store.LoadReport
      do throws(StoreError) { report = try store.load(into: engine) } catch { throw Failure(error.description) }
      loaded = report
      Self.tell(report)
      if mode == .serving { store.beginJournal(engine) }
    } else {
      loaded = nil
    }
    ledger = mode == .reading || mode == .copying || store == nil ? ImportLedger() : Self.ledger(in: directory)
    let wasRunning = unsafe access(Self.marker(directory), F_OK) == 0
    previousShutdownUnclean = store != nil && mode == .serving && wasRunning
    let keeps = store != nil
    saving = Mutex(Saving(store: store))
    if keeps, mode == .serving { try? FileSystem.replace(Self.marker(directory), with: Array("\(getpid())\n".utf8)) }
  }

  private static func tell(_ report: Store.LoadReport) {
    for note in report.problems + report.notes { Log.line(note) }
    if report.problems.isEmpty { return }
    let rows = report.rows > 0 ? " and \(report.rows) rows of what was counted since" : ""
    Log.line(
      report.generation.map { "loaded snapshot \($0)\(rows) instead" }
        ?? "got no sound snapshot, starting with \(report.rows > 0 ? "\(report.rows) rows of a journal" : "nothing")")
  }

  private static func open(_ directory: String, _ mode: Mode, credentials: String?) throws(Failure) -> Store {
    do throws(StoreError) {
      return try mode == .reading || mode == .copying
        ? Store(readOnly: directory, credentials: credentials) : Store(directory, credentials: credentials)
    } catch {
      throw Failure(error.description)
    }
  }

  private static func settings(_ options: Options, _ mode: Mode, key: SipKey?) -> EngineOptions {
    if mode == .copying { return copying }
    var settings = EngineOptions()
    settings.memoryBytes = options.bytes(.memory)
    settings.keepMinutes = options.seconds(.keepMinutes) / 60
    settings.keepHours = options.seconds(.keepHours) / 3_600
    settings.keepDays = options.numberOrWord(.keepDays)
    var random = SystemRandomNumberGenerator()
    settings.visitorKey = key ?? SipKey(k0: random.next(), k1: random.next())
    return settings
  }

  /// Room for whatever any daemon may have kept.
  static var copying: EngineOptions {
    var settings = EngineOptions()
    (settings.memoryBytes, settings.keepMinutes, settings.keepHours) = (8 << 30, 7 * 1_440, 366 * 24)
    return settings
  }

  static func ledger(in directory: String) -> ImportLedger {
    let path = directory + "/" + ImportLedger.fileName
    do throws(FileError) {
      if let ledger = try ImportLedger.load(path: path) { return ledger }
      Log.line("cannot read \(path): got no list of imports, want one; logs that were imported before would count again")
    } catch {
      Log.line(error.description)
    }
    return ImportLedger()
  }

  /// Is there while a daemon runs; who finds it at start knows that the one before did not end in order.
  private static func marker(_ directory: String) -> String { directory + "/running" }

  // MARK: Saving

  /// Writes what changed since the last time: the rows first, then the list of imports that are in them. A crash between
  /// the two counts an import twice rather than not at all.
  func save(isLast: Bool = false) throws(Failure) {
    if let problem = attempt(isLast: isLast) { throw Failure(problem.message) }
  }

  /// What went wrong, and its kind, which is the same at each attempt: later ones write files of other numbers.
  private func attempt(isLast: Bool) -> (message: String, kind: String)? {
    let ended = importsEnded.value
    let isQuiet = importsEnding.value == ended
    return saving.withLock { saving in
      guard let store = saving.store else { return nil }
      do {
        let report = try store.save(engine, second: time(nil), isLast: isLast)
        if let problem = report?.problem { Log.line("\(problem); a snapshot was written instead") }
        // An import that ended meanwhile may be in the list and not in the snapshot: the next time has both.
        guard isQuiet, importsEnding.value == ended, saving.rememberedImports != ended else { return nil }
        try ledger.save(path: directory + "/" + ImportLedger.fileName)
        saving.rememberedImports = ended
        return nil
      } catch {
        return ("\(error)", (error as? StoreError)?.kind ?? "\(error)")
      }
    }
  }

  /// The same for a thread that goes on whatever happens; each problem is told once. Returns whether all is on disk.
  @discardableResult
  func saveOrTell(isLast: Bool = false) -> Bool {
    let problem = attempt(isLast: isLast)
    let told = saving.withLock { saving in
      defer { saving.lastProblem = problem?.kind }
      return saving.lastProblem
    }
    if problem?.kind != told { Log.line(problem?.message ?? "snapshots are written again") }
    return problem == nil
  }

  /// Writes what waits between two saves, because a block of the journal is full.
  func writeWaiting() {
    let isFine = saving.withLock { $0.store?.writeWaiting(engine, second: time(nil)) ?? true }
    // Rows came faster than the disk takes them: a snapshot has them all.
    if !isFine { saveOrTell() }
  }

  /// The end in order.
  func close() {
    if !saving.withLock({ $0.store == nil }) { _ = unsafe unlink(Self.marker(directory)) }
  }
}
