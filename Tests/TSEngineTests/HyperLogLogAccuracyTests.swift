import Glibc
import Testing

@testable import TSEngine

/// How wrong estimates are, over seeded sketches (`SketchAcceptance`).
@Suite struct HyperLogLogAccuracyTests {
  /// Bucket sketches, p = 14: RMSE ≤ 0.9 % and |bias| ≤ 0.14 % from 1 to 10⁸.
  @Test(arguments: SketchAcceptance.counts)
  func `a bucket's estimate is within the promised error`(count: Double) {
    let failures = SketchAcceptance.failures(of: { $0.estimate }, p: 14, counts: [count], report: true)
    #expect(failures == [])
  }

  /// Sketches of values, p = 10, and p = 12, which nothing stores: the estimator knows no favourite.
  @Test(arguments: [10, 12], SketchAcceptance.counts)
  func `a value's estimate is within the error that is reported with it`(p: Int, count: Double) {
    let trials = SketchAcceptance.trials * (p == 10 ? 4 : 2)
    #expect(SketchAcceptance.failures(of: { $0.estimate }, p: p, counts: [count], trials: trials) == [])
  }

  @Test func `the classic estimator is refused`() {
    let failures = SketchAcceptance.failures(of: KnownBad.classic, p: 12, counts: [1e4], trials: 200)
    #expect(failures.count == 1)
    #expect(SketchAcceptance.failures(of: { $0.estimate }, p: 12, counts: [1e4], trials: 200) == [])
  }

  @Test func `a weak hash is refused, the keyed one is not`() {
    let key = SipKey(k0: 0x0706_0504_0302_0100, k1: 0x0f0e_0d0c_0b0a_0908)
    #expect(SketchAcceptance.failures(ofHash: { key.hash($0, 0) }) == [])
    #expect(SketchAcceptance.failures(ofHash: KnownBad.fnv).count == 3)
  }

  /// Vector of the authors' reference implementation: key 00 … 0f, message 00 … 0f.
  @Test func `the hash is SipHash-2-4`() {
    let key = SipKey(k0: 0x0706_0504_0302_0100, k1: 0x0f0e_0d0c_0b0a_0908)
    #expect(key.hash(0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908) == 0x3f2a_cc7f_57c2_9bdb)
  }

  @Test(arguments: [1, 2, 5, 10, 20, 30, 50, 75, 100])
  func `up to a hundred visitors a list is exact in 99 of 100 cases`(count: Int) {
    var random = SplitMix(seed: UInt64(count)), exact = 0
    for _ in 0..<800 {
      let distinct = Set((0..<count).map { _ in random.token() }).count
      if Int(TokenList.estimate(distinct: distinct).rounded()) == count { exact += 1 }
    }
    #expect(exact >= 792, "\(exact) of 800")
  }

  @Test(arguments: [(1_000, 0.001, 0.003), (10_000, 0.001, 0.003), (100_000, 0.002, 0.004)])
  func `a list of thousands is within a thousandth or two`(count: Int, rms: Double, largest: Double) {
    var random = SplitMix(seed: UInt64(count)), errors = SketchAcceptance.Errors()
    for _ in 0..<(count > 10_000 ? 5 : 40) {
      let distinct = Set((0..<count).map { _ in random.token() }).count
      errors.add(TokenList.estimate(distinct: distinct) / Double(count) - 1)
    }
    #expect(errors.rms <= rms && errors.largest <= largest, "\(errors.text)")
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
