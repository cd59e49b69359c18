internal import CSocket
internal import Glibc
package import TSEngine

/// Owns a bound datagram descriptor, UDP or unix; closes it in deinit. Made by `udp`, `unix` or `adopting`.
package final class DatagramSocket: Sendable {
  /// What we ask of the kernel: 655 ms of 20,000 datagrams/s; a datagram of up to 600 bytes costs it 1,280.
  package static let wantedBuffer = 8 << 20

  package let descriptor: CInt
  /// `127.0.0.1:65140`, `[::1]:65140` or a path, with the real port.
  package let address: String
  package let input: MessageInput
  /// Bytes the kernel grants, doubled for its own bookkeeping as it counts them.
  package let receiveBuffer: Int
  /// What the kernel had dropped when the socket became ours: nothing, unless another had it before.
  let dropsBefore: UInt32
  package let policy: SenderPolicy
  private let ownedPath: String?  // removed in deinit

  init(
    descriptor: CInt, address: String, input: MessageInput, policy: SenderPolicy = SenderPolicy(), ownedPath: String? = nil
  ) {
    (self.descriptor, self.address, self.input, self.ownedPath) = (descriptor, address, input, ownedPath)
    self.policy = policy
    if !policy.users.isEmpty { Self.set(descriptor, SO_PASSCRED, 1) }
    Self.set(descriptor, SO_RXQ_OVFL, 1)
    // Only ever raised: what systemd set with ReceiveBuffer= may be beyond what we are allowed.
    if Self.get(descriptor, SO_RCVBUF) < CInt(Self.wantedBuffer) {
      Self.set(descriptor, SO_RCVBUF, CInt(Self.wantedBuffer))
      if Self.get(descriptor, SO_RCVBUF) < CInt(Self.wantedBuffer) {
        Self.set(descriptor, SO_RCVBUFFORCE, CInt(Self.wantedBuffer))  // wants CAP_NET_ADMIN
      }
    }
    dropsBefore = Self.kernelDrops(descriptor)
    receiveBuffer = Int(Self.get(descriptor, SO_RCVBUF))
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  deinit {
    close(descriptor)
    if let ownedPath { _ = unsafe unlink(ownedPath) }
  }

  /// One line for the log when the kernel granted less than asked; nil when all is well.
  package var bufferWarning: String? {
    guard receiveBuffer < Self.wantedBuffer else { return nil }
    return "receive buffer of \(address): got \(receiveBuffer) bytes, want \(Self.wantedBuffer);"
      + " raise net.core.rmem_max or set ReceiveBuffer=8M in the .socket unit"
  }

  /// Datagrams the kernel dropped since the socket was made; unlike SO_RXQ_OVFL it is true while nothing arrives.
  var kernelDrops: UInt32 { Self.kernelDrops(descriptor) }

  private static func kernelDrops(_ descriptor: CInt) -> UInt32 {
    var values = InlineArray<9, UInt32>(repeating: 0)  // linux/sock_diag.h: SK_MEMINFO_DROPS is the ninth
    var length = socklen_t(MemoryLayout<InlineArray<9, UInt32>>.size)
    let failed = unsafe withUnsafeMutableBytes(of: &values) { bytes in
      unsafe getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, bytes.baseAddress, &length)
    }
    return failed == 0 ? values[8] : 0
  }

  private static func set(_ descriptor: CInt, _ option: CInt, _ value: CInt) {
    var value = value
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<CInt>.size))
  }
  private static func get(_ descriptor: CInt, _ option: CInt) -> CInt {
    var value: CInt = 0
    var length = socklen_t(MemoryLayout<CInt>.size)
    _ = unsafe getsockopt(descriptor, SOL_SOCKET, option, &value, &length)
    return value
  }
}
