/// A client's address: 16 bytes as two big-endian words, IPv4 as `::ffff:a.b.c.d`. It is never stored, only hashed into a
/// visitor and looked up as a country.
package struct Address: Hashable, Sendable {
  package var high: UInt64, low: UInt64

  package init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }
  package init(v4 word: UInt32) { self.init(high: 0, low: 0xFFFF << 32 | UInt64(word)) }

  /// What a unix-domain client is: somebody on this machine.
  package static let unixSocket = Address(high: 0, low: 0)

  /// What an address is to those who ask about it.
  package enum Kind: Hashable, Sendable {
    case v4(UInt32)  // also out of mapped, NAT64, 6to4 and Teredo addresses
    case v6(UInt64)  // its /64: what one household or server owns
    case local  // private, shared, link-local, documentation, multicast and reserved space
  }

  package var kind: Kind {
    if let word = embeddedV4 { return Self.isLocal(v4: word) ? .local : .v4(word) }
    if high == 0  // ::, ::1 and the retired ::a.b.c.d
      || high == 0x0064_ff9b_0001_0000  // 64:ff9b:1::/48, a site's own NAT64
      || high >> 57 == 0x7e  // fc00::/7
      || high >> 54 == 0x3fa  // fe80::/10
      || high >> 56 == 0xff  // ff00::/8
      || high >> 32 == 0x2001_0db8  // documentation
      || high >> 44 == 0x3fff_0  // documentation, 3fff::/20
    {
      return .local
    }
    return .v6(high)
  }

  package var isLocal: Bool { kind == .local }

  /// What identifies a visitor, to be hashed with the secret key: IPv4 whole, IPv6 cut to its /64. One client gives the
  /// same words whether it comes as IPv4, as a mapped address or through a translator that carries its IPv4 address.
  package func visitorWords() -> (UInt64, UInt64) {
    if let word = embeddedV4 { return (0, 0xFFFF << 32 | UInt64(word)) }
    return (high, high == 0 ? low : 0)
  }

  /// The IPv4 address inside a mapped (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056) or Teredo (RFC 4380) address.
  private var embeddedV4: UInt32? {
    if high == 0 { return low >> 32 == 0xFFFF ? UInt32(truncatingIfNeeded: low) : nil }
    if high == 0x0064_ff9b_0000_0000, low >> 32 == 0 { return UInt32(truncatingIfNeeded: low) }
    if high >> 48 == 0x2002 { return UInt32(truncatingIfNeeded: high >> 16) }
    if high >> 32 == 0x2001_0000 { return ~UInt32(truncatingIfNeeded: low) }  // carried inverted
    return nil
  }

  /// Space of IANA's special-purpose registry that no public client comes from.
  private static func isLocal(v4 word: UInt32) -> Bool {
    switch word >> 24 {
    case 0, 10, 127, 224...255: true
    case 100: word >> 22 == 0x191  // 100.64.0.0/10, carriers
    case 169: word >> 16 == 0xa9fe  // link-local
    case 172: word >> 20 == 0xac1
    case 192: word >> 16 == 0xc0a8 || word >> 8 == 0xc00000 || word >> 8 == 0xc00002
    case 198: word >> 17 == 0x6309 || word >> 8 == 0xc63364  // benchmarks; documentation
    case 203: word >> 8 == 0xcb0071
    default: false
    }
  }
}
