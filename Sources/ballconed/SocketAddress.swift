internal import Glibc

/// A numeric IPv4 or IPv6 address with its port. Names are not resolved: a static program has no resolver.
@safe
struct SocketAddress: Sendable, Equatable {
  let host: String
  let port: Int
  let isIPv6: Bool

  /// nil unless `host` is numeric and the port fits.
  init?(host: String, port: Int) {
    guard (0...65_535).contains(port) else { return nil }
    var four = in_addr(), six = in6_addr()
    if unsafe inet_pton(AF_INET, host, &four) == 1 {
      isIPv6 = false
    } else if unsafe inet_pton(AF_INET6, host, &six) == 1 {
      isIPv6 = true
    } else {
      return nil
    }
    (self.host, self.port) = (host, port)
  }

  /// `127.0.0.1:8080`, `[::1]:8080`.
  var text: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Only this machine can reach it.
  var isLoopback: Bool { isIPv6 ? host == "::1" : host.hasPrefix("127.") }

  /// What a client connects to: an address that means "all of them" is reached by loopback.
  var reachable: SocketAddress {
    switch host {
    case "0.0.0.0": SocketAddress(host: "127.0.0.1", port: port) ?? self
    case "::": SocketAddress(host: "::1", port: port) ?? self
    default: self
    }
  }

  var family: CInt { isIPv6 ? AF_INET6 : AF_INET }

  /// Runs `body` with the C form of the address.
  func withAddress<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    if isIPv6 {
      var six = sockaddr_in6()
      six.sin6_family = sa_family_t(AF_INET6)
      six.sin6_port = UInt16(port).bigEndian
      unsafe inet_pton(AF_INET6, host, &six.sin6_addr)
      return unsafe withUnsafeBytes(of: &six) { bytes in
        unsafe body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
      }
    }
    var four = sockaddr_in()
    four.sin_family = sa_family_t(AF_INET)
    four.sin_port = UInt16(port).bigEndian
    unsafe inet_pton(AF_INET, host, &four.sin_addr)
    return unsafe withUnsafeBytes(of: &four) { bytes in
      unsafe body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
  }

  /// What a bound socket listens on: the free port the kernel chose, or what systemd gave us; nil for a unix socket.
  init?(of descriptor: CInt) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let failed = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
      unsafe getsockname(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
    }
    guard failed == 0 else { return nil }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    var port: UInt16 = 0
    let family = CInt(storage.ss_family)
    unsafe withUnsafeBytes(of: &storage) { bytes in
      if family == AF_INET {
        var four = unsafe bytes.loadUnaligned(as: sockaddr_in.self)
        port = four.sin_port
        unsafe inet_ntop(AF_INET, &four.sin_addr, &text, socklen_t(text.count))
      } else if family == AF_INET6 {
        var six = unsafe bytes.loadUnaligned(as: sockaddr_in6.self)
        port = six.sin6_port
        unsafe inet_ntop(AF_INET6, &six.sin6_addr, &text, socklen_t(text.count))
      }
    }
    let name = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    self.init(host: name, port: Int(UInt16(bigEndian: port)))
  }
}

/// A bound and listening TCP socket; the descriptor belongs to whom it is handed to.
enum StreamListener {
  static func open(_ address: SocketAddress) throws(Failure) -> CInt {
    let descriptor = socket(address.family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Failure("cannot open a socket: \(Log.reason())") }
    var one: CInt = 1
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<CInt>.size))
    let bound = unsafe address.withAddress { unsafe bind(descriptor, $0, $1) }
    guard bound == 0, listen(descriptor, 256) == 0 else {
      let reason = Log.reason()
      close(descriptor)
      throw Failure("cannot listen on \(address.text)/tcp: got \(reason), want a free address of this machine")
    }
    return descriptor
  }
}

/// Why the program cannot go on: exit code 1, and one line that says so.
struct Failure: Error {
  let message: String
  init(_ message: String) { self.message = message }
}
