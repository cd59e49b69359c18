@testable import TSEngine

/// A small generator with its seed in the open (SplitMix64, Steele et al. 2014).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// One request in plain words, from which both the engine's event and the oracle's answer are made.
struct PlainEvent {
  var service = "a", second = 0, address: UInt64 = 0, path = "/", referrer = "", source = "", channel = Channel.direct
  var host = "example.org", campaign = "", country = "DE", agent = AgentClass(), status = 200, method = Method.get
  var httpProtocol = HTTPProtocol.http11, bytes = 0, microseconds: UInt32? = nil
  var isStatic: Bool { path.hasSuffix(".css") }
  var isPageview: Bool { method == .get && (200..<300 ~= status || status == 304) && !isStatic }
}

enum SeededEvents {
  static let key = SipKey(k0: 1, k1: 2)

  static func agents() -> [AgentClass] {
    var made: [AgentClass] = []
    for (browser, platform, device) in [
      ("Chrome", "Windows", Device.desktop), ("Firefox", "Linux", .desktop), ("Safari", "iOS", .mobile),
      ("Chrome", "Android", .mobile),
    ] {
      for version in 1...3 {
        var agent = AgentClass()
        (agent.browser, agent.browserVersion) = (browser, "\(browser) \(version)")
        (agent.platform, agent.platformVersion, agent.device) = (platform, "\(platform) \(version)", device)
        made.append(agent)
      }
    }
    for bot in ["Googlebot", "GPTBot", "curl"] {
      var agent = AgentClass()
      (agent.bot, agent.isBot, agent.device) = (bot, true, .bot)
      made.append(agent)
    }
    return made
  }

  /// Requests of `services` over `[from, from + seconds)`, in order of time but for a little jitter.
  static func make(
    _ count: Int, from: Int, seconds: Int, seed: UInt64, services: [String] = ["a"], paths: Int = 40, visitors: Int = 2_000
  ) -> [PlainEvent] {
    var random = SeededGenerator(seed: seed)
    let agents = agents(), countries = ["DE", "US", "FR", "ZZ", "XL", "JP"]
    let referrers: [(String, String, Channel)] = [
      ("", "", .direct), ("google.com", "Google", .search), ("news.ycombinator.com", "Hacker News", .social),
      ("example.org", "", .internal), ("", "letter", .campaign), ("google.com", "Google", .paid),
    ]
    return (0..<count).map { index in
      var event = PlainEvent()
      event.service = services[Int.random(in: 0..<services.count, using: &random)]
      let jitter = Int.random(in: 0..<100, using: &random) == 0 ? Int.random(in: 0...5_000, using: &random) : 0
      event.second = max(from, from + seconds * index / count - jitter)
      event.address = UInt64.random(in: 0..<UInt64(visitors), using: &random)
      let rank = Int(Double(paths) * Double.random(in: 0..<1, using: &random) * Double.random(in: 0..<1, using: &random))
      event.path = rank % 9 == 8 ? "/style\(rank).css" : "/page/\(rank)"
      (event.referrer, event.source, event.channel) = referrers[Int.random(in: 0..<referrers.count, using: &random)]
      event.host = Bool.random(using: &random) ? "example.org" : "www.example.org"
      if event.channel == .campaign { event.campaign = "letter-\(rank % 3)" }
      event.country = countries[Int.random(in: 0..<countries.count, using: &random)]
      event.agent = agents[Int.random(in: 0..<agents.count, using: &random)]
      event.status = [200, 200, 200, 304, 301, 404, 500, 503, 0][Int.random(in: 0..<9, using: &random)]
      event.method = [.get, .get, .get, .post, .head, .other][Int.random(in: 0..<6, using: &random)]
      event.httpProtocol = [.http11, .http2, .http3][Int.random(in: 0..<3, using: &random)]
      event.bytes = Int.random(in: 0..<200_000, using: &random)
      event.microseconds = Int.random(in: 0..<4, using: &random) == 0 ? nil : UInt32.random(in: 0..<3_000_000, using: &random)
      return event
    }
  }

  static func engine(now: Int, memory: Int = 64 << 20, days: Int? = nil) -> Engine {
    var options = EngineOptions()
    (options.memoryBytes, options.keepDays, options.visitorKey) = (memory, days, key)
    return Engine(options, accounting: Accounting()) { now }
  }

  /// Sends the events in batches, as a receiver would.
  @discardableResult
  static func ingest(_ events: [PlainEvent], into engine: Engine) -> IngestOutcome {
    var batch = EventBatch(), sum = IngestOutcome()
    func flush() {
      let outcome = engine.ingest(&batch)
      sum.counted += outcome.counted
      sum.late += outcome.late
      sum.future += outcome.future
    }
    for plain in events {
      if batch.isFull { flush() }
      var event = Event()
      event.service = engine.service(named: plain.service)
      event.second = plain.second
      event.visitor = VisitorToken(hash: key.hash(plain.address, 7))
      event.status = UInt16(plain.status)
      (event.method, event.httpProtocol, event.country) = (plain.method, plain.httpProtocol, Country(code: plain.country))
      event.agent = engine.agent(plain.agent)
      event.bytes = UInt32(plain.bytes)
      event.durationMicroseconds = plain.microseconds ?? Event.noDuration
      event.path = batch.store(Array(plain.path.utf8).span)
      event.referrer = batch.store(Array(plain.referrer.utf8).span)
      event.host = batch.store(Array(plain.host.utf8).span)
      event.campaign = batch.store(Array(plain.campaign.utf8).span)
      (event.source, event.channel) = (engine.name(plain.source), plain.channel)
      batch.append(event)
    }
    flush()
    return sum
  }
}
