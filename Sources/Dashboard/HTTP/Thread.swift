internal import Glibc
internal import SwiftOverlayShims

/// A detached POSIX thread with all signals blocked, so that they reach the thread that waits for them.
enum Thread {
  /// Address space, of which only touched pages count; SQLite and a query need some tens of KiB.
  static let stackBytes = 512 << 10

  /// False when the system has no thread left.
  static func start(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setstacksize(&attributes, stackBytes)
    unsafe pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
    let box = unsafe Unmanaged.passRetained(Box(body))
    var thread = pthread_t()
    let failed = withoutSignals {
      unsafe pthread_create(
        &thread, &attributes,
        { argument in
          unsafe Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
          return nil
        }, box.toOpaque()) != 0
    }
    if failed { unsafe box.release() }
    return !failed
  }

  /// Runs `body` with every signal blocked: threads made in it inherit that.
  static func withoutSignals<R>(_ body: () -> R) -> R {
    var all = sigset_t()
    var before = sigset_t()
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    return body()
  }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}

/// Lets a thread sleep until woken or until some time has passed. A wake that finds nobody asleep is kept for the next.
@safe final class Signal: Sendable {
  nonisolated(unsafe) private let mutex: UnsafeMutablePointer<pthread_mutex_t>  // stable addresses, freed in deinit
  nonisolated(unsafe) private let condition: UnsafeMutablePointer<pthread_cond_t>
  nonisolated(unsafe) private let woken: UnsafeMutablePointer<Bool>  // guarded by `mutex`

  init() {
    unsafe mutex = .allocate(capacity: 1)
    unsafe condition = .allocate(capacity: 1)
    unsafe woken = .allocate(capacity: 1)
    unsafe woken.initialize(to: false)
    unsafe pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)  // a step of the wall clock must not prolong a sleep
    unsafe pthread_cond_init(condition, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }
  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
    unsafe woken.deallocate()
  }

  func wake() {
    unsafe pthread_mutex_lock(mutex)
    unsafe woken.pointee = true
    unsafe pthread_cond_broadcast(condition)
    unsafe pthread_mutex_unlock(mutex)
  }

  /// - Parameter milliseconds: nil waits without end.
  func wait(milliseconds: Int? = nil) {
    var end = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &end)
    let nanoseconds = end.tv_nsec + (milliseconds ?? 0) % 1_000 * 1_000_000
    end.tv_sec += (milliseconds ?? 0) / 1_000 + nanoseconds / 1_000_000_000
    end.tv_nsec = nanoseconds % 1_000_000_000
    unsafe pthread_mutex_lock(mutex)
    while unsafe !woken.pointee {
      if milliseconds == nil {
        unsafe pthread_cond_wait(condition, mutex)
      } else if unsafe pthread_cond_timedwait(condition, mutex, &end) == ETIMEDOUT {
        break
      }
    }
    unsafe woken.pointee = false
    unsafe pthread_mutex_unlock(mutex)
  }
}

/// Seconds that never step.
func monotonicSeconds() -> Int {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec
}
