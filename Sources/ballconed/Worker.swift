internal import Glibc
internal import Synchronization

/// A POSIX thread that does one thing now and then, until it is told to do it a last time.
@safe
final class Worker: Sendable {
  private let interval: Int  // milliseconds
  private let work: @Sendable (_ last: Bool) -> Void
  private let wake: Bell  // the order to end
  private let done: Bell  // it has ended

  /// Starts at once. `work(false)` runs every `seconds`, `work(true)` once when `stop` is called.
  init(every seconds: Int, _ work: @escaping @Sendable (_ last: Bool) -> Void) throws(Failure) {
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
    while !wake.wait(milliseconds: interval) { work(false) }
    work(true)
    done.ring()
  }

  /// Lets it work a last time. False when that takes longer than `milliseconds`; it may still be at it then.
  func stop(within milliseconds: Int) -> Bool {
    wake.ring()
    return done.wait(milliseconds: milliseconds)
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
