internal import Glibc

/// Why a store cannot be opened or written.
package enum StoreError: Error, CustomStringConvertible {
  case directory(DirectoryError)
  case file(FileError)
  case snapshot(SnapshotError)
  case notEmpty(String)
  package var description: String {
    switch self {
    case .directory(let error): error.description
    case .file(let error): error.description
    case .snapshot(let error): error.description
    case .notEmpty(let path): "got data in \(path), want an empty directory: what was counted twice cannot be told apart"
    }
  }

  /// What went wrong without where: each attempt writes a file of another number.
  package var kind: String {
    if case .file(let error) = self { return "\(error.call.rawValue): \(FileError.text(error.code))" }
    return description
  }
}

/// What a data directory holds of an engine: a base, which is all of it at one instant, and the journals of what was counted
/// since.
///
/// ```
///  time     ───────────────────●───────────────────────●──────────────────► now
///  files    base.4  journal.4  │ base.5     journal.5  │ base.6   journal.6
///                              └ the instant base.5 stands for: journal.5 begins there
/// ```
/// **Recovery**: the newest sound base, then every journal from its number on whose first frame is the one that comes next.
/// So base.5 may be damaged and nothing is lost: base.4, journal.4 and journal.5 lead to the same state. Two bases are kept
/// with the journals from the older one on.
///
/// Every `save` appends what was counted since to the journal. A base is written when the journal outgrows it, at the end in
/// order (`isLast`), after an error or an overrun of the journal, and when what was loaded was damaged or torn.
///
/// ```
///  let store = try Store(path);  try store.load(into: engine);  store.beginJournal(engine)        a daemon
///  try store.save(engine, second: now) …;  try store.save(engine, second: now, isLast: true)
/// ```
/// Without `beginJournal` every save is a base: an import. One thread at a time; it never holds the engine's lock while it
/// touches a file.
package final class Store {
  /// What was found at start.
  package struct LoadReport: Sendable {
    package var generation: UInt64?  // of the base; nil: there was none, or no sound one
    package var bytes = 0, writtenAt = 0  // of the base
    package var seconds = 0.0
    /// Journals that were counted again, and rows in them.
    package var journals = 0, rows = 0, journalBytes = 0
    /// What was wrong: one line each. Damaged files are set aside.
    package var problems: [String] = []
    /// What is no damage and should be known: unfinished writes of a crash.
    package var notes: [String] = []
  }
  package struct SaveReport: Sendable {
    package var generation: UInt64 = 0, bytes = 0
    package var seconds = 0.0
    package var isBase = false
    /// Why a base had to be written instead of a journal, when that was an error.
    package var problem: String?
  }

  let directory: DataDirectory
  let isReadOnly: Bool
  package let visitorKey: SipKey
  let hasKey: Bool
  /// Tells the key from others and says nothing about it.
  package let keyID: UInt64

  /// The highest number a file has.
  var highest: UInt64 = 0
  /// Number of the next frame. Where a journal does not go on from what is there, it jumps, so that nobody takes it for that.
  var sequence: UInt64 = 0
  /// The journal to be begun starts with an empty state.
  var startsEmpty = false
  var highestBase: UInt64 = 0  // of the base being written, or written last
  var journal: JournalWriter?
  var journalNumber: UInt64?  // of the one being written, or to be; nil: the next number
  var isJournalling = false
  /// Rows are in no file and in no journal to come: only a base has them.
  var isHoled = false
  var isBaseDue = false
  var savedChanges = -1, baseChanges = -1  // what the engine had counted
  var journalBytes = 0, baseBytes = 0  // since the newest base; of it
  var retryBaseAt = 0.0, retryAfter = 0.0  // monotonic seconds
  /// Damaged journals whose sound beginning is needed until the next base.
  var damagedJournals: [UInt64] = []

  /// Takes the directory for this process (lock), makes the visitor key at first use.
  package init(_ path: String, credentials: String? = nil) throws(StoreError) {
    do throws(DirectoryError) {
      directory = try DataDirectory(path)
      (visitorKey, keyID) = try directory.visitorKey(credentials: credentials)
      hasKey = try directory.hasKey(credentials: credentials)
    } catch {
      throw .directory(error)
    }
    isReadOnly = false
    do throws(FileError) { highest = try directory.highest() } catch { throw .file(error) }
    isBaseDue = true  // until `load` says what goes on from what
    jump()
  }

  /// Looks into a directory that a daemon may be using.
  package init(readOnly path: String, credentials: String? = nil) throws(StoreError) {
    do throws(DirectoryError) {
      directory = try DataDirectory(readOnly: path)
      (visitorKey, keyID) = try directory.visitorKey(credentials: credentials)
      hasKey = try directory.hasKey(credentials: credentials)
    } catch {
      throw .directory(error)
    }
    isReadOnly = true
  }

  /// Makes what is written from now on go on from no journal there is.
  func jump() { sequence = (highest + 1) << 32 }
}

extension Store {
  /// Begins the first snapshot of a directory that has none, from the parts of another store.
  package func beginRestore(services: Int, second: Int) throws(StoreError) -> StoreRestore {
    var isEmpty = false
    do throws(FileError) { isEmpty = try directory.isEmpty() } catch { throw .file(error) }
    guard isEmpty else { throw .notEmpty(directory.path) }
    return try StoreRestore(directory.basePath(1), generation: 1, keyID: keyID, services: services, second: second)
  }

  /// Takes back what `beginRestore` made, when it turns out not to be sound.
  package func removeRestored() throws(StoreError) {
    do throws(FileError) {
      try directory.keepNewest(0)
      try directory.removeCorrupt()
    } catch {
      throw .file(error)
    }
  }
}
