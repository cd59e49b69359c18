/// What a row keeps of a visitor: 21 bits of a keyed 64-bit hash, enough for every sketch and useless as an identity.
///
/// ```
///  hash  63 ──────── 50 49 ─── 44 43 ───────────────────────── 0
///        register (14)  six bits   the rest
///
///  token 20 ───────── 7 6 ──── 0
///        register (14)  class (7)   0…62 = the six bits − 1, when not all zero
///                                   63…  = 63 + leading zeros of the rest: rank 7, 8, … 51
/// ```
/// Exact for HyperLogLog of p ≤ 14 (registers are prefixes of the index) and of p′ = 20 for small sets.
/// Example: hash `0x0004_0800_…`: register 1, six bits `000010` = 2 → class 1, rank 5 at p = 14.
package struct VisitorToken: Hashable, Sendable {
  package let rawValue: UInt32
  package static let bits = 21
  package static let space = 1 << 21

  package init(rawValue: UInt32) { self.rawValue = rawValue & 0x1f_ffff }

  /// From a keyed 64-bit hash.
  @inline(__always)
  package init(hash: UInt64) {
    let index = UInt32(truncatingIfNeeded: hash &>> 50) &<< 7
    let six = UInt32(truncatingIfNeeded: hash &>> 44) & 63
    if six != 0 {
      rawValue = index | (six &- 1)
    } else {
      // A stop bit below the 44 remaining ones bounds the count: 0…44 zeros.
      let rest = (hash &<< 20) | (1 &<< 19)
      rawValue = index | (63 &+ UInt32(truncatingIfNeeded: rest.leadingZeroBitCount))
    }
  }

  /// Rank (1 + leading zeros) of each class at p = 14: one look-up instead of a branch.
  package static let rankOfClass: InlineArray<128, UInt8> = .init { kind in
    kind < 63 ? UInt8(UInt8(kind + 1).leadingZeroBitCount - 2 + 1) : UInt8(min(kind - 63 + 7, 51))
  }

  /// The register this visitor belongs to at precision `p` ≤ 14.
  @inline(__always) package func register(_ p: Int) -> Int { Int(rawValue &>> UInt32(21 &- p)) }

  /// The rank it brings at precision `p` ≤ 14: index bits below the prefix count as hash bits.
  @inline(__always) package func rank(_ p: Int) -> UInt8 {
    let shift = UInt32(14 &- p)
    let low = (rawValue &>> 7) & ((1 &<< shift) &- 1)
    if low != 0 { return UInt8(truncatingIfNeeded: low.leadingZeroBitCount &- Int(32 &- shift) &+ 1) }
    return UInt8(truncatingIfNeeded: shift) &+ Self.rankOfClass[Int(rawValue & 127)]
  }
}
