/// Requests that are not to be counted: `path=/health`, `address=192.0.2.0/24`, `agent=UptimeRobot`, `host=test.example`.
package enum Exclusion: Hashable, Sendable {
  case path(PathPattern)  // of the path before any `--path-rule`
  case address(AddressRange)  // of the client, behind trusted proxies
  case agent([UInt8])  // lower case, anywhere in the agent's first 256 bytes
  case host([UInt8])  // lower case, whole

  package init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, !parts[1].isEmpty, parts[1].utf8.count <= 1_024 else { return nil }
    let lower = parts[1].utf8.map(\.lowercasedASCII)
    switch parts[0] {
    case "path":
      guard let pattern = PathPattern(parts[1]) else { return nil }
      self = .path(pattern)
    case "address":
      guard let range = AddressRange(parts[1]) else { return nil }
      self = .address(range)
    case "agent": self = .agent(lower)
    case "host": self = .host(lower)
    default: return nil
    }
  }
}
