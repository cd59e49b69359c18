internal import Synchronization

/// Says that there is something to do for another thread: a block of the journal is full, an hour is over. Noted inside the
/// gate, rung outside of it by the ingesting thread, once for each time that it was noted.
final class Bell: Sendable {
  private let isNoted = Atomic<Bool>(false)
  private let handler = Mutex<(@Sendable () -> Void)?>(nil)

  func note() { isNoted.store(true, ordering: .releasing) }
  /// What ringing calls; it must not block.
  func answer(_ body: @escaping @Sendable () -> Void) { handler.withLock { $0 = body } }

  @inline(__always) func ringIfNoted() {
    if isNoted.load(ordering: .relaxed), isNoted.exchange(false, ordering: .acquiringAndReleasing) { ring() }
  }
  @inline(never) private func ring() { handler.withLock { $0 }?() }
}
