internal import Glibc
internal import Synchronization

/// A POSIX thread that does one thing now and then, until it is told to do it a last time.
@safe
final class Worker: Sendable {
  enum Occasion { case time, called, last }
  private let interval: Int  // milliseconds
  private let work: @Sendable (Occasion) -> Bool
  private let succeeded = Atomic<Bool>(true)  // the last time
  private let wake: Bell  // calls, and the order to end
  private let done: Bell  // it has ended

  enum End { case done, failed, late }

  /// Starts at once. `work` runs every `seconds`, whenever it is called, and once more when `stop` is; it says whether all
  /// went well.
  init(every seconds: Int, _ work: @escaping @Sendable (Occasion) -> Bool) throws(Failure) {
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
    var next = Self.milliseconds() + interval
    loop: while true {
      switch wake.wait(milliseconds: max(0, next - Self.milliseconds())) {
      case .end?: break loop
      case .call?: _ = work(.called)
      case nil:
        _ = work(.time)
        next = Self.milliseconds() + interval
      }
    }
    succeeded.store(work(.last), ordering: .releasing)
    done.ring(.end)
  }

  /// Of a clock that nobody sets.
  private static func milliseconds() -> Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
  }

  /// Lets it work soon; never blocks.
  func call() { wake.ring(.call) }

  /// Lets it work a last time; `late` when that takes longer than `milliseconds`, and it may still be at it then.
  func stop(within milliseconds: Int) -> End {
    wake.ring(.end)
    guard done.wait(milliseconds: milliseconds) != nil else { return .late }
    return succeeded.load(ordering: .acquiring) ? .done : .failed
  }
}

/// A pipe that one thread writes a byte to and another waits for, with a time limit that no clock step changes.
private struct Bell: Sendable {
  enum Tone: UInt8 { case call = 1, end }
  private let (reading, writing): (CInt, CInt)

  init() throws(Failure) {
    var ends: [CInt] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw Failure("cannot make a pipe: \(Log.reason())") }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    (reading, writing) = (ends[0], ends[1])
  }

  /// A pipe that is full has been rung often enough; the order to end finds room, since calls are read all at once.
  func ring(_ tone: Tone) { _ = unsafe write(writing, [tone.rawValue], 1) }

  /// The end, if that was among what was rung; nil when the time is over.
  func wait(milliseconds: Int) -> Tone? {
    var watched = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
    var answer: CInt
    repeat { answer = unsafe poll(&watched, 1, CInt(milliseconds)) } while answer < 0 && errno == EINTR
    guard answer > 0 else { return nil }
    var tones = [UInt8](repeating: 0, count: 4_096)
    let count = max(0, unsafe read(reading, &tones, tones.count))
    return tones.prefix(count).contains(Tone.end.rawValue) ? .end : .call
  }
}
