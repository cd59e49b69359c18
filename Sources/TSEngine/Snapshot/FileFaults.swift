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
    }

    func code(for call: FileSystem.Call, _ path: String) -> Int32? {
      let number = seen.withLock { calls in
        calls.append((call, path))
        return calls.count { $0.call == call }
      }
      guard call == self.call, number == at || isLasting && number > at else { return nil }
      return failure
    }

    func part(of count: Int) -> Int { min(count, shortWrite ?? count) }
    /// Every call in order, with the name it went to.
    var log: [String] { seen.withLock { $0.map { "\($0.call) \(FileSystem.name(of: $0.path))" } } }
    func count(of call: FileSystem.Call) -> Int { seen.withLock { $0.count { $0.call == call } } }
  }
#endif
