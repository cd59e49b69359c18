import Testing

@testable import Syslog
@testable import TSEngine

/// Enrichment and the engine's tables together.
@Suite struct EnrichEngineTests {
  private let engine = Engine(EngineOptions(), accounting: Accounting()) { 1_700_000_000 }

  private func row(_ id: AgentID) -> AgentTable.Row { engine.withState { $0.labels.agents.rows[Int(id.rawValue)] } }
  private func count() -> Int { engine.withState { $0.labels.agents.count } }

  @Test func `one class of agents is one row, however many agents are of it`() {
    var cache = UserAgentCache()
    var ids: Set<AgentID> = []
    for patch in 0..<500 {
      let text = utf8("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/128.0.\(patch).0 Safari/537.36")
      ids.insert(cache.agent(of: text.span, isLogged: true, engine: engine).id)
    }
    #expect(ids.count == 1 && !ids.contains(.other))
    #expect(cache.misses == 500)
    let googlebots = ["Googlebot/2.1 (+http://www.google.com/bot.html)", "Mozilla/5.0 (compatible; Googlebot/2.1)"].map {
      text in
      let bytes = utf8(text)
      return cache.agent(of: bytes.span, isLogged: true, engine: engine).id
    }
    #expect(googlebots[0] == googlebots[1] && row(googlebots[0]).isBot == 1)
  }

  @Test func `different classes are different rows, and each is what it was parsed to`() {
    var cache = UserAgentCache()
    var byClass: [AgentClass: AgentID] = [:]
    for _ in 0..<2 {
      for line in Fixture.lines("agents_people.txt") + Fixture.lines("agents_bots.txt") {
        let agent = Array(line.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false).last ?? [])
        let parsed = UserAgent.agentClass(of: UserAgent.classify(agent.span), agent.span)
        let (id, isBot, _) = cache.agent(of: agent.span, isLogged: true, engine: engine)
        #expect(byClass[parsed, default: id] == id)
        byClass[parsed] = id
        #expect(isBot == parsed.isBot && row(id).isBot == (isBot ? 1 : 0) && row(id).device == parsed.device.rawValue)
      }
    }
    #expect(Set(byClass.values).count == byClass.count)
  }

  @Test func `a flood of invented agents leaves people people and robots robots`() {
    var cache = UserAgentCache()
    var random = SplitMix(seed: 17)
    for _ in 0..<60_000 {
      let number = random.next() % 1_000_000_000
      let text =
        number % 2 == 0
        ? "Evil\(number)bot/1.0"
        : "Mozilla/5.0 (Windows NT 10.0) Chrome/\(number % 9_973).0 (iPhone OS \(number % 977)_\(number % 89)) Mobile"
      let bytes = utf8(text)
      let (id, isBot, _) = cache.agent(of: bytes.span, isLogged: true, engine: engine)
      #expect(isBot == (number % 2 == 0))
      #expect(row(id).isBot == (isBot ? 1 : 0), "\(text)")
    }
    #expect(count() <= UserAgentCache.maxClasses + 1_000)
    // What is ordinary is still told, if need be without its version.
    let chrome = utf8("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/128.0.0.0 Safari/537.36")
    let found = row(cache.agent(of: chrome.span, isLogged: true, engine: engine).id)
    #expect(found.browser == engine.name("Chrome").rawValue && found.platform == engine.name("macOS").rawValue)
    #expect(found.device == Device.desktop.rawValue)
  }

  @Test func `a full table still tells robots from people, after a restart too`() {
    var first = UserAgentCache()
    _ = first.agent(of: utf8("curl/8.0").span, isLogged: true, engine: engine)
    var seed = 0
    while count() < Limits.agentCodes, seed < 100_000 {  // each is asked twice, for the doorkeeper
      var agent = AgentClass()
      (agent.browser, agent.browserVersion) = ("b\(seed % 200)", "v\(seed / 200)")
      _ = engine.agent(agent)
      _ = engine.agent(agent)
      seed += 1
    }
    #expect(count() == Limits.agentCodes)
    var second = UserAgentCache()
    let bot = utf8("NewBot/1.0"), person = utf8("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0")
    for _ in 0..<3 {
      let robot = second.agent(of: bot.span, isLogged: true, engine: engine)
      let human = second.agent(of: person.span, isLogged: true, engine: engine)
      #expect(robot.isBot && row(robot.id).isBot == 1)
      #expect(!human.isBot && row(human.id).isBot == 0)
    }
  }

  @Test func `sources have names: the table's, or the host`() {
    var classifier = ReferrerClassifier(engine: engine)
    let tags = CampaignTags(), own = utf8("example.org")
    func source(_ referrer: String) -> NameID {
      let bytes = utf8(referrer)
      return classifier.classify(referrer: bytes.span, ownHost: own.span, campaign: tags).source
    }
    #expect(source("https://www.google.com/") == engine.name("Google"))
    #expect(source("https://www.google.de/") == engine.name("Google"))
    #expect(source("https://Blog.Other.example/") == engine.name("blog.other.example"))
    #expect(source("https://example.org/") == .none && source("") == .none)
  }

  @Test func `a campaign's source names a visit without a referrer`() {
    var classifier = ReferrerClassifier(engine: engine)
    let empty: [UInt8] = []
    for (query, name) in [("utm_source=flyer", "flyer"), ("ref=HN", "Hacker News"), ("utm_source=chatgpt.com", "ChatGPT")] {
      var tags = CampaignTags()
      tags.read(utf8(query).span)
      let found = classifier.classify(referrer: empty.span, ownHost: empty.span, campaign: tags)
      #expect(found.source == engine.name(name) && found.host.isEmpty)
    }
  }

  @Test func `referrer spam takes a bounded number of names`() {
    var classifier = ReferrerClassifier(engine: engine)
    let tags = CampaignTags(), own = utf8("example.org")
    var other = 0
    for number in 0..<30_000 {
      let bytes = utf8("https://spam\(number).example/")
      if classifier.classify(referrer: bytes.span, ownHost: own.span, campaign: tags).source == .other { other += 1 }
    }
    #expect(other >= 30_000 - SourceNames.maxNames && other > 0)
    let names = engine.withState { $0.labels.names.count }
    #expect(names <= SourceNames.maxNames + 2)
    let google = utf8("https://www.google.com/")
    let found = classifier.classify(referrer: google.span, ownHost: own.span, campaign: tags)
    #expect(found.source == engine.name("Google") && found.channel == .search)
  }
}
