internal import Synchronization

/// A queue with at most `threads` threads of its own, which live only while there is work: idle, it costs nothing.
final class Lane: Sendable {
  enum Kind: Sendable {
    case rows  // questions that scan rows: some tens of milliseconds
    case sql  // up to a second
  }

  private struct State {
    var jobs: [@Sendable () -> Void] = []
    var running = 0
  }
  private let state = Mutex(State())
  private let name: String
  private let threads: Int
  private let backlog: Int
  private let ended = Signal()

  init(_ name: String, threads: Int, backlog: Int) { (self.name, self.threads, self.backlog) = (name, threads, backlog) }

  /// False when `backlog` jobs wait already, or no thread can be had.
  func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
    let needsThread: Bool? = state.withLock { state in
      guard state.jobs.count < backlog else { return nil }
      state.jobs.append(job)
      guard state.running < threads else { return false }
      state.running += 1
      return true
    }
    guard let needsThread else { return false }
    if needsThread, !Thread.start(name, { [self] in work() }) {
      return state.withLock { state in
        state.running -= 1
        // Another thread may have taken it meanwhile; without one it would wait for ever.
        guard state.running == 0, !state.jobs.isEmpty else { return true }
        state.jobs.removeLast()
        return false
      }
    }
    return true
  }

  private func work() {
    while let job = next() { job() }
    ended.wake()
  }
  private func next() -> (@Sendable () -> Void)? {
    state.withLock { state in
      guard !state.jobs.isEmpty else {
        state.running -= 1
        return nil
      }
      return state.jobs.removeFirst()
    }
  }

  /// Waits until nothing is left to do.
  func drain() {
    while state.withLock({ $0.running > 0 }) { ended.wait(milliseconds: 50) }
  }
}
