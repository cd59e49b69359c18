/// A fast hash of short strings with a secret key, for caches: sixteen bytes a multiplication (Wang Yi's wyhash, the mixing
/// step `high ⊕ low` of a 128-bit product). Not for what attackers gain from inverting: that is SipHash's work.
enum KeyedHash {
  @inline(__always)
  static func hash(_ bytes: Span<UInt8>, _ k0: UInt64, _ k1: UInt64) -> UInt64 {
    let count = bytes.count
    var hash = k0 ^ UInt64(count)
    if count >= 16 {
      var index = 0
      if count >= 48 {  // two at a time: a multiplication waits for nothing but its own lane
        var other = k1
        while index &+ 32 <= count {
          hash = mix(load(bytes, index) ^ k1, load(bytes, index &+ 8) ^ hash)
          other = mix(load(bytes, index &+ 16) ^ k0, load(bytes, index &+ 24) ^ other)
          index &+= 32
        }
        hash ^= other
      }
      while index &+ 16 <= count {
        hash = mix(load(bytes, index) ^ k1, load(bytes, index &+ 8) ^ hash)
        index &+= 16
      }
      if index < count { hash = mix(load(bytes, count &- 16) ^ k1, load(bytes, count &- 8) ^ hash) }
    } else {
      var low: UInt64 = 0, high: UInt64 = 0
      for index in 0..<min(8, count) { low |= UInt64(bytes[index]) << UInt64(8 * index) }
      for index in min(8, count)..<count { high |= UInt64(bytes[index]) << UInt64(8 * (index - 8)) }
      hash = mix(low ^ k1, high ^ hash)
    }
    return mix(hash, k0)
  }

  @inline(__always)
  private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }

  /// - Precondition: eight bytes stand at `index`; the caller's loop sees to it.
  @inline(__always)
  private static func load(_ bytes: Span<UInt8>, _ index: Int) -> UInt64 {
    unsafe bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
  }
}
