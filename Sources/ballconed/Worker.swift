internal import Glibc
internal import Synchronization

/// A POSIX thread that does one thing now and then, until it is told to do it a last time.
@safe
final class Worker: Sendable {
  private let interval: Int  // milliseconds
  private let work: @Sendable () -> Bool
  private let succeeded = Atomic<Bool>(true)  // the last time
  private let wake: Bell  // the order to end
  private let done: Bell  // it has ended

  enum End { case done, failed, late }

  /// Starts at once. `work` runs every `seconds` and once more when `stop` is called; it says whether all went well.
  init(every seconds: Int, _ work: @escaping @Sendable () -> Bool) throws(Failure) {
    (interval, self.work) = (seconds * 1_000, work)
    (wake, done) = (try Bell(), try Bell())
    var thread = pthread_t()
    let retained = unsafe Unmanaged.passRetained(self)
    let failed = unsafe pthread_create(
      &thread, nil,
      { argument in
        unsafe Unmanaged<Worker>.fromOpaque(argument!).takeRetainedValue().run()
        return nil
      }, retained.toOpaque())
    guard failed == 0 else {
      unsafe retained.release()
      throw Failure("cannot start a thread: \(Log.reason(failed))")
    }
    pthread_detach(thread)
  }

  private func run() {
    while !wake.wait(milliseconds: interval) { _ = work() }
    succeeded.store(work(), ordering: .releasing)
    done.ring()
  }

  /// Lets it work a last time; `late` when that takes longer than `milliseconds`, and it may still be at it then.
  func stop(within milliseconds: Int) -> End {
    wake.ring()
    guard done.wait(milliseconds: milliseconds) else { return .late }
    return succeeded.load(ordering: .acquiring) ? .done : .failed
  }
}

/// A pipe that one thread writes a byte to and another waits for, with a time limit that no clock step changes.
private struct Bell: Sendable {
  private let (reading, writing): (CInt, CInt)

  init() throws(Failure) {
    var ends: [CInt] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw Failure("cannot make a pipe: \(Log.reason())") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reading, writing) = (ends[0], ends[1])
  }

  func ring() { _ = unsafe write(writing, [1], 1) }

  func wait(milliseconds: Int) -> Bool {
    var watched = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
    var answer: CInt
    repeat { answer = unsafe poll(&watched, 1, CInt(milliseconds)) } while answer < 0 && errno == EINTR
    return answer > 0
  }
}
