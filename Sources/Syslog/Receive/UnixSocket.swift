internal import Glibc
internal import TSEngine

extension DatagramSocket {
  /// Binds a unix datagram socket at `path`, mode 0660: who may log is who may write there. A socket nobody listens on any
  /// more is replaced, anything else at that path is not. nginx connects at every line, so while the socket is gone each
  /// request costs an alert in its error log: better let systemd hold it.
  package static func unix(path: String, policy: SenderPolicy = SenderPolicy()) throws(SocketError) -> DatagramSocket {
    let place = "unix:\(path)"
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard !path.isEmpty, path.utf8.count < room else {
      throw SocketError(got: "\(path.utf8.count) bytes", cannot: "listen on \(place)", want: "a path of 1…\(room - 1)")
    }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw SocketError(cannot: "open a socket for", place, want: "one more") }
    removeStale(descriptor, path, &address)
    // Before bind the mode limits what bind creates; afterwards it is widened to what the umask took away. Never wider.
    fchmod(descriptor, 0o660)
    let status = unsafe call(bind, descriptor, &address)
    guard unsafe status == 0 && chmod(path, 0o660) == 0 else {
      let error = SocketError(cannot: "listen on", place, want: "a free path in a directory we may write")
      close(descriptor)
      throw error
    }
    return DatagramSocket(descriptor: descriptor, address: place, input: .unix, policy: policy, ownedPath: path)
  }

  /// Removes a socket file whose owner is gone: connecting to it is refused.
  private static func removeStale(_ descriptor: CInt, _ path: String, _ address: inout sockaddr_un) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
    if unsafe call(connect, descriptor, &address) != 0, errno == ECONNREFUSED { _ = unsafe unlink(path) }
  }

  private static func call(
    _ function: (CInt, UnsafePointer<sockaddr>?, socklen_t) -> CInt, _ descriptor: CInt, _ address: inout sockaddr_un
  ) -> CInt {
    unsafe withUnsafeBytes(of: &address) { bytes in
      unsafe function(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
  }
}
