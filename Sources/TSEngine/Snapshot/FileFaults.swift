#if DEBUG
  internal import Synchronization

  /// What a test wants to go wrong: the k-th call of a kind fails, once or from then on. Bound to the test's own task, so
  /// that tests side by side do not meet.
  final class FileFaults: Sendable {
    @TaskLocal static var current: FileFaults?

    private let call: FileSystem.Call, at: Int, failure: Int32, isLasting: Bool
    /// Writes take at most this many bytes a call.
    private let shortWrite: Int?
    private let seen = Mutex<[(call: FileSystem.Call, path: String)]>([])

    init(
      _ call: FileSystem.Call = .write, at: Int = .max, code: Int32 = 0, isLasting: Bool = false, shortWrite: Int? = nil
    ) {
      (self.call, self.at, failure, self.isLasting, self.shortWrite) = (call, at, code, isLasting, shortWrite)
      mutant = nil
    }

    func code(for call: FileSystem.Call, _ path: String) -> Int32? {
      let number = seen.withLock { calls in
        calls.append((call, path))
        return calls.count { $0.call == call }
      }
      guard call == self.call, number == at || isLasting && number > at else { return nil }
      return failure
    }

    // MARK: What would be on the disk

    /// What changed files, in order: from it a test knows every state that a power cut may leave.
    enum Change: Sendable {
      case create(String)
      case write(String, offset: Int, [UInt8])
      case sync(String)
      case syncDirectory(String)
      case rename(String, to: String)
      case remove(String)
      case mark(Int)  // of the test
    }
    /// Protocols that lose data, to see that a test notices.
    enum Mutant: CaseIterable, Sendable { case noSync, noDirectorySync, renameBeforeSync }

    private struct Recording {
      var changes: [Change] = []
      var positions: [String: Int] = [:]  // where the next write of a file goes
      var held: Set<String> = []  // synced once they are renamed
    }
    private let recording = Mutex(Recording())
    private let mutant: Mutant?

    /// Fails nothing, records.
    init(mutant: Mutant?) {
      (call, at, failure, isLasting, shortWrite) = (.write, .max, 0, false, nil)
      self.mutant = mutant
    }

    func note(_ change: Change) {
      recording.withLock { recording in
        switch change {
        case .sync(let path):
          if mutant == .noSync { return }
          if mutant == .renameBeforeSync, path.hasSuffix(AtomicFile.suffix) {
            recording.held.insert(path)
            return
          }
        case .syncDirectory: if mutant == .noDirectorySync { return }
        case .create(let path): recording.positions[path] = 0
        default: break
        }
        recording.changes.append(change)
        if case .rename(let from, let to) = change, recording.held.remove(from) != nil { recording.changes.append(.sync(to)) }
      }
    }
    func noteWrite(_ path: String, offset: Int?, _ bytes: [UInt8]) {
      recording.withLock { recording in
        let place = offset ?? recording.positions[path, default: 0]
        if offset == nil { recording.positions[path] = place + bytes.count }
        recording.changes.append(.write(path, offset: place, bytes))
      }
    }
    var changes: [Change] { recording.withLock { $0.changes } }

    func part(of count: Int) -> Int { min(count, shortWrite ?? count) }
    /// Every call in order, with the name it went to.
    var log: [String] { seen.withLock { $0.map { "\($0.call) \(FileSystem.name(of: $0.path))" } } }
    func count(of call: FileSystem.Call) -> Int { seen.withLock { $0.count { $0.call == call } } }
  }
#endif
