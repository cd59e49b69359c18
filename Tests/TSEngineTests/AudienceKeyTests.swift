import Testing

@testable import TSEngine

/// Counters are kept by `code << 1 | bot`, and every list by audience rests on that bit.
@Suite struct AudienceKeyTests {
  /// What lists by audience get wrong when counters are kept by `key`: one line a value and audience.
  private func failures(ofKey key: (_ code: Int, _ isBot: Bool) -> Int) -> [String] {
    var random = SplitMix(seed: 17)
    let pool = PagePool(limitBytes: 1 << 24), counters = OpenCounters(.country, pool: pool)
    counters.grow(codes: 256)
    var model = [[UInt64]](repeating: [0, 0], count: 40)
    for _ in 0..<5_000 {
      let code = Int(random.next() % 40), isBot = random.next() % 3 == 0, bytes = random.next() % 1_000
      let at = key(code, isBot)
      counters.add(Cell(requests: 1, pageviews: 0, errors: 0, timed: 0, bytes: bytes, microseconds: 0), key: at)
      model[code][isBot ? 1 : 0] += 1 << 32 + bytes
    }
    var failures: [String] = []
    for (people, bots) in [(true, false), (false, true), (true, true)] {
      let table = TableAccumulator()
      counters.forEach { key, cell in table.add(cell, key: key, people: people, bots: bots) }
      for code in 0..<40 {
        let want = (people ? model[code][0] : 0) + (bots ? model[code][1] : 0), got = unsafe table.sums[code]
        let isRight = got.requests == want >> 32 && got.bytes == want & 0xffff_ffff && got.botRequests == model[code][1] >> 32
        if !isRight { failures.append("value \(code), people \(people), bots \(bots)") }
      }
    }
    return failures
  }

  @Test func `lists of people, of bots and of all are exact, and people + bots = all`() {
    #expect(failures(ofKey: { $0 << 1 | ($1 ? 1 : 0) }) == [])
  }

  @Test func `a key without the bot bit is refused`() {
    #expect(failures(ofKey: KnownBad.keyWithoutBot).count > 80)
  }
}
