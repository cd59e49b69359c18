internal import Glibc

/// The signals a daemon waits for. Blocked before any thread starts, so that only the waiting thread gets them.
enum Signals {
  enum Event { case stop, reload, nothing }

  private static func set() -> sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in [SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&set, number) }
    return set
  }

  static func block() {
    var set = set()
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Sleeps until one comes, or for so many seconds.
  static func wait(seconds: Int) -> Event {
    var set = set()
    var limit = timespec(tv_sec: seconds, tv_nsec: 0)
    switch unsafe sigtimedwait(&set, nil, &limit) {
    case SIGTERM, SIGINT: return .stop
    case SIGHUP: return .reload
    default: return .nothing
    }
  }
}
