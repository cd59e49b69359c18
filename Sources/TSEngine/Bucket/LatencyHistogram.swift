internal import Glibc

/// Request durations in exponential buckets, sixteen a doubling (schema 4 of Prometheus' native histograms), counted from
/// one millisecond.
///
/// ```
///  bucket   0    1               …   159           160            161                 …  512
///  upper    0    2^(−159/16) ms  …   2^(−1/16) ms  1 ms           2^(1/16) ms         …  2^22 ms (70 minutes, and all above)
/// ```
/// Upper bounds are inclusive, as Prometheus' `le`, and `0.001 · 2^k` seconds are among them exactly, so that classic
/// buckets of the exposition are sums of these. Histograms of parts add up to the histogram of the whole. A quantile is
/// within 2.17 % of the true one: `(γ − 1) / (γ + 1)` with γ = 2^(1/16), the answer being the bucket's harmonic middle.
///
/// Example: 1,500 µs: 1.5 = 2^(9.36/16), so it lies in (2^(9/16), 2^(10/16)] ms: bucket 160 + 10 = 170.
enum LatencyHistogram {
  static let count = 513

  /// The sixteen bounds inside a binary doubling (2^47, 2^48], rounded down: `2^38 · 1000 · 2^((t − 15)/16)`, and the next.
  private static let bounds: InlineArray<17, UInt64> = [
    0x8288_c2d3_5d7e, 0x8850_3f58_930c, 0x8e59_3c7e_f50f, 0x94a6_a0af_a466, 0x9b3b_7332_4e37, 0xa21a_dda1_b729,
    0xa948_2d70_c511, 0xb0c6_d580_c203, 0xb89a_6fc9_9bfb, 0xc0c6_bf14_ed08, 0xc94f_b0cc_a0c7, 0xd239_5ede_1595,
    0xdb88_11b2_a195, 0xe540_423e_6df5, 0xef66_9c26_a5ab, 0xfa00_0000_0000, 0x1051_185a_6bafd,
  ]
  /// How many of them lie at or below the start of each thirty-second of the doubling. Buckets are wider than that
  /// (0.045 against 0.031), so one comparison decides the rest.
  private static let passed: InlineArray<32, UInt8> = [
    0, 1, 1, 2, 3, 3, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 13, 14, 14, 15, 15, 15, 16,
  ]

  /// The bucket of a duration; ≈ 1 ns.
  @inline(__always) static func index(ofMicroseconds duration: UInt32) -> Int {
    if duration <= 1 { return Int(duration) }
    // (2^e, 2^(e+1)] stretched to (2^47, 2^48]; bounds other than whole milliseconds are irrational, so rounding them down
    // decides the same.
    let e = 31 &- (duration &- 1).leadingZeroBitCount
    let scaled = UInt64(duration) &<< UInt64(truncatingIfNeeded: 47 &- e)
    let t = Int(passed[Int(truncatingIfNeeded: (scaled &- 1) &>> 42) & 31])
    return min(count &- 1, e &* 16 &+ t &+ (scaled > bounds[t] ? 2 : 1))
  }

  /// Seconds; the durations in a bucket are at most this.
  static func upperBound(_ index: Int) -> Double {
    if index == 0 { return 0 }
    let fromMillisecond = index - 160
    return 0.001 * exp2(Double(fromMillisecond >> 4)) * exp2(Double(fromMillisecond & 15) / 16)
  }

  /// Seconds; at most 2.17 % from any duration in the bucket.
  static func midpoint(_ index: Int) -> Double { upperBound(index) * 0.978_342_537_673_773_7 }

  /// The `q`-quantile in seconds (nearest rank), nil of nothing.
  static func quantile<Count: FixedWidthInteger & UnsignedInteger>(_ counts: UnsafePointer<Count>, _ q: Double) -> Double? {
    var total: UInt64 = 0
    for index in 0..<count { unsafe total &+= UInt64(counts[index]) }  // below 2^64 events
    guard total > 0 else { return nil }
    let rank = max(1, min(total, UInt64((q * Double(total)).rounded(.up))))
    var seen: UInt64 = 0
    for index in 0..<count {
      unsafe seen &+= UInt64(counts[index])
      if seen >= rank { return midpoint(index) }
    }
    return nil
  }

  // Coded: varint n ‖ n × (varint gap to the bucket before − 1 ‖ varint count), counts from 1.

  static func encode(_ counts: UnsafePointer<UInt32>, into writer: inout ByteWriter) {
    var used: UInt64 = 0
    for index in 0..<count { unsafe used += counts[index] == 0 ? 0 : 1 }
    writer.varint(used)
    var previous = -1
    for index in 0..<count where unsafe counts[index] != 0 {
      writer.varint(UInt64(index - previous - 1))
      unsafe writer.varint(UInt64(counts[index]))
      previous = index
    }
  }

  /// Calls `body` for each bucket of a coded histogram; stops quietly where the bytes are not one.
  @inline(__always)
  static func forEach(from cursor: inout ByteCursor, _ body: (_ index: Int, _ count: UInt64) -> Void) {
    let used = unsafe min(cursor.varint(), UInt64(count))
    var index = -1
    for _ in 0..<used {
      index += unsafe Int(truncatingIfNeeded: cursor.varint() & 0xffff) + 1
      let added = unsafe cursor.varint()
      if index < count { body(index, added) }
    }
  }

  /// Adds a coded histogram; false where the bytes are not one, with the counts before the damage added already.
  @discardableResult
  static func add(from cursor: inout ByteCursor, into counts: UnsafeMutablePointer<UInt64>) -> Bool {
    let used = unsafe cursor.varint()
    guard used <= UInt64(count) else { return false }
    var index: UInt64 = .max
    for _ in 0..<used {
      let gap = unsafe cursor.varint(), added = unsafe cursor.varint()
      guard unsafe !cursor.isExhausted, gap < UInt64(count), added > 0 else { return false }
      index = index &+ gap &+ 1
      guard index < UInt64(count) else { return false }
      unsafe counts[Int(index)] &+= added
    }
    return unsafe !cursor.isExhausted
  }
}
