/// SipHash-2-4 (Aumasson & Bernstein 2012) of exactly sixteen bytes: a keyed PRF, so that nobody without the key can
/// craft visitors that inflate or hide in a sketch (RELIABILITY S5, S6).
package struct SipKey: Hashable, Sendable {
  package let k0: UInt64, k1: UInt64
  package init(k0: UInt64, k1: UInt64) { (self.k0, self.k1) = (k0, k1) }

  /// The hash of the message `m0 ‖ m1`, both little-endian words.
  @inline(__always)
  package func hash(_ m0: UInt64, _ m1: UInt64) -> UInt64 {
    var v0 = k0 ^ 0x736f_6d65_7073_6575, v1 = k1 ^ 0x646f_7261_6e64_6f6d
    var v2 = k0 ^ 0x6c79_6765_6e65_7261, v3 = k1 ^ 0x7465_6462_7974_6573
    @inline(__always) func rotate(_ x: UInt64, _ by: UInt64) -> UInt64 { (x &<< by) | (x &>> (64 &- by)) }
    @inline(__always) func round() {  // addition modulo 2^64 is the algorithm's own
      v0 = v0 &+ v1; v1 = rotate(v1, 13) ^ v0; v0 = rotate(v0, 32)
      v2 = v2 &+ v3; v3 = rotate(v3, 16) ^ v2
      v0 = v0 &+ v3; v3 = rotate(v3, 21) ^ v0
      v2 = v2 &+ v1; v1 = rotate(v1, 17) ^ v2; v2 = rotate(v2, 32)
    }
    @inline(__always) func absorb(_ word: UInt64) {
      v3 ^= word; round(); round(); v0 ^= word
    }
    absorb(m0); absorb(m1); absorb(16 << 56)  // the length stands in the last word's top byte
    v2 ^= 0xff
    round(); round(); round(); round()
    return v0 ^ v1 ^ v2 ^ v3
  }
}
