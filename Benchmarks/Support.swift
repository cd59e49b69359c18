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

/// The same made-up site each time (Marsaglia, "Xorshift RNGs", 2003).
struct Xorshift {
  private var state: UInt64 = 88_172_645_463_325_252
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
  /// Close to Zipf: a product of uniform numbers.
  mutating func skewed(_ n: Int) -> Int {
    let u = Double(next() >> 11) * 0x1p-53, v = Double(next() >> 11) * 0x1p-53
    return min(n - 1, Int(Double(n) * u * u * v * v))
  }
}
