/// Strings that all services share: names of browsers, platforms, versions, bots and sources, and the agents made of them.
///
/// Guarded by the engine's lock.
final class Labels {
  var names: LabelDictionary
  let agents: AgentTable

  init(pool: PagePool) {
    names = LabelDictionary(maxCodes: Limits.nameCodes, maxBytes: Limits.nameBytes, pool: pool)
    agents = AgentTable(pool: pool)
  }

  /// Lets both tell of the codes they give.
  func tell(_ list: NewCodes) {
    names.news = .init(list: list, kind: .names, service: 0)
    agents.tell(.init(list: list, kind: .agents, service: 0))
  }

  func name(_ text: String) -> NameID {
    if text.isEmpty { return .none }
    var text = text
    let code = text.withUTF8 { bytes in
      unsafe withPadded(bytes) { start, count in unsafe names.code(start, count: count, extra: 0).code }
    }
    return NameID(rawValue: UInt16(code))
  }

  func agent(_ agent: AgentClass) -> AgentID {
    let parts = [agent.browser, agent.browserVersion, agent.platform, agent.platformVersion, agent.bot].map {
      name($0).rawValue
    }
    return agents.agent(
      AgentTable.Row(
        browser: parts[0], browserVersion: parts[1], platform: parts[2], platformVersion: parts[3], bot: parts[4],
        device: agent.device.rawValue, isBot: agent.isBot ? 1 : 0))
  }

  /// Assets that a page brings along: not what a person came for (DESIGN.md, fine print).
  /// A query that was kept does not count.
  @unsafe static func isStatic(_ target: UnsafeBufferPointer<UInt8>) -> Bool {
    let path = unsafe UnsafeBufferPointer(rebasing: target.prefix { $0 != UInt8(ascii: "?") })
    if unsafe path.elementsEqual("/robots.txt".utf8) { return true }
    guard let dot = unsafe path.lastIndex(of: UInt8(ascii: ".")), path.count - dot <= 6 else { return false }
    var word: UInt64 = 0  // the ending, lower case, packed
    for index in dot + 1..<path.count {
      var byte = unsafe path[index]
      if byte &- 65 < 26 { byte |= 32 }
      word = word << 8 | UInt64(byte)
    }
    return staticEndings.contains(word)
  }

  private static let staticEndings = Set(
    """
    css js mjs map png jpg jpeg gif webp avif svg ico bmp woff woff2 ttf otf eot mp3 ogg wav m4a mp4 webm mov wasm
    """.split(separator: " ").map { ending in ending.utf8.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } })
}

/// Gives `body` a copy that may be read eight bytes past its end, as hashing does.
@unsafe
func withPadded<R>(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (UnsafePointer<UInt8>, Int) -> R) -> R {
  unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count + 16) { room in
    unsafe room.initialize(repeating: 0)
    for index in bytes.indices { unsafe room[index] = bytes[index] }
    return unsafe body(UnsafePointer(room.baseAddress!), bytes.count)
  }
}
