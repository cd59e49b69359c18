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
