internal import Dashboard
internal import Glibc
internal import Syslog
internal import TSEngine

/// What the daemon listens on: handed over by systemd, or bound as the options say.
struct Sockets {
  private(set) var datagrams: [DatagramSocket] = []
  let web: CInt  // a listening TCP socket
  let webAddress: String

  init(_ options: Options) throws {
    let handed = SocketActivation.take()
    datagrams = handed.filter { !$0.isStream }.map(DatagramSocket.adopting)
    if datagrams.isEmpty {
      datagrams.append(try .udp(host: options.host(.syslogHost), port: options.number(.syslogPort)))
    }
    for place in options.list(.listen) { datagrams.append(try Self.open(place)) }
    for warning in Set(datagrams.compactMap(\.bufferWarning)).sorted() { Log.line(warning) }

    let streams = handed.filter(\.isStream)
    for extra in streams.dropFirst() { close(extra.descriptor) }
    if let first = streams.first {
      web = first.descriptor
    } else {
      web = try Listener.bind(host: options.host(.webHost), port: UInt16(options.number(.webPort)))
    }
    guard let address = SocketAddress(of: web) else {
      throw Failure("cannot serve the dashboard on the socket of systemd: got no internet socket, want ListenStream=HOST:PORT")
    }
    webAddress = address.text
  }

  /// `udp:127.0.0.1:6514`, `udp:[::1]:6514`, `unix:/run/ballconed.sock`
  private static func open(_ place: String) throws -> DatagramSocket {
    let wrong = UsageError(message: "cannot use --listen: got \(Log.quoted(place)), want udp:HOST:PORT or unix:PATH")
    let parts = place.split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { throw wrong }
    switch parts[0] {
    case "unix": return try .unix(path: String(parts[1]))
    case "udp":
      guard let colon = parts[1].lastIndex(of: ":"), let port = Int(parts[1][parts[1].index(after: colon)...]) else {
        throw wrong
      }
      var host = parts[1][..<colon]
      if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
      if host == "localhost" { host = "127.0.0.1" }
      return try .udp(host: String(host), port: port)
    default: throw wrong
    }
  }
}
