import Testing

@testable import TSEngine

/// Frozen sketches out of a file nobody vouches for (RELIABILITY S4, P5).
@Suite struct FrozenSketchTests {
  private static func sketches(p: Int) -> [[UInt8]] {
    var random = SplitMix(seed: UInt64(p))
    return [0, 1, 20, 60, 300, 500, 1_200, 3_000, 9_000, 20_000].map { count in
      Registers(p: p, (0..<count).map { _ in random.token() }).frozen
    }
  }

  @Test(arguments: [10, 14])
  func `a sketch cut anywhere or with a byte more is refused`(p: Int) {
    for frozen in Self.sketches(p: p) {
      #expect(Registers.isValid(frozen, p: p))
      for length in stride(from: 0, to: frozen.count, by: max(1, frozen.count / 100)) {
        #expect(!Registers.isValid(Array(frozen.prefix(length)), p: p))
      }
      #expect(!Registers.isValid(frozen + [0], p: p))
      #expect(p == 10 || !Registers.isValid(frozen, p: 10) || frozen.count <= 10)
    }
  }

  /// Whatever passes the check merges into registers that stay within their limits.
  @Test(arguments: [4, 10, 14])
  func `damage is refused or harmless`(p: Int) {
    var random = SplitMix(seed: 51), accepted = 0, refused = 0
    for frozen in Self.sketches(p: p) where !frozen.isEmpty {
      for _ in 0..<250 {
        var bytes = frozen
        for _ in 0..<Int.random(in: 1...2, using: &random) {
          // The first bytes say how to read the others.
          let index = Int.random(in: 0..<(random.next() & 1 == 0 ? min(6, bytes.count) : bytes.count), using: &random)
          bytes[index] = [0, 1, 2, 3, 0x80, 0xff, UInt8(truncatingIfNeeded: random.next())].randomElement(using: &random)!
        }
        guard Registers.isValid(bytes, p: p) else {
          refused += 1
          continue
        }
        accepted += 1
        let sketch = Registers(p: p)
        sketch.merge(frozen: bytes)
        #expect(sketch.values.allSatisfy { $0 <= 65 - p })
        #expect(sketch.estimate.isFinite)
      }
    }
    #expect(accepted > 20 && refused > 200)
  }

  @Test func `a damaged list is refused or stays in order and range`() {
    var random = SplitMix(seed: 52), accepted = 0, refused = 0
    for count in [0, 1, 3, 10, 100, 1_000] {
      let frozen = TokenListTests.frozen(TokenListTests.sorted(TokenListTests.random(count, &random)))
      for length in 0..<frozen.count { #expect(!TokenListTests.isValid(Array(frozen.prefix(length)))) }
      #expect(!TokenListTests.isValid(frozen + [0]))
      for _ in 0..<500 {
        var bytes = frozen
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8(truncatingIfNeeded: random.next())
        guard TokenListTests.isValid(bytes) else {
          refused += 1
          continue
        }
        accepted += 1
        let tokens = TokenListTests.thawed(bytes)
        #expect(tokens == Set(tokens).sorted())
        #expect(tokens.allSatisfy { $0 & 127 <= 107 && $0 < VisitorToken.space })
      }
    }
    #expect(accepted > 100 && refused > 100)
  }

  @Test func `a rank no hash has is refused`() {
    // Register 5 of 2^10: n = 1, two bytes of gap (k = 9), then 55 or 56 zeros before the one.
    for (zeros, isSound) in [(54, true), (55, false), (63, false), (300, false)] {
      var ranks = [UInt8](repeating: 0, count: zeros / 8 + 1)
      ranks[zeros / 8] = 1 << UInt8(zeros % 8)
      #expect(Registers.isValid([1, 1, 2, 0b0000_1011, 0] + ranks, p: 10) == isSound, "\(zeros) zeros")
    }
  }

  @Test func `an exception must be in order, marked, in range and no larger than a rank can be`() {
    let sketch = Registers(p: 10)
    for index in 0..<1_024 { sketch[index] = 4 }
    sketch[7] = 40
    sketch[900] = 41
    let frozen = sketch.frozen
    #expect(frozen.suffix(6) == [7, 0, 40, 0x84, 0x03, 41])
    #expect(Registers.isValid(frozen, p: 10))
    for (place, value, isSound) in [
      (1, 55, true), (1, 56, false), (1, 15, false), (3, 8, false), (6, 8, false), (5, 1, false),
    ] as [(Int, UInt8, Bool)] {
      var bytes = frozen
      bytes[bytes.count - place] = value
      #expect(Registers.isValid(bytes, p: 10) == isSound, "\(place) from the end = \(value)")
    }
    #expect(!Registers.isValid(frozen.dropLast(6) + frozen.suffix(3) + frozen.suffix(6).prefix(3), p: 10))
  }

  @Test func `a token that comes twice is refused`() {
    #expect(!TokenListTests.isValid(TokenListTests.frozen([63, 63])))
    #expect(!TokenListTests.isValid(TokenListTests.frozen([64, 63])))
    #expect(TokenListTests.isValid(TokenListTests.frozen([63, 64])))
    #expect(!TokenListTests.isValid(TokenListTests.frozen([108])))
  }

  @Test func `rare classes survive, several of one register too`() {
    // Classes from 63 on share a slot: their order and their unary parts are all that tells them apart.
    let tokens: [UInt32] = [62, 63, 64, 107, 128 + 63, 128 + 90, 2_097_024 + 63, 2_097_024 + 107]
    let frozen = TokenListTests.frozen(tokens)
    #expect(TokenListTests.isValid(frozen))
    #expect(TokenListTests.thawed(frozen) == tokens)
    for p in [10, 14] {
      let merged = Registers(p: p), bytes = PaddedBytes(frozen)
      unsafe TokenList.merge(bytes.start, count: bytes.count, into: merged.start, p: p)
      #expect(merged == Registers(p: p, tokens.map { VisitorToken(rawValue: $0) }))
    }
  }

  @Test(arguments: [0, 1, 100, 1_000, 20_000])
  func `merging a list equals inserting its visitors`(count: Int) {
    var random = SplitMix(seed: 53)
    for p in [10, 12, 14] {
      let tokens = TokenListTests.random(count, &random),
        bytes = PaddedBytes(TokenListTests.frozen(TokenListTests.sorted(tokens)))
      let merged = Registers(p: p)
      unsafe TokenList.merge(bytes.start, count: bytes.count, into: merged.start, p: p)
      #expect(merged == Registers(p: p, tokens.map { VisitorToken(rawValue: $0) }))
    }
  }

  @Test func `the worked example freezes to the bytes in its drawing`() {
    let sketch = Registers(p: 10)
    sketch[700] = 3
    sketch[701] = 1
    #expect(sketch.frozen == [0x01, 0x02, 0x03, 0xe4, 0x0d, 0x00, 0x0c])
    #expect(Registers(p: 10).frozen == [0])
  }

  @Test func `the worked example of two bits a register freezes to the bytes in its drawing`() {
    let sketch = Registers(p: 10)
    (sketch[0], sketch[256], sketch[513]) = (1, 2, 21)
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      unsafe HyperLogLog.freezeQuarter(sketch.start, 1_024, escapes: 1, into: buffer.baseAddress!)
    }
    #expect(count == 260 && Array(bytes[..<4]) == [0x04, 0x01, 0x09, 0x30] && Array(bytes[258..<260]) == [0x0f, 0x15])
    let thawed = Registers(p: 10)
    thawed.merge(frozen: Array(bytes[..<count]))
    #expect(thawed == sketch && Registers.isValid(Array(bytes[..<count]), p: 10))
  }

  @Test(arguments: [(10, 150), (10, 400), (10, 1_000), (14, 4_000), (14, 10_000)])
  func `two bits a register say the same as registers do`(p: Int, count: Int) {
    var random = SplitMix(seed: UInt64(p * count))
    for _ in 0..<20 {
      let sketch = Registers(p: p, (0..<count).map { _ in random.token() })
      sketch[Int(random.next() % 1_000)] = UInt8(3 + random.next() % 30)
      let thawed = Registers(p: p)
      thawed.merge(frozen: sketch.frozen)
      #expect(sketch.frozen[0] == HyperLogLog.quarterTag && thawed == sketch)
    }
  }

  @Test func `a sketch no hash would give is kept raw`() {
    let sketch = Registers(p: 8)
    for index in 0..<256 { sketch[index] = UInt8(index % 57) }
    #expect(sketch.frozen.count == 257)
    let thawed = Registers(p: 8)
    thawed.merge(frozen: sketch.frozen)
    #expect(thawed == sketch)
    #expect(Registers.isValid(sketch.frozen, p: 8))
  }

  @Test(arguments: [(10_000, 5_400), (100_000, 8_240), (1_000_000, 8_240)])
  func `an hour's sketch stays within its budget of bytes`(count: Int, budget: Int) {
    var random = SplitMix(seed: 54)
    for _ in 0..<5 {
      let sketch = SketchAcceptance.draw(Double(count), p: 14, &random).sketch
      #expect(sketch.frozen.count <= budget)
    }
  }
}
