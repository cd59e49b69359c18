internal import TSEngine

/// Questions of a service page and scans of rows, over a month of a busy site: CPU time of one core.
enum QueryBenchmarks {
  private static let start = 1_760_000_000 / 86_400 * 86_400, days = 30
  private static var now: Int { start + days * 86_400 - 3_600 }

  static func run(events count: Int = 1_000_000) {
    let engine = site(count)
    scans(engine, count)
    page(engine)
  }

  // MARK: Rows

  private static func scans(_ engine: Engine, _ count: Int) {
    let path = Filter(.path, .is, ["/section-0/page-0"]), status = Filter(.status, .is, ["304"])
    let country = Filter(.country, .is, [Country.codes[2]]), browser = Filter(.browser, .is, ["Browser 0"])
    let good = Filter(.status, .is, ["200"])
    for (name, filters, metrics, audience) in [
      ("path", [path], [Metric.requests], Audience.all),
      ("status", [status], [.requests], .all),
      ("path; bytes, visitors", [path], [.requests, .bytes, .visitors], .all),
      ("country, browser, status; bytes, visitors", [country, browser, good], [.requests, .bytes, .visitors], .all),
      ("path, country, browser; bytes, visitors", [path, country, browser], [.requests, .bytes, .visitors], .all),
      ("host; visitors of people", [Filter(.host, .is, ["example.org"])], [.requests, .visitors], .people),
    ] {
      var query = Query(service: "bench", from: start, to: start + days * 86_400)
      (query.filters, query.metrics, query.audience) = (filters, metrics, audience)
      report("rows: \(name)", engine, query, rows: count)
    }
    for (name, by, filters) in [
      ("by path", Dimension.path, [country]), ("by browser", .browser, [country]),
      ("by path, all", .path, [Filter(.host, .is, ["example.org"])]),
    ] {
      var query = Query(service: "bench", from: start, to: start + days * 86_400)
      (query.filters, query.metrics, query.by, query.limit) = (filters, [.requests], .dimension(by), 10)
      report("rows: \(name)", engine, query, rows: count)
    }
    var minutes = Query(service: "bench", from: now - 86_400, to: now)
    (minutes.filters, minutes.step) = ([Filter(.host, .is, ["example.org"])], .minute)
    report("rows: 1,440 minutes", engine, minutes, rows: count / days)
  }

  private static func report(_ name: String, _ engine: Engine, _ query: Query, rows: Int) {
    let (time, sum) = median { engine.answer(query) }
    Report.text("\(name): \(Int(Double(rows) / time / 1e6)) M rows/s, \(Int(time * 1e6)) µs, checksum \(sum)")
  }

  // MARK: Pages

  /// What a service page asks at once: totals, a chart, every panel; 28 days and one day, people.
  private static func page(_ engine: Engine) {
    for (name, from, step) in [("28 days", now - 28 * 86_400, Step.day), ("today", now / 86_400 * 86_400, .hour)] {
      var queries: [Query] = []
      var query = Query(service: "bench", from: from / 86_400 * 86_400, to: now)
      query.audience = .people
      query.metrics = [.visitors, .requests, .pageviews, .bytes, .durationP95, .errorRate]
      query.step = step
      queries.append(query)
      (query.step, query.metrics) = (.all, [.visitors, .requests])
      query.limit = 10
      for dimension in Dimension.allCases {
        query.by = .dimension(dimension)
        queries.append(query)
      }
      let (time, sum) = median { queries.reduce(0) { $0 &+ engine.answer($1) } }
      Report.text("page of \(name), \(queries.count) questions: \(Int(time * 1e6)) µs, checksum \(sum)")
      for query in queries {
        let (time, _) = median { engine.answer(query) }
        Report.text("  \(query.by?.name ?? "chart"): \(Int(time * 1e6)) µs")
      }
    }
    var week = Query(service: "bench", from: now - 28 * 86_400, to: now)
    (week.by, week.audience) = (.hourOfWeek, .people)
    let (time, sum) = median { engine.answer(week) }
    Report.text("hour of week, 28 days: \(Int(time * 1e6)) µs, checksum \(sum)")
    var any = Query(service: "bench", from: now - 28 * 86_400 + 1_234 * 60, to: now - 4_321 * 60)
    any.metrics = [.visitors]
    let (union, visitors) = median { engine.answer(any) }
    Report.text("visitors of any range: \(Int(union * 1e6)) µs, checksum \(visitors)")
  }

  private static func median(_ body: () -> Int) -> (seconds: Double, sum: Int) {
    var times: [Double] = [], sum = 0
    for _ in 0..<9 {
      let began = Clock.cpu()
      sum = body()
      times.append(Clock.cpu() - began)
    }
    return (times.sorted()[4], sum)
  }

  // MARK: Site

  private static func site(_ count: Int) -> Engine {
    var options = EngineOptions()
    options.visitorKey = SipKey(k0: 1, k1: 2)
    let engine = Engine(options, accounting: Accounting()) { now }
    let service = engine.service(named: "bench")
    let agents = (0..<2_500).map { index in
      var agent = AgentClass()
      (agent.browser, agent.browserVersion) = ("Browser \(index % 40)", "Browser \(index % 40) \(index % 400)")
      (agent.platform, agent.platformVersion) = ("Platform \(index % 12)", "Platform \(index % 12) \(index % 60)")
      (agent.device, agent.isBot) = (index % 3 == 0 ? .mobile : .desktop, index % 4 == 3)
      if agent.isBot { agent.bot = "bot \(index % 100)" }
      return engine.agent(agent)
    }
    let paths = (0..<20_000).map { Array("/section-\($0 % 40)/page-\($0)".utf8) }
    let referrers = (0..<610).map { Array("referrer-\($0).example".utf8) }, host = Array("example.org".utf8)
    var batch = EventBatch(), random = Xorshift()
    for index in 0..<count {
      var event = Event()
      event.service = service
      event.second = start + Int(Double(index) / Double(count) * Double(now - start))
      event.visitor = VisitorToken(hash: options.visitorKey.hash(random.next() % 1_000_000, 4))
      event.status = [200, 200, 200, 200, 200, 304, 301, 404, 500, 206][Int(random.next() % 10)]
      (event.method, event.httpProtocol) = (.get, .http2)
      event.country = Country(rawValue: UInt8(2 + random.skewed(200)))
      event.agent = agents[random.skewed(agents.count)]
      event.bytes = UInt32(random.next() % 60_000)
      event.durationMicroseconds = UInt32(random.next() % 400_000)
      event.path = store(paths[random.skewed(paths.count)], &batch)
      if random.next() & 1 == 0 {
        event.referrer = store(referrers[random.skewed(referrers.count)], &batch)
        event.channel = .other
      }
      event.host = store(host, &batch)
      batch.append(event)
      if batch.isFull { engine.ingest(&batch) }
    }
    engine.ingest(&batch)
    return engine
  }

  private static func store(_ bytes: [UInt8], _ batch: inout EventBatch) -> ByteRange { batch.store(bytes.span) }

  private struct Xorshift {
    private var state: UInt64 = 88_172_645_463_325_252
    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
    /// Close to Zipf: a product of uniform numbers.
    mutating func skewed(_ n: Int) -> Int {
      let u = Double(next() >> 11) / 9_007_199_254_740_992, v = Double(next() >> 11) / 9_007_199_254_740_992
      return min(n - 1, Int(Double(n) * u * u * v * v))
    }
  }
}

extension Engine {
  /// A sum of all numbers of the answer.
  fileprivate func answer(_ query: Query) -> Int {
    guard let result = try? self.query(query) else { return -1 }
    let values = result.rows.flatMap(\.values) + result.totals
    return values.reduce(0) { $0 &+ Int($1 ?? 0) }
  }
}
