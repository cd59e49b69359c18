import Glibc
import Testing

@testable import TSEngine

/// How wrong estimates are, over seeded sketches: exact sampling of registers instead of millions of insertions.
@Suite struct HyperLogLogAccuracyTests {
  /// A sketch of about `count` visitors and how many they are: each register gets a Poisson number `c` of visitors and the
  /// largest of `c` ranks, P(rank ≤ k) = (1 − 2^−k)^c.
  static func sampled(_ count: Double, p: Int, _ random: inout SplitMix) -> (sketch: Registers, visitors: Double) {
    let sketch = Registers(p: p), mean = count / Double(1 << p)
    var visitors = 0.0
    for index in 0..<1 << p {
      let here = poisson(mean, &random)
      if here == 0 { continue }
      visitors += here
      let rank = (-log2(-expm1(log(random.unit() + 0x1p-54) / here))).rounded(.up)
      sketch[index] = UInt8(min(max(rank, 1), Double(65 - p)))
    }
    return (sketch, visitors)
  }

  private static func poisson(_ mean: Double, _ random: inout SplitMix) -> Double {
    if mean > 50 {
      let normal = (-2 * log(1 - random.unit())).squareRoot() * cos(2 * Double.pi * random.unit())
      return max(0, (mean + mean.squareRoot() * normal).rounded())
    }
    var product = random.unit(), count = 0.0
    while product > exp(-mean) {
      product *= random.unit()
      count += 1
    }
    return count
  }

  struct Errors {
    var squares = 0.0, sum = 0.0, largest = 0.0, count = 0.0
    mutating func add(_ relative: Double) {
      squares += relative * relative
      sum += relative
      largest = max(largest, abs(relative))
      count += 1
    }
    var rms: Double { (squares / count).squareRoot() }
    var bias: Double { abs(sum / count) }
  }

  /// Three errors of the mean for the bias; root mean squares and largest errors as SKETCHES.md accepts them.
  private static func isAccepted(_ errors: Errors, p: Int, isFew: Bool = false) -> Bool {
    let limit = p == 14 ? 0.0090 : 0.0180, sigma = HyperLogLog.relativeError(p: p)
    let isSharp = errors.rms <= limit && errors.bias <= 3 * sigma / errors.count.squareRoot()
    return isSharp && (isFew || errors.largest <= 4 * limit)  // one collision among ten visitors is a tenth
  }

  @Test(arguments: [12, 14], [1, 10, 100, 1_000] as [Double])
  func `few visitors are within the promised error`(p: Int, count: Double) {
    var random = SplitMix(seed: UInt64(count) &* 31 &+ UInt64(p)), errors = Errors()
    for _ in 0..<100 {
      let sketch = Registers(p: p, (0..<Int(count)).map { _ in random.token() })
      errors.add(sketch.estimate / count - 1)
    }
    #expect(Self.isAccepted(errors, p: p, isFew: count < 1_000), "\(errors)")
  }

  @Test(arguments: [12, 14], [3_000, 1e4, 3e4, 1e5, 1e6, 1e7, 1e8])
  func `many visitors are within the promised error`(p: Int, count: Double) {
    var random = SplitMix(seed: UInt64(count) &+ UInt64(p)), errors = Errors()
    for _ in 0..<(p == 12 ? 200 : 80) {
      let (sketch, visitors) = Self.sampled(count, p: p, &random)
      errors.add(sketch.estimate / visitors - 1)
    }
    #expect(Self.isAccepted(errors, p: p), "\(errors)")
  }

  /// A suite that the estimator of 2007 could pass would not notice a wrong one.
  @Test func `the classic estimator would be caught`() {
    var random = SplitMix(seed: 41), errors = Errors(), ours = Errors()
    for _ in 0..<200 {
      let (sketch, visitors) = Self.sampled(1e4, p: 12, &random)
      errors.add(Self.classic(sketch) / visitors - 1)
      ours.add(sketch.estimate / visitors - 1)
    }
    #expect(!Self.isAccepted(errors, p: 12), "\(errors)")
    #expect(Self.isAccepted(ours, p: 12), "\(ours)")
  }

  /// Flajolet et al. 2007 with linear counting below 2.5 m.
  private static func classic(_ sketch: Registers) -> Double {
    let m = Double(1 << sketch.p), values = sketch.values
    let raw = 0.7213 / (1 + 1.079 / m) * m * m / values.reduce(0) { $0 + exp2(-Double($1)) }
    let empty = values.count { $0 == 0 }
    return raw <= 2.5 * m && empty > 0 ? m * log(m / Double(empty)) : raw
  }

  /// Sequential addresses, as attackers and networks have them: a keyed hash counts them, FNV-1a's top bits do not.
  @Test func `a weak hash would be caught`() {
    let key = SipKey(k0: 0x0706_0504_0302_0100, k1: 0x0f0e_0d0c_0b0a_0908), p = 12
    let keyed = Registers(p: p), weak = Registers(p: p)
    for address in 0..<10_000 as Range<UInt64> {
      let bytes = 0x0a00_0000 + address
      unsafe HyperLogLog.insert(VisitorToken(hash: key.hash(bytes, 0)), into: keyed.start, p: p)
      var fnv: UInt64 = 0xcbf2_9ce4_8422_2325
      for shift in [24, 16, 8, 0] as [UInt64] { fnv = (fnv ^ (bytes >> shift & 0xff)) &* 0x100_0000_01b3 }
      unsafe HyperLogLog.insert(VisitorToken(hash: fnv), into: weak.start, p: p)
    }
    #expect(abs(keyed.estimate / 10_000 - 1) < 0.05)
    #expect(abs(weak.estimate / 10_000 - 1) > 0.2)
  }

  @Test(arguments: [1, 10, 30, 100])
  func `up to a hundred visitors a list is exact`(count: Int) {
    var random = SplitMix(seed: UInt64(count)), exact = 0
    for _ in 0..<500 {
      let distinct = Set((0..<count).map { _ in random.token() }).count
      if Int(TokenList.estimate(distinct: distinct).rounded()) == count { exact += 1 }
    }
    #expect(exact >= 495, "\(exact) of 500")
  }

  @Test(arguments: [(1_000, 0.001, 0.003), (10_000, 0.001, 0.003), (100_000, 0.002, 0.004)])
  func `a list of thousands is within a thousandth or two`(count: Int, rms: Double, largest: Double) {
    var random = SplitMix(seed: UInt64(count)), errors = Errors()
    for _ in 0..<(count > 10_000 ? 5 : 40) {
      let distinct = Set((0..<count).map { _ in random.token() }).count
      errors.add(TokenList.estimate(distinct: distinct) / Double(count) - 1)
    }
    #expect(errors.rms <= rms && errors.largest <= largest, "\(errors)")
  }

  @Test func `nothing and everything are estimated too`() {
    let empty = Registers(p: 14), full = Registers(p: 14)
    #expect(empty.estimate == 0)
    for index in 0..<1 << 14 { full[index] = 51 }
    #expect(full.estimate > 1e18)
    #expect(TokenList.estimate(distinct: 0) == 0)
    #expect(TokenList.estimate(distinct: VisitorToken.space).isFinite)
  }
}
