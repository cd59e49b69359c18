internal import CSocket
internal import Glibc

/// Owns a listening TCP socket for syslog (RFC 6587); closes it in deinit.
package final class StreamSocket: Sendable {
  let descriptor: CInt
  /// `127.0.0.1:6514` or `[::1]:6514`, with the real port.
  package let address: String
  package let policy: SenderPolicy

  private init(descriptor: CInt, address: String, policy: SenderPolicy) {
    (self.descriptor, self.address, self.policy) = (descriptor, address, policy)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }
  deinit { close(descriptor) }

  /// Binds and listens. Names are not resolved.
  /// - Parameter port: 0 takes any free one; `address` tells which.
  package static func tcp(host: String, port: Int, policy: SenderPolicy = SenderPolicy()) throws(SocketError) -> StreamSocket {
    let descriptor = try InternetSocket.bind(host: host, port: port, CInt(SOCK_STREAM.rawValue), "tcp")
    guard listen(descriptor, CInt(StreamConnection.limit)) == 0 else {
      let error = SocketError(cannot: "listen on", "\(host):\(port)/tcp", want: "a free address of this machine")
      close(descriptor)
      throw error
    }
    return StreamSocket(
      descriptor: descriptor, address: DatagramSocket.boundAddress(descriptor) ?? "\(host):\(port)", policy: policy)
  }

  /// Takes over a listening socket, and with it the duty to close it.
  package static func adopting(_ handed: SocketActivation.Handed, policy: SenderPolicy) -> StreamSocket {
    StreamSocket(
      descriptor: handed.descriptor, address: DatagramSocket.boundAddress(handed.descriptor) ?? handed.name, policy: policy)
  }

  /// The next connection and whether its other end may send; nil when nobody waits.
  func accept() -> (descriptor: CInt, mayArrive: Bool)? {
    var name = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let made = unsafe withUnsafeMutableBytes(of: &name) { bytes in
      let address = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      return unsafe ballcone_accept4(descriptor, address, &length, CInt(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue))
    }
    guard made >= 0 else { return nil }
    guard !policy.addresses.isEmpty else { return (made, true) }
    let peer = unsafe withUnsafeBytes(of: &name) { bytes in unsafe Address(bytes.baseAddress!, length: Int(length)) }
    return (made, peer.map(policy.addresses.holds) ?? false)
  }
}

/// One sender's stream, and since when it has been in the middle of a message.
final class StreamConnection {
  /// So many at once; one more takes the place of the longest idle one, if that has been silent for a minute.
  static let limit = 64
  /// A message that has begun must be whole by then.
  static let messageSeconds = 30
  static let idleSeconds = 60
  /// So much is read of one connection before the others have their turn.
  private static let turnBytes = 1 << 20

  let descriptor: CInt
  private var framer = StreamFramer()
  private(set) var heardAt: Int  // monotonic milliseconds
  private var insideSince = 0

  init(descriptor: CInt, now: Int) {
    (self.descriptor, heardAt) = (descriptor, now)
    var one: CInt = 1
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &one, socklen_t(MemoryLayout<CInt>.size))
  }
  deinit { close(descriptor) }

  enum State { case open, ended }

  /// Takes what has come and hands whole messages to `body`.
  func read(now: Int, _ body: (_ message: Span<UInt8>, _ isTruncated: Bool) -> Void) -> State {
    var turn = 0
    while turn < Self.turnBytes {
      let count = unsafe framer.fill { room in unsafe recv(descriptor, room.baseAddress, room.count, CInt(MSG_DONTWAIT)) }
      if count < 0, errno == EAGAIN || errno == EINTR { break }
      guard count > 0 else {
        framer.finish(body)
        return .ended
      }
      turn += count
      heardAt = now
      if framer.take(body) { insideSince = 0 }
    }
    if !framer.isInside { insideSince = 0 } else if insideSince == 0 { insideSince = now }
    return .open
  }

  /// Whether a message has been in the making for too long.
  func isStuck(now: Int) -> Bool { insideSince > 0 && now - insideSince > Self.messageSeconds * 1_000 }
  func isIdle(now: Int) -> Bool { now - heardAt > Self.idleSeconds * 1_000 }
}
