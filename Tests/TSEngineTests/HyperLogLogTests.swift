import Testing

@testable import TSEngine

@Suite struct HyperLogLogTests {
  static func tokens(_ count: Int, _ random: inout SplitMix) -> [VisitorToken] { (0..<count).map { _ in random.token() } }

  @Test func `merging equals the sketch of the union, in any order`() {
    for seed in 1...300 as ClosedRange<UInt64> {
      var random = SplitMix(seed: seed)
      let p = Int.random(in: 4...11, using: &random)
      let sets = (0..<3).map { _ in Self.tokens(Int.random(in: 0...400, using: &random), &random) }
      let (a, b, c) = (Registers(p: p, sets[0]), Registers(p: p, sets[1]), Registers(p: p, sets[2]))
      #expect(a.merged(with: b) == Registers(p: p, sets[0] + sets[1]), "seed \(seed)")
      #expect(a.merged(with: b) == b.merged(with: a), "seed \(seed)")
      #expect(a.merged(with: b).merged(with: c) == a.merged(with: b.merged(with: c)), "seed \(seed)")
      #expect(a.merged(with: a) == a, "seed \(seed)")
    }
  }

  @Test func `folding equals a sketch built at the smaller precision`() {
    for seed in 1...200 as ClosedRange<UInt64> {
      var random = SplitMix(seed: seed &* 77)
      let p = Int.random(in: 6...14, using: &random), q = Int.random(in: 4...p, using: &random)
      // Hashes of many leading zeros too, so that high ranks and long prefixes are met.
      let tokens = (0..<300).map { _ in VisitorToken(hash: random.next() >> UInt64.random(in: 0...50, using: &random)) }
      #expect(Registers(p: p, tokens).folded(to: q) == Registers(p: q, tokens), "seed \(seed)")
    }
  }

  @Test(arguments: [0, 1, 2, 10, 100, 500, 1_000, 3_000, 10_000, 60_000])
  func `thawing a frozen sketch gives the same registers`(count: Int) {
    var random = SplitMix(seed: UInt64(count))
    for p in [4, 10, 12, 14] {
      let sketch = Registers(p: p, Self.tokens(count, &random)), frozen = sketch.frozen
      #expect(Registers.isValid(frozen, p: p))
      let thawed = Registers(p: p)
      thawed.merge(frozen: frozen)
      #expect(thawed == sketch)
      let other = Registers(p: p, Self.tokens(200, &random)), union = sketch.merged(with: other)
      other.merge(frozen: frozen)
      #expect(other == union)
    }
  }
}
