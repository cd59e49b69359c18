internal import Glibc
internal import TSEngine

extension DatagramSocket {
  /// Binds a UDP socket. Names are not resolved: a static program has no resolver.
  /// - Parameter port: 0 takes any free one; `address` tells which.
  package static func udp(
    host: String, port: Int, policy: SenderPolicy = SenderPolicy()
  ) throws(SocketError) -> DatagramSocket {
    let descriptor = try InternetSocket.bind(host: host, port: port, CInt(SOCK_DGRAM.rawValue), "udp")
    return DatagramSocket(
      descriptor: descriptor, address: boundAddress(descriptor) ?? "\(host):\(port)", input: .udp, policy: policy)
  }

  /// What a socket is really bound to, nil when it is no internet socket.
  static func boundAddress(_ descriptor: CInt) -> String? {
    var six = sockaddr_in6()  // large enough for both families
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    return unsafe withUnsafeMutableBytes(of: &six) { bytes in
      let address = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      guard unsafe getsockname(descriptor, address, &length) == 0 else { return nil }
      var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
      switch unsafe CInt(address.pointee.sa_family) {
      case AF_INET:
        var four = unsafe bytes.loadUnaligned(as: sockaddr_in.self)
        unsafe inet_ntop(AF_INET, &four.sin_addr, &text, socklen_t(text.count))
        return "\(string(text)):\(UInt16(bigEndian: four.sin_port))"
      case AF_INET6:
        var six = unsafe bytes.loadUnaligned(as: sockaddr_in6.self)
        unsafe inet_ntop(AF_INET6, &six.sin6_addr, &text, socklen_t(text.count))
        return "[\(string(text))]:\(UInt16(bigEndian: six.sin6_port))"
      default: return nil
      }
    }
  }

  private static func string(_ text: [CChar]) -> String {
    String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// A socket of either internet family, bound to a numeric address: a static program has no resolver.
enum InternetSocket {
  /// - Parameters:
  ///   - port: 0 takes any free one.
  ///   - name: of the protocol, for what is said when it fails.
  static func bind(host: String, port: Int, _ type: CInt, _ name: String) throws(SocketError) -> CInt {
    let place = (host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)") + "/" + name
    guard let port = UInt16(exactly: port) else {
      throw SocketError(got: "\(port)", cannot: "listen on \(place)", want: "a port of 0…65535")
    }
    var four = sockaddr_in(), six = sockaddr_in6()
    let isFour = unsafe inet_pton(AF_INET, host, &four.sin_addr) == 1
    guard unsafe isFour || inet_pton(AF_INET6, host, &six.sin6_addr) == 1 else {
      throw SocketError(got: host, cannot: "listen on \(place)", want: "a numeric IPv4 or IPv6 address")
    }
    (four.sin_family, four.sin_port) = (sa_family_t(AF_INET), port.bigEndian)
    (six.sin6_family, six.sin6_port) = (sa_family_t(AF_INET6), port.bigEndian)
    let descriptor = socket(isFour ? AF_INET : AF_INET6, type | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw SocketError(cannot: "open a socket for", place, want: "one more") }
    if type == CInt(SOCK_STREAM.rawValue) {
      var one: CInt = 1  // else the port of a daemon that ended with open connections is taken for a minute
      _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<CInt>.size))
    }
    let status =
      isFour ? bindTo(descriptor, &four) : bindTo(descriptor, &six)
    guard status == 0 else {
      let error = SocketError(cannot: "listen on", place, want: "a free address of this machine")
      close(descriptor)
      throw error
    }
    return descriptor
  }

  private static func bindTo<Address>(_ descriptor: CInt, _ address: inout Address) -> CInt {
    unsafe withUnsafeBytes(of: &address) { bytes in
      unsafe Glibc.bind(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
  }
}
