/// A 64-bit hash of a log's content, to know it again: fast (sixteen bytes a multiplication, after wyhash), and for ever
/// the same, because the ledger keeps it. No defence against people who make collisions on purpose: they own the log.
enum ContentHash {
  /// The hash of `bytes` behind what `seed` stands for: 0, or the hash of all that came before.
  static func hash(_ bytes: Span<UInt8>, seed: UInt64) -> UInt64 {
    var state = seed ^ 0xa076_1d64_78bd_642f, i = 0
    while i < bytes.count {
      state = fold(bytes.word(at: i) ^ 0xe703_7ed1_a0b4_28db, bytes.word(at: i &+ 8) ^ state)
      i &+= 16
    }
    return fold(state ^ UInt64(bytes.count), 0x8ebc_6af0_9c88_c6e3)
  }

  /// Both halves of the product, folded into one.
  @inline(__always)
  private static func fold(_ one: UInt64, _ other: UInt64) -> UInt64 {
    let product = one.multipliedFullWidth(by: other)
    return product.high ^ product.low
  }
}
