internal import Syslog

/// One `--listen`: where, and who may send there.
///
/// ```
/// udp:127.0.0.1:6514   tcp:[::1]:6514   unix:/run/ballconed/log.sock
/// udp:0.0.0.0:6514,allow=10.0.0.0/8,allow=192.0.2.7   unix:/run/log.sock,uid=33
/// ```
struct Listening: Equatable {
  enum Place: Equatable {
    case udp(host: String, port: Int)
    case tcp(host: String, port: Int)
    case unix(path: String)
  }
  let place: Place
  private(set) var allowed: [AddressRange] = []
  private(set) var users: [UInt32] = []

  static let form = "udp:HOST:PORT, tcp:HOST:PORT or unix:PATH, behind it ,allow=CIDR or ,uid=NUMBER"

  init?(_ text: String) {
    var parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    var settings: [String] = []
    // A path may hold a comma, a setting not.
    while parts.count > 1, let last = parts.last, last.hasPrefix("allow=") || last.hasPrefix("uid=") {
      settings.append(parts.removeLast())
    }
    let address = parts.joined(separator: ",")
    let words = address.split(separator: ":", maxSplits: 1).map(String.init)
    guard words.count == 2 else { return nil }
    switch words[0] {
    case "unix": place = .unix(path: words[1])
    case "udp", "tcp":
      guard let colon = words[1].lastIndex(of: ":"), let port = Int(words[1][words[1].index(after: colon)...]) else {
        return nil
      }
      var host = words[1][..<colon]
      if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
      let name = host == "localhost" ? "127.0.0.1" : String(host)
      guard SocketAddress(host: name, port: port) != nil else { return nil }
      place = words[0] == "udp" ? .udp(host: name, port: port) : .tcp(host: name, port: port)
    default: return nil
    }
    for setting in settings.reversed() { guard take(setting) else { return nil } }
  }

  private mutating func take(_ setting: String) -> Bool {
    let value = setting.drop { $0 != "=" }.dropFirst()
    var isUnix = false
    if case .unix = place { isUnix = true }
    if setting.hasPrefix("allow="), !isUnix, let range = AddressRange(value) {
      allowed.append(range)
      return true
    }
    guard setting.hasPrefix("uid="), isUnix, let user = UInt32(value) else { return false }
    users.append(user)
    return true
  }

  /// Who may send: what stands here, else `--allow`, else what is usual at such an address.
  func policy(_ general: [AddressRange]) -> SenderPolicy {
    switch place {
    case .unix: SenderPolicy(users: users)
    case .udp(let host, let port), .tcp(let host, let port):
      Self.policy(allowed.isEmpty ? general : allowed, at: SocketAddress(host: host, port: port))
    }
  }

  static func policy(_ allowed: [AddressRange], at address: SocketAddress?) -> SenderPolicy {
    allowed.isEmpty ? .usual(isLoopback: address?.isLoopback ?? true) : SenderPolicy(addresses: allowed)
  }

  /// The values of an environment variable: what follows a comma is a setting unless it is an address.
  static func list(_ text: String) -> [String] {
    var list: [String] = []
    for part in text.split(separator: ",").map(String.init) {
      if list.isEmpty || ["udp:", "tcp:", "unix:"].contains(where: part.hasPrefix) {
        list.append(part)
      } else {
        list[list.count - 1] += "," + part
      }
    }
    return list
  }
}
