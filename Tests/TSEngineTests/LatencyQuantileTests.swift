import Glibc
import Testing

@testable import TSEngine

/// Percentiles against the sorted durations themselves: within 2.17 %, half a bucket of schema 4, whatever the distribution.
@Suite struct LatencyQuantileTests {
  /// Shapes that servers have, in seconds, from a uniform number.
  enum Shape: String, CaseIterable {
    case uniform, exponential, logNormal, pareto, bimodal
    func draw(_ random: inout SplitMix) -> Double {
      let u = random.unit()
      switch self {
      case .uniform: return 0.01 + u
      case .exponential: return 0.0005 - 0.08 * log(1 - u)
      case .logNormal:
        return 0.05 * exp(1.2 * (-2 * log(1 - u)).squareRoot() * cos(2 * Double.pi * random.unit()))
      case .pareto: return min(0.002 * pow(1 - u, -1 / 1.2), 1_000)
      case .bimodal: return u < 0.93 ? 0.0012 + 0.0008 * random.unit() : 0.8 + 0.7 * random.unit()  // hits and misses
      }
    }
  }
  static let quantiles = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999]

  private func durations(_ shape: Shape, _ count: Int, seed: UInt64) -> [UInt32] {
    var random = SplitMix(seed: seed)
    return (0..<count).map { _ in UInt32(shape.draw(&random) * 1e6) }
  }

  @Test(arguments: Shape.allCases, 1...3 as ClosedRange<UInt64>)
  func `every percentile is within 2.17 percent`(shape: Shape, seed: UInt64) {
    let all = durations(shape, 20_000, seed: seed), sorted = all.sorted()
    var counts = [UInt64](repeating: 0, count: LatencyHistogram.count)
    for duration in all { counts[LatencyHistogram.index(ofMicroseconds: duration)] += 1 }
    for q in Self.quantiles {
      let exact = Double(sorted[Int((q * Double(sorted.count)).rounded(.up)) - 1]) * 1e-6
      let found = unsafe LatencyHistogram.quantile(counts, q) ?? 0
      #expect(abs(found / exact - 1) <= 0.0217, "\(shape) seed \(seed) p\(q * 100): got \(found), want \(exact)")
    }
  }

  /// Through the buckets themselves: open tallies, closed ones, and what a query sums of both.
  @Test(arguments: Shape.allCases)
  func `merged buckets have the percentiles of one histogram of everything`(shape: Shape) {
    let all = durations(shape, 3_000, seed: 9), pool = PagePool(limitBytes: 1 << 24)
    var random = SplitMix(seed: 10), direct = [UInt64](repeating: 0, count: LatencyHistogram.count)
    let parts = (0..<7).map { _ in Tally(pool: pool) }, sums = TallyAccumulator()
    for duration in all {
      let index = LatencyHistogram.index(ofMicroseconds: duration)
      direct[index] += 1
      let cell = Cell(requests: 1, pageviews: 0, errors: 0, timed: 1, bytes: 1, microseconds: UInt64(duration))
      parts[Int(random.next() % 7)].add(cell, audience: Int(random.next() % 2), status: 200, latency: index)
    }
    for (number, part) in parts.enumerated() {
      guard number % 2 == 1 else {
        part.add(to: sums, people: true, bots: true, wanting: .latency)
        continue
      }
      var out = ByteWriter(capacity: 1 << 16)
      part.encode(into: &out)
      var cursor = unsafe ByteCursor(out.start, count: out.count)
      unsafe sums.add(from: &cursor, people: true, bots: true, wanting: .latency)
    }
    #expect(unsafe Array(UnsafeBufferPointer(start: sums.histogram, count: LatencyHistogram.count)) == direct)
    #expect(sums.timed == all.count && sums.microseconds == all.reduce(0) { $0 + Int($1) })
    for q in Self.quantiles {
      #expect(unsafe LatencyHistogram.quantile(sums.histogram, q) == LatencyHistogram.quantile(direct, q))
    }
  }
}
