import Testing

@testable import TSEngine

@Suite struct TokenListTests {
  static func sorted(_ tokens: [UInt32]) -> [UInt32] {
    var tokens = tokens, scratch = tokens
    let count = tokens.count
    let distinct = unsafe tokens.withUnsafeMutableBufferPointer { list in
      unsafe scratch.withUnsafeMutableBufferPointer { spare in
        unsafe list.baseAddress.map { unsafe TokenList.sort($0, count: count, scratch: spare.baseAddress!) } ?? 0
      }
    }
    return Array(tokens.prefix(distinct))
  }
  static func frozen(_ sorted: [UInt32]) -> [UInt8] {
    let limit = TokenList.maxFrozenBytes(count: sorted.count), out = PaddedBytes([UInt8](repeating: 0, count: limit))
    let count = unsafe (sorted + [0]).withUnsafeBufferPointer {
      unsafe TokenList.freeze($0.baseAddress!, count: sorted.count, into: out.start)
    }
    precondition(count <= limit)
    return unsafe Array(UnsafeBufferPointer(start: out.start, count: count))
  }
  static func thawed(_ frozen: [UInt8]) -> [UInt32] {
    let bytes = PaddedBytes(frozen)
    var tokens: [UInt32] = []
    unsafe TokenList.forEach(bytes.start, count: bytes.count) { tokens.append($0) }
    return tokens
  }
  static func isValid(_ frozen: [UInt8]) -> Bool {
    unsafe frozen.withUnsafeBufferPointer { bytes in
      unsafe bytes.baseAddress.map { unsafe TokenList.isValidFrozen($0, count: bytes.count) } ?? false
    }
  }
  static func random(_ count: Int, _ random: inout SplitMix) -> [UInt32] {
    (0..<count).map { _ in random.token().rawValue }
  }

  @Test(arguments: [0, 1, 2, 3, 24, 25, 26, 100, 1_000, 5_000])
  func `a list thaws to the distinct tokens in order`(count: Int) {
    var random = SplitMix(seed: UInt64(count) + 1)
    for _ in 0..<20 {
      var tokens = Self.random(count, &random)
      if count > 1 { tokens[0] = tokens[1] }
      let expected = Set(tokens).sorted(), sorted = Self.sorted(tokens)
      #expect(sorted == expected)
      let frozen = Self.frozen(sorted)
      #expect(Self.thawed(frozen) == expected)
      #expect(Self.isValid(frozen))
      let distinct = unsafe frozen.withUnsafeBufferPointer { unsafe TokenList.distinct($0.baseAddress!, count: $0.count) }
      #expect(distinct == expected.count)
    }
  }

  @Test(arguments: [(10, 26), (100, 205), (1_000, 1_640)])
  func `a list stays within its budget of bytes`(count: Int, budget: Int) {
    var random = SplitMix(seed: 42)
    for _ in 0..<50 {
      let bytes = Self.frozen(Self.sorted(Self.random(count, &random))).count
      #expect(bytes <= budget)
    }
  }
}
