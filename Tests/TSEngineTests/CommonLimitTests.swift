import Testing

@testable import TSEngine

@Suite struct CommonLimitTests {
  @Test func `one alone may use nearly all, and a flood never takes what others are guaranteed`() {
    let common = CommonLimit(1_000)
    let flood = common.join()
    var taken = 0
    while flood.take(1) { taken += 1 }
    #expect(taken == 1_000 && flood.isCrowded)
    let others = (0..<9).map { _ in common.join() }
    for other in others {
      #expect(!other.isCrowded)
      for _ in 0..<50 { #expect(other.take(1)) }
      #expect(!other.take(1))  // the common half is the flood's
    }
    flood.give(600)
    #expect(others[0].take(100))
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `what is held above the guaranteed part never passes the common half`(seed: UInt64) {
    var random = SplitMix(seed: seed)
    let common = CommonLimit(10_000), shares = (0..<8).map { _ in common.join() }
    for _ in 0..<3_000 {
      let share = shares[Int(random.next() % 8)], amount = Int(random.next() % 200)
      if random.next() % 3 > 0 { _ = share.take(amount) } else { share.give(min(amount, share.used)) }
      let above = shares.reduce(0) { $0 + max(0, $1.used - common.guaranteed) }
      #expect(above <= 5_000 && shares.reduce(0) { $0 + $1.used } <= 10_000, "seed \(seed)")
    }
  }
}
