internal import Glibc

extension Command {
  /// `ballconed health`: one GET of `/-/ready`, for a container's health check; no curl needed.
  static func health(_ options: Options) throws(Failure) {
    guard let address = SocketAddress(host: options.host(.webHost), port: options.number(.webPort))?.reachable else {
      throw Failure("cannot ask the daemon: got no usable web address")
    }
    let descriptor = socket(address.family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Failure("cannot open a socket: \(Log.reason())") }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 3, tv_usec: 0)
    for direction in [SO_RCVTIMEO, SO_SNDTIMEO] {
      unsafe setsockopt(descriptor, SOL_SOCKET, direction, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
    guard unsafe address.withAddress({ unsafe connect(descriptor, $0, $1) }) == 0 else {
      throw Failure("cannot reach http://\(address.text): got \(Log.reason()), want a running daemon")
    }
    let path = (options.text(.basePath) ?? "") + "/-/ready"
    let request = Array("GET \(path) HTTP/1.1\r\nHost: \(address.text)\r\nConnection: close\r\n\r\n".utf8)
    guard unsafe send(descriptor, request, request.count, CInt(MSG_NOSIGNAL)) == request.count else {
      throw Failure("cannot ask http://\(address.text)\(path): \(Log.reason())")
    }
    var answer = [UInt8](repeating: 0, count: 256)
    let count = unsafe recv(descriptor, &answer, answer.count, 0)
    let line = String(decoding: answer[..<max(0, count)].prefix { $0 != 13 && $0 != 10 }, as: UTF8.self)
    guard line.hasPrefix("HTTP/1.1 200") else {
      throw Failure("cannot call it healthy: got \(Log.quoted(line)) of http://\(address.text)\(path), want status 200")
    }
  }
}
