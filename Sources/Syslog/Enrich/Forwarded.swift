/// Whom a proxy spoke for: `X-Forwarded-For: client, proxy, proxy`, written from left to right, believed from right to left.
enum Forwarded {
  /// More than anybody has in front of a server; a hostile list ends here.
  static let hops = 32

  /// The first address from the right that is no trusted proxy; the leftmost one when all are.
  ///
  /// What is no address ends the belief: the last good one stands.
  /// - Parameter proxy: who sent the list; trusted.
  static func client(in list: Span<UInt8>, of proxy: Address, trusted: [AddressRange]) -> Address {
    var client = proxy, end = list.count
    for _ in 0..<hops {
      guard end > 0 else { break }
      var start = end
      while start > 0, list[start &- 1] != UInt8(ascii: ",") { start &-= 1 }
      let entry = list.extracting(start..<end), inner = entry.trimmedRange()
      guard inner.count <= 64, let address = Address.parse(entry.extracting(inner)) else { break }
      client = address
      if !trusted.holds(address) { break }
      end = start &- 1
    }
    return client
  }
}
