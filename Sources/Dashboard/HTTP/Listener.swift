internal import Glibc

/// Numeric addresses and listening stream sockets; no names are ever looked up.
package enum Listener {
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// A bound, listening, non-blocking socket. The caller hands it to `Dashboard.start` or closes it.
  /// - Parameter port: 0 takes any free one; `address(of:)` tells which.
  package static func bind(host: String, port: UInt16) throws(Failure) -> CInt {
    let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    guard let address = Address(host: host, port: port) else {
      throw Failure(description: "cannot listen on \(place): got a name, want a numeric address")
    }
    let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(CInt(address.family), type, 0)
    guard descriptor >= 0 else { throw failure(place, "socket") }
    var one: CInt = 1
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<CInt>.size))
    guard address.bind(descriptor) else {
      defer { close(descriptor) }
      throw failure(place, "bind")
    }
    guard listen(descriptor, 128) == 0 else {
      defer { close(descriptor) }
      throw failure(place, "listen")
    }
    return descriptor
  }

  private static func failure(_ place: String, _ call: String) -> Failure {
    Failure(description: "cannot listen on \(place): \(call) says \(unsafe String(cString: strerror(errno)))")
  }

  /// Where a socket is bound: `127.0.0.1`, 8080, whether only this machine reaches it. Nil for anything but TCP over IP.
  package static func address(of descriptor: CInt) -> (host: String, port: UInt16, isLoopback: Bool)? {
    Address(boundTo: descriptor).map { ($0.host, $0.port, $0.isLoopback) }
  }
}

/// An IPv4 or IPv6 socket address, kept as the bytes the kernel takes.
private struct Address {
  private var four = sockaddr_in()
  private var six = sockaddr_in6()
  private var isFour: Bool

  init?(host: String, port: UInt16) {
    four.sin_family = sa_family_t(AF_INET)
    four.sin_port = port.bigEndian
    six.sin6_family = sa_family_t(AF_INET6)
    six.sin6_port = port.bigEndian
    isFour = unsafe inet_pton(AF_INET, host, &four.sin_addr) == 1
    guard unsafe isFour || inet_pton(AF_INET6, host, &six.sin6_addr) == 1 else { return nil }
  }

  init?(boundTo descriptor: CInt) {
    isFour = false
    var count = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let known = unsafe withUnsafeMutableBytes(of: &six) {
      unsafe getsockname(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &count) == 0
    }
    guard known else { return nil }
    if six.sin6_family == sa_family_t(AF_INET) {
      isFour = true
      unsafe withUnsafeBytes(of: &six) { bytes in
        unsafe withUnsafeMutableBytes(of: &four) { unsafe $0.copyBytes(from: bytes.prefix($0.count)) }
      }
    } else if six.sin6_family != sa_family_t(AF_INET6) {
      return nil
    }
  }

  var family: sa_family_t { isFour ? four.sin_family : six.sin6_family }
  var port: UInt16 { UInt16(bigEndian: isFour ? four.sin_port : six.sin6_port) }

  var host: String {
    var address = self
    let text = unsafe [CChar](unsafeUninitializedCapacity: 64) { room, count in
      if isFour {
        unsafe inet_ntop(AF_INET, &address.four.sin_addr, room.baseAddress, 64)
      } else {
        unsafe inet_ntop(AF_INET6, &address.six.sin6_addr, room.baseAddress, 64)
      }
      unsafe count = strlen(room.baseAddress!)
    }
    return String(decoding: text.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  var isLoopback: Bool {
    isFour ? four.sin_addr.s_addr & 0xFF == 127 : host == "::1" || host.hasPrefix("::ffff:127.")
  }

  func bind(_ descriptor: CInt) -> Bool {
    func call<T>(_ address: T) -> Bool {
      unsafe withUnsafeBytes(of: address) {
        unsafe Glibc.bind(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count)) == 0
      }
    }
    return isFour ? call(four) : call(six)
  }
}

extension Listener {
  static func isIPv6(_ text: String) -> Bool {
    var address = in6_addr()
    return unsafe inet_pton(AF_INET6, text, &address) == 1
  }
}
