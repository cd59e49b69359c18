internal import TSEngine

/// Ten million requests of thirty days through the engine: time per event, memory, days of rows.
enum EngineBenchmarks {
  static func run(events count: Int = 1_000_000) {
    let days = 30, start = 1_760_000_000 / 86_400 * 86_400
    var options = EngineOptions()
    options.visitorKey = SipKey(k0: 1, k1: 2)
    let engine = Engine(options, accounting: Accounting()) { start + days * 86_400 }
    let service = engine.service(named: "bench")
    let agents = (0..<2_500).map { index in
      var agent = AgentClass()
      agent.browser = "Browser \(index % 40)"
      agent.browserVersion = "Browser \(index % 40) \(index % 400)"
      agent.platform = "Platform \(index % 12)"
      agent.platformVersion = "Platform \(index % 12) \(index % 60)"
      agent.device = index % 3 == 0 ? .mobile : .desktop
      agent.isBot = index % 4 == 3
      if agent.isBot { agent.bot = "bot \(index % 100)" }
      return engine.agent(agent)
    }
    let paths = (0..<20_000).map { Array("/articles/section-\($0 % 40)/a-page-of-the-site-\($0)".utf8) }
    let hosts = (0..<610).map { Array("referrer-\($0).example".utf8) }
    let host = Array("example.org".utf8)
    var batch = EventBatch(), random = Xorshift(), sum = 0
    var engineTime = 0.0
    for index in 0..<count {
      var event = Event()
      event.service = service
      event.second = start + Int(Double(index) / Double(count) * Double(days * 86_400))
      event.visitor = VisitorToken(hash: options.visitorKey.hash(random.next() % 1_000_000, 4))
      event.status = [200, 200, 200, 200, 200, 304, 301, 404, 500, 206][Int(random.next() % 10)]
      event.method = .get
      event.httpProtocol = .http2
      event.country = Country(rawValue: UInt8(2 + random.skewed(200)))
      event.agent = agents[random.skewed(agents.count)]
      event.bytes = UInt32(random.next() % 60_000)
      event.durationMicroseconds = UInt32(random.next() % 400_000)
      event.path = store(paths[random.skewed(paths.count)], &batch)
      if random.next() & 1 == 0 { event.referrer = store(hosts[random.skewed(hosts.count)], &batch); event.channel = .other }
      event.host = store(host, &batch)
      batch.append(event)
      if batch.isFull {
        let began = Clock.cpu()
        sum += engine.ingest(&batch).counted
        engineTime += Clock.cpu() - began
      }
    }
    sum += engine.ingest(&batch).counted
    Report.line("engine ingest", nanoseconds: engineTime * 1e9 / Double(count), checksum: sum)
    let status = engine.status()
    Report.text(
      "  memory \(status.memoryUsed >> 10) of \(status.memoryLimit >> 10) KiB; resident \(Clock.residentPeak()) KiB at the peak"
    )
  }

  private static func store(_ bytes: [UInt8], _ batch: inout EventBatch) -> ByteRange { batch.store(bytes.span) }
}
