package import TSEngine

/// User-Agents seen lately and the engine's numbers for them, so that parsing is for new ones only.
///
/// Belongs to one thread and one engine.
///
/// A flood of invented agents cannot displace the known ones' numbers: past `maxClasses` distinct classes, and when the
/// engine's own table is full, versions and robots' names go, and what remains is browser, platform, device, and bot or
/// not.
package struct UserAgentCache: ~Copyable {
  /// Well below half of the engine's table, from where on that admits nothing at its first sight.
  static let maxClasses = Limits.agentCodes * 3 / 8

  private var recent = RecentCache(capacity: 8_192, empty: (id: AgentID.other, isBot: false, word: UInt32(0)))  // 128 KiB
  private var classes: [UInt64: AgentID] = [:]  // by the hash of what was understood
  private let secret = (UInt64.random(in: 1...UInt64.max), UInt64.random(in: 1...UInt64.max))
  private var unlogged: AgentID?
  private var anyBot: AgentID?  // numbered before the engine's table can be full, so that no bot ever counts as people
  package private(set) var misses = 0

  package init() { _ = UserAgentAutomaton.shared }  // 2 ms, better now than at the first message

  /// - Parameters:
  ///   - userAgent: as sent; only its first 256 bytes count.
  ///   - isLogged: whether the log's format has the agent at all. If not, it is unknown and nobody is called a bot; a
  ///     logged one that is empty or `-` is a bot's.
  /// - Returns: with `word`, what stands for the class in a visitor (`UserAgentAutomaton.classWord`).
  package mutating func agent(
    of userAgent: Span<UInt8>, isLogged: Bool, engine: Engine
  ) -> (id: AgentID, isBot: Bool, word: UInt32) {
    guard isLogged else { return (unloggedAgent(engine), false, 0) }
    let bytes = userAgent.extracting(0..<min(userAgent.count, UserAgent.maxBytes))
    let hash = KeyedHash.hash(bytes, secret.0, secret.1) | 1
    if let known = recent.value(hash) { return known }
    misses += 1
    if anyBot == nil { anyBot = engine.agent(Self.anyBotClass) }
    let result = UserAgent.classify(bytes)
    let (id, isFinal) = number(of: result, bytes, engine)
    let word = UserAgentAutomaton.shared.classWord(of: result)
    if isFinal { recent.insert((id, result.isBot, word), hash) }
    return (id, result.isBot, word)
  }

  private mutating func unloggedAgent(_ engine: Engine) -> AgentID {
    if let unlogged { return unlogged }
    let id = engine.agent(AgentClass())
    unlogged = id
    return id
  }

  /// The engine's number, and whether it may be remembered: the engine admits some agents only when asked again.
  private mutating func number(
    of result: UserAgentResult, _ bytes: Span<UInt8>, _ engine: Engine
  ) -> (id: AgentID, isFinal: Bool) {
    let key = key(of: result, bytes)
    if let known = classes[key] { return (known, true) }
    guard classes.count < Self.maxClasses else { return (coarseNumber(of: result, engine), true) }
    let id = engine.agent(UserAgent.agentClass(of: result, bytes))
    if id == .other { return (coarseNumber(of: result, engine), false) }
    classes[key] = id
    return (id, true)
  }

  private mutating func coarseNumber(of result: UserAgentResult, _ engine: Engine) -> AgentID {
    var agent = UserAgent.agentClass(of: UserAgent.coarse(result), Span())
    if result.isBot, result.robot == 0 { agent = Self.anyBotClass }
    let id = engine.agent(agent)
    return id == .other && result.isBot ? anyBot ?? .other : id
  }

  private static var anyBotClass: AgentClass {
    var agent = AgentClass()
    (agent.isBot, agent.device, agent.bot) = (true, .bot, "~other")
    return agent
  }

  /// Robots without a canonical name are told apart by the name they give themselves, everything else by what was understood.
  private func key(of result: UserAgentResult, _ bytes: Span<UInt8>) -> UInt64 {
    if result.isBot, result.robot == 0 {
      let start = Int(result.nameStart)
      return KeyedHash.hash(bytes.extracting(start..<start + Int(result.nameCount)), secret.1, secret.0)
    }
    return unsafe withUnsafeBytes(of: result) { bytes in
      KeyedHash.hash(unsafe Span(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self)), secret.1, ~secret.0)
    }
  }
}
