#if DEBUG
  internal import Synchronization

  /// What a test wants to go wrong: the k-th call of a kind fails, once or from then on. Bound to the test's own task, so
  /// that tests side by side do not meet.
  final class FileFaults: Sendable {
    @TaskLocal static var current: FileFaults?

    private let call: FileSystem.Call, at: Int, failure: Int32, isLasting: Bool
    /// Writes take at most this many bytes a call.
    private let shortWrite: Int?
    private let seen = Mutex<[FileSystem.Call: Int]>([:])

    init(
      _ call: FileSystem.Call = .write, at: Int = .max, code: Int32 = 0, isLasting: Bool = false, shortWrite: Int? = nil
    ) {
      (self.call, self.at, failure, self.isLasting, self.shortWrite) = (call, at, code, isLasting, shortWrite)
    }

    func code(for call: FileSystem.Call) -> Int32? {
      let number = seen.withLock { counts in
        counts[call, default: 0] += 1
        return counts[call]!
      }
      guard call == self.call, number == at || isLasting && number > at else { return nil }
      return failure
    }

    func part(of count: Int) -> Int { min(count, shortWrite ?? count) }
    /// How often each call was made.
    var counts: [FileSystem.Call: Int] { seen.withLock { $0 } }
  }
#endif
