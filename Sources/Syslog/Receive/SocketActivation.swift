internal import Glibc
internal import TSEngine

/// Sockets handed over by systemd, by the rules of sd_listen_fds(3): they outlive us, so a restart loses nothing.
package struct SocketActivation: Sendable {
  package struct Handed: Sendable, Equatable {
    package let descriptor: CInt
    package let name: String  // FileDescriptorName= of the unit, "unknown" without one
    package let isStream: Bool  // a stream is the web's, datagrams are messages
  }

  /// Takes what was handed to this very process; a second call finds nothing. Call before threads exist: it clears the
  /// environment, so that children do not think it theirs.
  package static func take() -> [Handed] {
    func text(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }
    let handed = list(pid: text("LISTEN_PID"), count: text("LISTEN_FDS"), names: text("LISTEN_FDNAMES"))
    for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsafe unsetenv(name) }
    return handed
  }

  /// The descriptors that these three say are ours, from 3 on.
  static func list(pid: String?, count: String?, names: String?, first: CInt = 3) -> [Handed] {
    guard pid.flatMap({ pid_t($0) }) == getpid(), let count = count.flatMap({ CInt($0) }), (1...64).contains(count) else {
      return []
    }
    let names = names?.split(separator: ":", omittingEmptySubsequences: false).map(String.init) ?? []
    return (0..<count).compactMap { index in
      let descriptor = first + index
      var type: CInt = 0
      var length = socklen_t(MemoryLayout<CInt>.size)
      guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0 else { return nil }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      return Handed(
        descriptor: descriptor, name: Int(index) < names.count ? names[Int(index)] : "unknown",
        isStream: type == CInt(SOCK_STREAM.rawValue))
    }
  }
}

extension DatagramSocket {
  /// Takes over a bound datagram socket, and with it the duty to close it.
  package static func adopting(
    _ handed: SocketActivation.Handed, policy: SenderPolicy = SenderPolicy()
  ) -> DatagramSocket {
    let internet = boundAddress(handed.descriptor)
    return DatagramSocket(
      descriptor: handed.descriptor, address: internet ?? handed.name, input: internet == nil ? .unix : .udp,
      policy: policy)
  }
}
