internal import Glibc

/// Time and memory as the kernel accounts them.
enum Clock {
  /// CPU seconds of this thread.
  static func cpu() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
  /// Seconds of the wall, from some moment.
  static func wall() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
  /// KiB, the most the process ever had.
  static func residentPeak() -> Int {
    var usage = rusage()
    unsafe getrusage(CInt(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
  }
}

/// One form of line for all benchmarks.
enum Report {
  static func line(_ name: String, nanoseconds: Double, checksum: some FixedWidthInteger) {
    text("\(name): \((nanoseconds * 10).rounded() / 10) ns, checksum \(checksum)")
  }
  static func text(_ text: String) { print(text) }
}
