/// Addresses with a common prefix: `10.0.0.0/8`, `2001:db8::/32`, a single address, or `any`.
package struct AddressRange: Hashable, Sendable {
  private let high: UInt64, low: UInt64  // the prefix, zeros behind it
  private let highMask: UInt64, lowMask: UInt64

  /// nil unless `text` is an address, perhaps with `/` and the bits of its prefix. IPv4 stands for its mapped form too.
  package init?(_ text: some StringProtocol) {
    if text == "any" {
      (high, low, highMask, lowMask) = (0, 0, 0, 0)
      return
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let bytes = Array(parts[0].utf8)
    let isFour = !bytes.contains(UInt8(ascii: ":"))
    guard parts.count <= 2, bytes.first.map({ $0.hexValue != nil || $0 == UInt8(ascii: ":") }) == true,
      let address = Address.parse(bytes.span), !isFour || address.high == 0
    else { return nil }
    var bits = 128
    if parts.count == 2 {
      guard let given = Int(parts[1]), (0...(isFour ? 32 : 128)).contains(given) else { return nil }
      bits = isFour ? given + 96 : given
    }
    highMask = bits >= 64 ? .max : bits == 0 ? 0 : .max << UInt64(64 - bits)
    lowMask = bits <= 64 ? 0 : .max << UInt64(128 - bits)
    (high, low) = (address.high & highMask, address.low & lowMask)
  }

  package func contains(_ address: Address) -> Bool {
    address.high & highMask == high && address.low & lowMask == low
  }

  /// This machine.
  package static let loopback = ranges(["127.0.0.0/8", "::1"])
  /// Networks that the internet does not route (RFC 1918, 3927, 4193, 4291, 6598).
  package static let privateNetworks = ranges([
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10",
  ])
  private static func ranges(_ texts: [String]) -> [AddressRange] { texts.compactMap { AddressRange($0) } }
}

extension [AddressRange] {
  /// Whether some range holds `address`; a unix socket's other end is this machine.
  func holds(_ address: Address) -> Bool {
    for range in self where range.contains(address) { return true }
    return address == .unixSocket && holds(Address(v4: 0x7f00_0001))
  }
}
