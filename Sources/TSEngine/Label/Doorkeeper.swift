/// Remembers which strings have knocked before: a Bloom filter of 64 KiB with four bits a string.
///
/// Attackers send each string once, visitors send them again; so a crowded dictionary lets a string in at its second
/// sight. Cleared every 32,768 strings, when about a fifth of its bits are set and 0.2 % of first knocks pass.
/// Takes no memory before the first knock.
struct Doorkeeper: ~Copyable {
  static let clearedAfter = 32_768
  private static let words = 8_192
  private var bits: Column<UInt64>
  private var newcomers = 0

  init(pool: PagePool) { bits = Column(capacity: Self.words, pool: pool) }

  /// Whether a string of that hash knocked since the last clearing; remembers it.
  mutating func knock(_ hash: UInt64) -> Bool {
    bits.grow(to: Self.words)
    var known = true, rest = hash
    for _ in 0..<4 {
      let bit = Int(truncatingIfNeeded: rest & 0x7_ffff), mask = 1 as UInt64 &<< UInt64(bit & 63)
      if bits[bit >> 6] & mask == 0 {
        known = false
        bits[bit >> 6] = bits[bit >> 6] | mask
      }
      rest = (rest &>> 15) ^ (rest &* 0x9e37_79b9_7f4a_7c15)  // mixing, modulo 2^64
    }
    if !known {
      newcomers += 1
      if newcomers == Self.clearedAfter {
        newcomers = 0
        bits.clear()
      }
    }
    return known
  }

  var memoryBytes: Int { bits.bytes }
}
