import TSEngine
import Testing

@testable import Syslog

@Suite struct UserAgentTests {
  static func classify(_ text: String) -> AgentClass {
    let bytes = utf8(text)
    return UserAgent.agentClass(of: UserAgent.classify(bytes.span), bytes.span)
  }
  static func rows(_ name: String, columns: Int) -> [[String]] {
    Fixture.lines(name).map { line in
      let fields = line.split(separator: UInt8(ascii: "|"), maxSplits: columns - 1, omittingEmptySubsequences: false)
      precondition(fields.count == columns)
      return fields.map { string($0) }
    }
  }

  @Test(arguments: rows("agents_people.txt", columns: 4))
  func `a person's browser, platform and device are told`(row: [String]) {
    let agent = Self.classify(row[3])
    #expect(agent.browserVersion == row[0])
    #expect(agent.platformVersion == row[1])
    #expect(agent.device.name == row[2])
    #expect(!agent.isBot && agent.bot.isEmpty)
    #expect(agent.browserVersion.hasPrefix(agent.browser) && agent.platformVersion.hasPrefix(agent.platform))
  }

  @Test(arguments: rows("agents_bots.txt", columns: 3))
  func `a robot is told, by name and kind`(row: [String]) {
    let bytes = utf8(row[2])
    let result = UserAgent.classify(bytes.span)
    #expect(result.isBot)
    #expect("\(result.kind)" == row[1])
    let agent = UserAgent.agentClass(of: result, bytes.span)
    #expect(agent.bot == row[0])
    #expect(agent.isBot && agent.device == .bot)
    #expect(agent.browser.isEmpty && agent.platform.isEmpty)
  }

  @Test func `the tables are as large as promised`() {
    #expect(Fixture.lines("agents_people.txt").count >= 60)
    #expect(Fixture.lines("agents_bots.txt").count >= 40)
    #expect(UserAgentAutomaton.shared.rules.count >= 642)
  }

  @Test func `words are told whatever their case`() {
    let upper =
      "MOZILLA/5.0 (WINDOWS NT 10.0; WIN64; X64) APPLEWEBKIT/537.36 (KHTML, LIKE GECKO) CHROME/128.0.0.0 SAFARI/537.36"
    #expect(Self.classify(upper).browserVersion == "Chrome 128")
    #expect(Self.classify("GOOGLEBOT/2.1").bot == "GOOGLEBOT")
  }

  @Test func `frozen versions are shown as what they are`() {
    #expect(Self.classify("Mozilla/5.0 (Windows NT 10.0) Chrome/128.0.0.0").platformVersion == "Windows 10")
    #expect(Self.classify("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/128.0").platformVersion == "macOS 10.15.7")
    #expect(Self.classify("Mozilla/5.0 (Linux; Android 10; K) Chrome/128.0 Mobile").platformVersion == "Android 10")
  }

  @Test func `a build's date is no version`() {
    #expect(Self.classify("Mozilla/5.0 (Windows NT 10.0) Chrome/20240801").browserVersion == "Chrome")
    #expect(Self.classify("Mozilla/5.0 (Windows NT 10.0) Chrome/9999.1").browserVersion == "Chrome 9999")
    #expect(Self.classify("Mozilla/5.0 (Windows NT 10.0) Chrome/.").browserVersion == "Chrome")
    #expect(Self.classify("Mozilla/5.0 (Windows NT 10.0) Chrome/").browserVersion == "Chrome")
  }

  @Test func `only the first 256 bytes count`() {
    let long = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/128.0.0.0 Safari/537.36" + String(repeating: " ", count: 200)
    #expect(Self.classify(long + "Googlebot/2.1") == Self.classify(long))
    #expect(!Self.classify(long).isBot)
  }

  @Test func `a robot's word inside a phone's model is none, outside it is`() {
    let model = "Mozilla/5.0 (Linux; Android 7.0; M bot 54) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0.4430.91 Mobile"
    #expect(!Self.classify(model).isBot)
    #expect(Self.classify(model + " (compatible; SomeBot/1.0)").bot == "SomeBot")
    #expect(Self.classify("Mozilla/5.0 (Linux; Android 7.0; M 54 Build/bot) Chrome/90.0 Mobile spiderling").bot == "bot")
  }

  @Test func `an exception cancels the robot's word inside it and no other`() {
    #expect(!Self.classify("Mozilla/5.0 (Windows NT 10.0) Chrome/90.0 feedback/1").isBot)
    #expect(Self.classify("Mozilla/5.0 (Windows NT 10.0) Chrome/90.0 feedback/1 FeedFetcher").bot == "FeedFetcher")
    #expect(Self.classify("Mozilla/5.0 (Windows NT 10.0) Chrome/90.0 crawler feedback/1").isBot)
  }

  @Test func `no bytes trap`() {
    var random = SplitMix(seed: 11)
    let tokens = UserAgentRules.text.description.split(separator: "\n").map { Array($0.split(separator: "|")[1].utf8) }
    for round in 0..<20_000 {
      var bytes: [UInt8] = []
      while bytes.count < round % 300 {
        switch random.next() % 4 {
        case 0: bytes.append(UInt8(truncatingIfNeeded: random.next()))
        case 1:
          bytes += utf8(
            [" (", ")", "; ", "/", ".", "Android ", "compatible; ", "Mozilla/5.0 ", "99999"].randomElement(using: &random)!)
        default: bytes += tokens.randomElement(using: &random)!
        }
      }
      let agent = UserAgent.agentClass(of: UserAgent.classify(bytes.span), bytes.span)
      #expect(agent.bot.utf8.count <= 40 && agent.bot.utf8.allSatisfy { $0 < 0x80 })
      #expect(!agent.isBot || !agent.bot.isEmpty)
    }
  }

  @Test func `hostile agents do not trap`() {
    for byte in UInt8.min...UInt8.max {
      for count in [1, 2, 7, 8, 255, 256, 257, 65_536] {
        _ = UserAgent.classify([UInt8](repeating: byte, count: count).span)
      }
    }
    for row in UserAgentRules.text.description.split(separator: "\n") {
      let token = Array(row.split(separator: "|")[1].utf8)
      let repeated = Array(repeatElement(token, count: 256 / token.count + 1).joined())
      _ = UserAgent.agentClass(of: UserAgent.classify(repeated.span), repeated.span)
      for count in 0..<min(repeated.count, 40) { _ = UserAgent.classify(Array(repeated[..<count]).span) }
    }
  }

  /// Against the plainest search there is.
  @Test func `the automaton finds exactly the tokens that stand there`() {
    let automaton = UserAgentAutomaton.shared
    let table = UserAgentRuleTable(UserAgentRules.text)
    let rows = Fixture.lines("agents_people.txt") + Fixture.lines("agents_bots.txt")
    for row in stride(from: 0, to: rows.count, by: 7).map({ rows[$0] }) {
      var found: [[Int]] = []
      automaton.scan(row.span) { rule, end in found.append([end, rule]) }
      let lower = row.map { $0.lowercasedASCII }
      var wanted: [[Int]] = []
      for end in 1...row.count {
        for (rule, token) in table.tokens.enumerated() where lower[..<end].suffix(token.count).elementsEqual(token) {
          wanted.append([end, rule])
        }
      }
      #expect(found.sorted { $0.lexicographicallyPrecedes($1) } == wanted)
    }
    #expect(automaton.tableBytes < 512 << 10)
  }

  @Test func `all tokens that end together are told, exceptions last`() {
    let automaton = UserAgentAutomaton(rules: "X|abcd||\nB|d|One\nR|bcd\nB|cd|Two\nB|ABCD|Three\nD|x|tv")
    var found: [[Int]] = []
    let text = utf8("zaBcDd")
    automaton.scan(text.span) { rule, end in found.append([rule, end]) }
    #expect(found == [[4, 5], [2, 5], [3, 5], [1, 5], [0, 5], [1, 6]])
    #expect(automaton.stateCount == 1 + 4 + 3 + 2 + 1 + 1)
    #expect(automaton.classCount == 6)
  }
}
