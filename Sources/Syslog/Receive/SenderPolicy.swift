internal import Glibc

/// Who may send to a socket. What others send is received, refused as `sender`, and read no further.
package struct SenderPolicy: Sendable, Equatable {
  /// Source addresses; empty: any that reaches the socket.
  package var addresses: [AddressRange] = []
  /// User ids of a unix socket's senders, told by the kernel; empty: any that may write to it.
  package var users: [UInt32] = []
  package init(addresses: [AddressRange] = [], users: [UInt32] = []) { (self.addresses, self.users) = (addresses, users) }

  /// What holds when nothing is said: a socket of a loopback address is reached by this machine alone, so nobody asks; any
  /// other one takes this machine and private networks, never the internet.
  package static func usual(isLoopback: Bool) -> SenderPolicy {
    isLoopback ? SenderPolicy() : SenderPolicy(addresses: AddressRange.loopback + AddressRange.privateNetworks)
  }

  var isOpen: Bool { addresses.isEmpty && users.isEmpty }
}

extension Address {
  /// Of a `sockaddr_in` or `sockaddr_in6`; nil for any other family.
  @unsafe
  init?(_ name: UnsafeRawPointer, length: Int) {
    guard length >= MemoryLayout<sa_family_t>.size else { return nil }
    switch CInt(unsafe name.loadUnaligned(as: sa_family_t.self)) {
    case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
      self.init(v4: UInt32(bigEndian: unsafe name.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
    case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
      self.init(
        high: UInt64(bigEndian: unsafe name.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
        low: UInt64(bigEndian: unsafe name.loadUnaligned(fromByteOffset: 16, as: UInt64.self)))
    default: return nil
    }
  }
}
