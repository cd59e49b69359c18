/// What the operator wants done with requests between log and count; the same for every message.
package struct IngestRules: Sendable {
  package var exclusions: [Exclusion] = []
  package var query = QueryPolicy.drop
  package var pathRules: [PathRule] = []  // the first that matches wins
  package var foldsIdentifiers = false
  /// Whose `X-Forwarded-For` is believed.
  package var trustedProxies: [AddressRange] = []
  /// The only services that are counted; empty: any, up to the engine's limit.
  package private(set) var services: [ServiceName] = []
  package init() {}

  /// Whether a path is written in any other way than as it was asked for, without its query.
  var rewritesPaths: Bool { foldsIdentifiers || !pathRules.isEmpty || query != .drop }

  /// Adds a service that may be counted; false when it is no valid name.
  package mutating func declare(service: String) -> Bool {
    let bytes = Array(service.utf8)
    guard let name = ServiceName(bytes.span) else { return false }
    services.append(name)
    return true
  }

  func isDeclared(_ name: ServiceName) -> Bool {
    if services.isEmpty { return true }
    for each in services where each == name { return true }
    return false
  }

  /// Whether a request is to be left out.
  func excludes(_ address: Address, agent: Span<UInt8>, path: Span<UInt8>, host: Span<UInt8>) -> Bool {
    for exclusion in exclusions {
      let matches =
        switch exclusion {
        case .path(let pattern): pattern.matches(path)
        case .address(let range): range.contains(address)
        case .agent(let needle): Bytes.contains(agent.extracting(0..<min(agent.count, UserAgent.maxBytes)), needle)
        case .host(let name): Bytes.equal(host, name)
        }
      if matches { return true }
    }
    return false
  }

  /// Writes the page that `path` belongs to into `room`: by the first rule that matches, else folded, then what is kept of
  /// the query. Returns how many bytes it wrote.
  func write(_ path: Span<UInt8>, query text: Span<UInt8>, into room: inout MutableSpan<UInt8>) -> Int {
    var count = -1
    for rule in pathRules where rule.pattern.matches(path) {
      count = min(rule.replacement.count, room.count)
      for i in 0..<count { room[i] = rule.replacement[i] }
      break
    }
    if count < 0, foldsIdentifiers { count = IdentifierFold.copy(path, into: &room) }
    if count < 0 {
      count = min(path.count, room.count)
      for i in 0..<count { room[i] = path[i] }
    }
    return text.count > 0 ? query.append(text, to: &room, after: count) : count
  }
}
