package import TSEngine

extension UserAgent {
  /// What a robot is called that sends no name.
  package static let namelessBot = "no name"

  /// The result in words, as the dashboard shows them: "Chrome", "Chrome 128", "iOS", "iOS 17.5". A browser or platform
  /// without a known version stands among the versions by its name alone, so that those lists add up.
  ///
  /// - Parameter userAgent: the bytes that `result` was made of.
  package static func agentClass(of result: UserAgentResult, _ userAgent: Span<UInt8>) -> AgentClass {
    let names = UserAgentAutomaton.shared.names
    var agent = AgentClass()
    (agent.device, agent.isBot) = (result.device, result.isBot)
    if result.isBot {
      agent.bot = botName(result, userAgent, names)
      return agent
    }
    agent.browser = names[Int(result.browser)]
    agent.browserVersion = versioned(agent.browser, [result.browserMajor, result.browserMinor])
    agent.platform = names[Int(result.platform)]
    agent.platformVersion =
      result.platformFixed == 0
      ? versioned(agent.platform, [result.platformMajor, result.platformMinor, result.platformPatch])
      : agent.platform + " " + names[Int(result.platformFixed)]
    return agent
  }

  /// The same without what varies freely: what is counted once too many different agents came.
  static func coarse(_ result: UserAgentResult) -> UserAgentResult {
    var coarse = UserAgentResult()
    (coarse.device, coarse.kind) = (result.device, result.kind)
    (coarse.browser, coarse.platform, coarse.robot) = (result.browser, result.platform, result.robot)
    return coarse
  }

  private static func botName(_ result: UserAgentResult, _ userAgent: Span<UInt8>, _ names: [String]) -> String {
    if result.robot != 0 { return names[Int(result.robot)] }
    guard result.nameCount > 0 else { return namelessBot }
    let range = Int(result.nameStart)..<Int(result.nameStart) + Int(result.nameCount)
    return String(decoding: range.map { userAgent[$0] }, as: UTF8.self)  // ASCII by construction
  }

  private static func versioned(_ name: String, _ numbers: [UInt16]) -> String {
    let said = numbers.prefix { $0 != UserAgentResult.absent }
    return said.isEmpty ? name : name + " " + said.map { String($0) }.joined(separator: ".")
  }
}
