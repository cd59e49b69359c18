import TSEngine

/// Names of sites that are not in the table, as the engine numbers them: their host, up to a limit that referrer spam can reach
/// without crowding out browsers and robots in the engine's dictionary.
struct SourceNames: ~Copyable {
  static let maxNames = 8_192
  private var numbers: [UInt64: NameID] = [:]  // by keyed hash
  /// From half the limit on, a name must have been seen before.
  private var seen = [UInt64](repeating: 0, count: 512)
  private var seenCount = 0

  /// The number of a name that was met before.
  func known(hash: UInt64) -> NameID? { numbers[hash] }

  /// The number of `name`, lower-cased, and whether it may be remembered; `.other` while or because there is no room.
  mutating func number(of name: Span<UInt8>, hash: UInt64, _ engine: Engine) -> (id: NameID, isFinal: Bool) {
    if let known = numbers[hash] { return (known, true) }
    if numbers.count >= Self.maxNames { return (.other, true) }
    if numbers.count >= Self.maxNames / 2, !wasSeen(hash) { return (.other, false) }
    let text = String(decoding: name.indices.map { name[$0].lowercasedASCII }, as: UTF8.self)
    let id = engine.name(text)
    guard id != .other else { return (.other, false) }
    numbers[hash] = id
    return (id, true)
  }

  /// A Bloom filter of 32,768 bits with one bit a name, cleared before it is full enough to err often.
  private mutating func wasSeen(_ hash: UInt64) -> Bool {
    let (word, bit) = (Int(hash >> 6 & 511), UInt64(1) << (hash & 63))
    if seen[word] & bit != 0 { return true }
    if seenCount >= 4_096 {
      for index in seen.indices { seen[index] = 0 }
      seenCount = 0
    }
    seen[word] |= bit
    seenCount += 1
    return false
  }
}
