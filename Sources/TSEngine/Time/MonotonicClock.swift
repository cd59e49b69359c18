internal import Glibc

/// Time that nobody sets, for durations. Any thread; no system call.
enum MonotonicClock {
  /// From some moment.
  static func seconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
