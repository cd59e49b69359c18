import Testing

@testable import TSEngine

/// SKETCHES.md, point 5: the algebra every promise about ranges rests on, bit for bit over 10⁴ seeded cases.
///
/// Most cases run at p = 4 … 9, where one costs microseconds in a debug build; nothing in the code depends on p but array
/// lengths, and every fiftieth case runs at the p = 14 and 10 that are stored.
@Suite struct SketchAlgebraTests {
  private struct Case: CustomStringConvertible {
    let seed: UInt64, p: Int, q: Int
    var a: [VisitorToken], b: [VisitorToken], c: [VisitorToken]
    var description: String { "seed \(seed), p = \(p), q = \(q), \(a.count) + \(b.count) + \(c.count) visitors" }

    init(seed: UInt64) {
      var random = SplitMix(seed: seed &* 0x9e37 &+ 1)
      self.seed = seed
      p = seed % 50 == 0 ? (seed % 100 == 0 ? 14 : 10) : Int.random(in: 4...9, using: &random)
      q = p == 14 ? 10 : Int.random(in: 4...p, using: &random)
      func set() -> [VisitorToken] {
        // Few, some and many for the registers there are; some hashes of many leading zeros, for ranks that chance hides.
        let largest = [3, 40, 3 << 4][Int(random.next() % 3)]
        return (0..<Int.random(in: 0...largest, using: &random)).map { _ in
          let hash = random.next()
          return VisitorToken(hash: random.next() % 8 == 0 ? hash >> UInt64.random(in: 0...50, using: &random) : hash)
        }
      }
      (a, b, c) = (set(), set(), set())
      // Sets that overlap, as days do.
      if random.next() % 2 == 0 { b += a.prefix(a.count / 2) }
    }
  }

  @Test(arguments: 0..<10)
  func `sketches are a semilattice, whatever form they are kept in`(slice: Int) {
    for seed in UInt64(slice) * 1_000..<UInt64(slice + 1) * 1_000 {
      let now = Case(seed: seed), p = now.p
      let (a, b, c) = (Registers(p: p, now.a), Registers(p: p, now.b), Registers(p: p, now.c))
      let union = Registers(p: p, now.a + now.b)
      var broken: [String] = []
      func check(_ holds: Bool, _ law: String) { if !holds { broken.append(law) } }
      check(a.merged(with: b) == union, "merged = direct")
      check(a.merged(with: b) == b.merged(with: a), "commutative")
      check(a.merged(with: b).merged(with: c) == a.merged(with: b.merged(with: c)), "associative")
      check(a.merged(with: a) == a, "idempotent")
      check(Registers(p: p, now.a.reversed() + now.a) == a, "order and repetition")
      check(a.folded(to: now.q) == Registers(p: now.q, now.a), "folded = direct")
      let thawed = Registers(p: p), frozen = a.frozen
      thawed.merge(frozen: frozen)
      check(thawed == a, "thawed = frozen")
      check(thawed.frozen == frozen, "frozen again = frozen")
      check(Registers.isValid(frozen, p: p), "frozen is valid")
      let onto = Registers(p: p, now.b)
      onto.merge(frozen: frozen)
      check(onto == union, "frozen onto registers = union")
      checkList(now, check)
      #expect(broken == [], "\(now)")
    }
  }

  private func checkList(_ now: Case, _ check: (Bool, String) -> Void) {
    let tokens = TokenListTests.sorted(now.a.map(\.rawValue)), frozen = TokenListTests.frozen(tokens)
    check(TokenListTests.isValid(frozen), "list is valid")
    check(TokenListTests.thawed(frozen) == tokens, "list = its tokens")
    let bytes = PaddedBytes(frozen), registers = Registers(p: now.p), onto = Registers(p: now.p, now.b)
    unsafe TokenList.merge(bytes.start, count: bytes.count, into: registers.start, p: now.p)
    check(registers == Registers(p: now.p, now.a), "list to registers = direct")
    unsafe TokenList.merge(bytes.start, count: bytes.count, into: onto.start, p: now.p)
    check(onto == Registers(p: now.p, now.a + now.b), "list onto registers = union")
    let both = TokenListTests.sorted(tokens + now.b.map(\.rawValue))
    check(both == Array(Set(now.a + now.b).map(\.rawValue).sorted()), "union of lists")
  }

  /// What an hour and a day do: minutes kept as lists, an hour as registers, a day merged from both, one of them frozen.
  @Test func `a day merged from lists, registers and frozen hours is the sketch of all its visitors`() {
    for seed in 1...20 as ClosedRange<UInt64> {
      var random = SplitMix(seed: seed)
      let day = Registers(p: 14)
      var all: [VisitorToken] = []
      for hour in 0..<4 {
        let tokens = (0..<Int.random(in: 1...3_000, using: &random)).map { _ in random.token() }
        all += tokens
        switch hour {
        case 0: day.merge(frozen: Registers(p: 14, tokens).frozen)
        case 1:
          let bytes = PaddedBytes(TokenListTests.frozen(TokenListTests.sorted(tokens.map(\.rawValue))))
          unsafe TokenList.merge(bytes.start, count: bytes.count, into: day.start, p: 14)
        default:
          let open = Registers(p: 14, tokens)
          unsafe HyperLogLog.merge(open.start, into: day.start, p: 14)
        }
      }
      #expect(day == Registers(p: 14, all), "seed \(seed)")
      #expect(day.folded(to: 10) == Registers(p: 10, all), "seed \(seed)")
    }
  }
}
