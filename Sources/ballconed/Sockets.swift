internal import Dashboard
internal import Glibc
internal import Syslog
internal import TSEngine

/// What the daemon listens on: handed over by systemd, or bound as the options say.
struct Sockets {
  private(set) var datagrams: [DatagramSocket] = []
  private(set) var streams: [StreamSocket] = []
  let web: CInt  // a listening TCP socket
  let webAddress: String

  init(_ options: Options) throws {
    let allowed = try IngestRules.each(options, .allow, "an address, ADDRESS/BITS or any") { AddressRange($0) }
    let places = try IngestRules.each(options, .listen, Listening.form) { Listening($0) }
    let handed = SocketActivation.take()
    for socket in handed where !socket.isStream {
      datagrams.append(
        .adopting(socket, policy: Listening.policy(allowed, at: SocketAddress(of: socket.descriptor))))
    }
    if datagrams.isEmpty {
      let host = options.host(.syslogHost), port = options.number(.syslogPort)
      let policy = Listening.policy(allowed, at: SocketAddress(host: host, port: port))
      datagrams.append(try .udp(host: host, port: port, policy: policy))
    }
    // A stream is the web's unless the unit names it otherwise (FileDescriptorName=syslog).
    let web = handed.filter { $0.isStream && $0.name != "syslog" }
    for socket in handed where socket.isStream && socket.name == "syslog" {
      streams.append(.adopting(socket, policy: Listening.policy(allowed, at: SocketAddress(of: socket.descriptor))))
    }
    for extra in web.dropFirst() { close(extra.descriptor) }
    let listening: CInt
    if let first = web.first {
      listening = first.descriptor
    } else {
      listening = try Listener.bind(host: options.host(.webHost), port: UInt16(options.number(.webPort)))
    }
    guard let address = SocketAddress(of: listening) else {
      throw Failure("cannot serve the dashboard on the socket of systemd: got no internet socket, want ListenStream=HOST:PORT")
    }
    (self.web, webAddress) = (listening, address.text)
    for place in places { try open(place, allowed) }
    for warning in Set(datagrams.compactMap(\.bufferWarning)).sorted() { Log.line(warning) }
    tellWhoMaySend(isSaid: !allowed.isEmpty)
  }

  private mutating func open(_ listening: Listening, _ allowed: [AddressRange]) throws {
    let policy = listening.policy(allowed)
    switch listening.place {
    case .unix(let path): datagrams.append(try .unix(path: path, policy: policy))
    case .udp(let host, let port): datagrams.append(try .udp(host: host, port: port, policy: policy))
    case .tcp(let host, let port): streams.append(try .tcp(host: host, port: port, policy: policy))
    }
  }

  /// Nobody should have to find out from a counter that a socket open to a network does not take everybody.
  private func tellWhoMaySend(isSaid: Bool) {
    if isSaid { return }
    let open = SenderPolicy.usual(isLoopback: false)
    let places =
      datagrams.filter { $0.policy == open }.map { $0.address + "/udp" }
      + streams.filter { $0.policy == open }.map { $0.address + "/tcp" }
    guard !places.isEmpty else { return }
    Log.line(
      "receiving on \(places.joined(separator: ", ")) from this machine and private networks only; --allow says otherwise")
  }

  /// All of them, as the set-up page shows them.
  var listening: String {
    let all = datagrams.map { $0.address + ($0.input == .udp ? "/udp" : "") } + streams.map { $0.address + "/tcp" }
    return all.joined(separator: ", ")
  }
}
