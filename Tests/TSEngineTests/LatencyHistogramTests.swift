import Glibc
import Testing

@testable import TSEngine

@Suite struct LatencyHistogramTests {
  @Test func `a bucket ends exactly at its bound`() {
    for k in 0..<22 {
      let bound = UInt32(1_000) << UInt32(k)
      let index = LatencyHistogram.index(ofMicroseconds: bound)
      #expect(index == 160 + 16 * k)
      #expect(LatencyHistogram.index(ofMicroseconds: bound + 1) == index + 1)
      #expect(LatencyHistogram.upperBound(index) == 0.001 * Double(1 << k))
    }
  }

  @Test func `every duration lies between the bounds of its bucket`() {
    var random = SplitMix(seed: 5)
    let few = Array(UInt32(0)...3_000)
    let many = (0..<20_000).map { _ in UInt32(truncatingIfNeeded: random.next() >> UInt64.random(in: 32...60, using: &random)) }
    for duration in few + many {
      let index = LatencyHistogram.index(ofMicroseconds: duration), seconds = Double(duration) * 1e-6
      #expect(seconds <= LatencyHistogram.upperBound(index) * (1 + 1e-12) || index == 512, "\(duration)")
      #expect(index == 0 || seconds > LatencyHistogram.upperBound(index - 1) * (1 - 1e-12), "\(duration)")
    }
    #expect(LatencyHistogram.index(ofMicroseconds: .max) == 512)
  }

  /// All bounds but whole milliseconds are irrational and none comes nearer than 10⁻⁹ to a whole microsecond, so the last
  /// microsecond of a bucket is the bound rounded down.
  @Test func `the last microsecond of every bucket is in it, the next one is not`() {
    for index in 1..<512 where index % 16 != 0 {
      let bound = LatencyHistogram.upperBound(index) * 1e6
      #expect(abs(bound - bound.rounded()) > 1e-9 || bound < 1)
      guard bound >= 2 else { continue }
      #expect(LatencyHistogram.index(ofMicroseconds: UInt32(bound)) <= index)
      #expect(LatencyHistogram.index(ofMicroseconds: UInt32(bound) + 1) > index)
    }
  }

  @Test func `the histogram of parts is the histogram of the whole`() {
    var random = SplitMix(seed: 8)
    let durations = (0..<3_000).map { _ in
      UInt32(truncatingIfNeeded: random.next() >> UInt64.random(in: 32...60, using: &random))
    }
    func histogram(_ durations: some Sequence<UInt32>) -> [UInt32] {
      durations.reduce(into: [UInt32](repeating: 0, count: 513)) { $0[LatencyHistogram.index(ofMicroseconds: $1)] += 1 }
    }
    let parts = [durations.prefix(1_000), durations[1_000...]].map { histogram($0) }
    #expect(zip(parts[0], parts[1]).map { $0 + $1 } == histogram(durations))
  }

  @Test func `quantiles of nothing and of one`() {
    var counts = [UInt32](repeating: 0, count: LatencyHistogram.count)
    #expect(unsafe LatencyHistogram.quantile(counts, 0.5) == nil)
    counts[LatencyHistogram.index(ofMicroseconds: 250_000)] = 1
    for q in [0, 0.5, 1] { #expect(abs((unsafe LatencyHistogram.quantile(counts, q) ?? 0) / 0.25 - 1) <= 0.0217) }
    counts[0] = 1
    #expect(unsafe LatencyHistogram.quantile(counts, 0.5) == 0)
  }

  @Test func `damage to a coded histogram is refused or stays inside the buckets`() {
    var random = SplitMix(seed: 9), refused = 0
    var counts = [UInt32](repeating: 0, count: LatencyHistogram.count)
    for _ in 0..<60 { counts[Int.random(in: 0..<513, using: &random)] += 300 }
    var writer = ByteWriter(capacity: 1 << 12)
    unsafe LatencyHistogram.encode(counts, into: &writer)
    let whole = unsafe Array(UnsafeBufferPointer(start: writer.start, count: writer.count))
    for trial in 0..<3_000 {
      var bytes = whole
      if trial < whole.count {
        bytes.removeLast(whole.count - trial)
      } else {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8(truncatingIfNeeded: random.next())
      }
      // One bucket more than there are, which must stay as it is.
      var sum = [UInt64](repeating: 0, count: LatencyHistogram.count + 1)
      let isSound = unsafe bytes.withUnsafeBufferPointer { buffer in
        var cursor = unsafe ByteCursor(buffer.baseAddress ?? UnsafePointer(bitPattern: 8)!, count: buffer.count)
        return unsafe LatencyHistogram.add(from: &cursor, into: &sum)
      }
      if trial < whole.count { #expect(!isSound || trial == 0 && bytes.isEmpty) }
      if !isSound { refused += 1 }
      #expect(sum[LatencyHistogram.count] == 0)
    }
    #expect(refused >= whole.count)
  }

  @Test func `quantiles are within the promised error`() {
    var random = SplitMix(seed: 6)
    for spread in [0.1, 0.5, 1.0, 2.0, 3.0] {
      var counts = [UInt64](repeating: 0, count: LatencyHistogram.count), durations: [UInt32] = []
      for _ in 0..<4_000 {
        let normal = (0..<12).reduce(-6.0) { sum, _ in sum + random.unit() }
        let duration = UInt32(max(2, 40_000 * exp2(spread * normal)))
        durations.append(duration)
        counts[LatencyHistogram.index(ofMicroseconds: duration)] += 1
      }
      durations.sort()
      for q in [0.5, 0.95, 0.99, 0.999] {
        let exact = Double(durations[Int((q * 4_000).rounded(.up)) - 1]) * 1e-6
        let found = unsafe counts.withUnsafeBufferPointer { unsafe LatencyHistogram.quantile($0.baseAddress!, q)! }
        #expect(abs(found / exact - 1) <= 0.0217)
      }
    }
  }

  @Test func `a coded histogram adds up to what was coded`() {
    var random = SplitMix(seed: 7)
    var counts = [UInt32](repeating: 0, count: LatencyHistogram.count)
    for _ in 0..<500 { counts[Int.random(in: 0..<513, using: &random)] += UInt32.random(in: 1...70_000, using: &random) }
    var writer = ByteWriter(capacity: 1 << 16)
    unsafe counts.withUnsafeBufferPointer { unsafe LatencyHistogram.encode($0.baseAddress!, into: &writer) }
    var sum = [UInt64](repeating: 1, count: LatencyHistogram.count)
    for _ in 0..<2 {
      var cursor = unsafe ByteCursor(writer.start, count: writer.count)
      let isSound = unsafe sum.withUnsafeMutableBufferPointer {
        unsafe LatencyHistogram.add(from: &cursor, into: $0.baseAddress!)
      }
      #expect(isSound)
      #expect(unsafe cursor.remaining == 0)
    }
    #expect(sum == counts.map { 1 + 2 * UInt64($0) })
  }
}
