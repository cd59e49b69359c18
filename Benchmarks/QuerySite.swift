internal import TSEngine

/// Thirty days of a busy site: 20,000 paths, 2,500 agents, 610 referrers, a million visitors; the last day still open.
final class QuerySite: @unchecked Sendable {
  static let start = 1_760_000_000 / 86_400 * 86_400, days = 30
  static var now: Int { start + days * 86_400 - 3_600 }

  let engine: Engine
  private let service: ServiceID, key: SipKey
  private let agents: [AgentID]
  private let paths = (0..<20_000).map { Array("/section-\($0 % 40)/page-\($0)".utf8) }
  private let referrers = (0..<610).map { Array("referrer-\($0).example".utf8) }, host = Array("example.org".utf8)
  private var random = Xorshift()

  /// - Parameter count: events, spread evenly up to now.
  init(_ count: Int) {
    var options = EngineOptions()
    options.visitorKey = SipKey(k0: 1, k1: 2)
    key = options.visitorKey
    let engine = Engine(options, accounting: Accounting()) { Self.now + 3_600 }
    self.engine = engine
    service = engine.service(named: "bench")
    agents = (0..<2_500).map { index in
      var agent = AgentClass()
      (agent.browser, agent.browserVersion) = ("Browser \(index % 40)", "Browser \(index % 40) \(index % 400)")
      (agent.platform, agent.platformVersion) = ("Platform \(index % 12)", "Platform \(index % 12) \(index % 60)")
      (agent.device, agent.isBot) = (index % 3 == 0 ? .mobile : .desktop, index % 4 == 3)
      if agent.isBot { agent.bot = "bot \(index % 100)" }
      return engine.agent(agent)
    }
    var batch = EventBatch()
    for index in 0..<count {
      append(to: &batch, second: Self.start + Int(Double(index) / Double(count) * Double(Self.now - Self.start)))
      if batch.isFull { engine.ingest(&batch) }
    }
    engine.ingest(&batch)
  }

  /// One request of a random visitor.
  func append(to batch: inout EventBatch, second: Int) {
    var event = Event()
    event.service = service
    event.second = second
    event.visitor = VisitorToken(hash: key.hash(random.next() % 1_000_000, 4))
    event.status = Self.statuses[Int(random.next() % 10)]
    (event.method, event.httpProtocol) = (.get, .http2)
    event.country = Country(rawValue: UInt8(2 + random.skewed(200)))
    event.agent = agents[random.skewed(agents.count)]
    event.bytes = UInt32(random.next() % 60_000)
    event.durationMicroseconds = UInt32(random.next() % 400_000)
    event.path = Self.store(paths[random.skewed(paths.count)], &batch)
    if random.next() & 1 == 0 {
      event.referrer = Self.store(referrers[random.skewed(referrers.count)], &batch)
      event.channel = .other
    }
    event.host = Self.store(host, &batch)
    batch.append(event)
  }
  private static func store(_ bytes: [UInt8], _ batch: inout EventBatch) -> ByteRange { batch.store(bytes.span) }
  private static let statuses: [UInt16] = [200, 200, 200, 200, 200, 304, 301, 404, 500, 206]

  // MARK: Questions

  /// What a service page asks at once: a chart with totals, and every panel; of people.
  func page(days: Int) -> [Query] {
    let now = Self.now, from = days == 1 ? now / 86_400 * 86_400 : (now - days * 86_400) / 86_400 * 86_400
    var query = Query(service: "bench", from: from, to: now + 3_600)
    query.audience = .people
    query.metrics = [.visitors, .requests, .pageviews, .bytes, .durationP95, .errorRate]
    query.step = days == 1 ? .hour : .day
    var queries = [query]
    (query.step, query.metrics) = (.all, [.visitors, .requests])
    query.limit = 10
    for dimension in Dimension.allCases {
      query.by = .dimension(dimension)
      queries.append(query)
    }
    return queries
  }

  /// Three filters with uniques over all rows there are.
  var filtered: Query {
    var query = Query(service: "bench", from: Self.start, to: Self.now)
    query.filters = [
      Filter(.country, .is, [Country.codes[2]]), Filter(.browser, .is, ["Browser 0"]), Filter(.status, .is, ["200"]),
    ]
    query.metrics = [.requests, .bytes, .visitors]
    return query
  }
}
