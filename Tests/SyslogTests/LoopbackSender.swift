import Glibc

/// Sends datagrams to a socket of this machine.
final class LoopbackSender {
  private let descriptor: CInt

  /// - Parameter address: `127.0.0.1:5514`, `[::1]:5514` or `unix:/path`, as `DatagramSocket.address`.
  init(to address: String) {
    if address.hasPrefix("unix:") {
      descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
      var to = sockaddr_un()
      to.sun_family = sa_family_t(AF_UNIX)
      unsafe withUnsafeMutableBytes(of: &to.sun_path) { unsafe $0.copyBytes(from: address.dropFirst(5).utf8) }
      Self.connect(descriptor, &to)
      return
    }
    let port = UInt16(address.split(separator: ":").last!)!
    let isSix = address.hasPrefix("[")
    descriptor = socket(isSix ? AF_INET6 : AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
    if isSix {
      var to = sockaddr_in6()
      (to.sin6_family, to.sin6_port) = (sa_family_t(AF_INET6), port.bigEndian)
      unsafe inet_pton(AF_INET6, "::1", &to.sin6_addr)
      Self.connect(descriptor, &to)
    } else {
      var to = sockaddr_in()
      (to.sin_family, to.sin_port) = (sa_family_t(AF_INET), port.bigEndian)
      unsafe inet_pton(AF_INET, "127.0.0.1", &to.sin_addr)
      Self.connect(descriptor, &to)
    }
  }
  deinit { close(descriptor) }

  private static func connect<Address>(_ descriptor: CInt, _ address: inout Address) {
    unsafe withUnsafeBytes(of: &address) { bytes in
      _ = unsafe Glibc.connect(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
  }

  /// Whether the kernel took it.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool { unsafe Glibc.send(descriptor, bytes, bytes.count, 0) == bytes.count }
  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }
}
