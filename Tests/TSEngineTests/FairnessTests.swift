import Testing

@testable import TSEngine

/// A flood at one site, beside sites that go on as before.
@Suite struct FairnessTests {
  private let start = 1_760_000_000 / 86_400 * 86_400

  private func engine(memory: Int) -> Engine {
    var options = EngineOptions()
    options.memoryBytes = memory
    options.visitorKey = SipKey(k0: 1, k1: 2)
    return Engine(options, accounting: Accounting()) { [start] in start + 2 * 86_400 }
  }

  private func fill(_ engine: Engine, _ service: ServiceID, events: Int, from: Int, seconds: Int, paths: Int, seed: UInt64) {
    var random = SplitMix(seed: seed), batch = EventBatch()
    for index in 0..<events {
      var event = Event()
      event.service = service
      event.second = from + index * seconds / events
      event.visitor = random.token()
      event.status = 200
      event.method = .get
      event.path = batch.store(Array("/p/\(random.next() % UInt64(paths))".utf8).span)
      batch.append(event)
      if batch.isFull { engine.ingest(&batch) }
    }
    engine.ingest(&batch)
  }

  @Test func `a flood at one takes nobody else's minutes, hours, days or labels`() throws {
    let engine = engine(memory: 20 << 20)
    let quiet = (0..<8).map { engine.service(named: "quiet-\($0)") }, flood = engine.service(named: "flood")
    for (index, service) in quiet.enumerated() {
      fill(engine, service, events: 1_500, from: start, seconds: 86_400, paths: 50, seed: UInt64(index))
    }
    fill(engine, flood, events: 120_000, from: start + 3_600, seconds: 80_000, paths: .max >> 1, seed: 99)
    for (index, service) in quiet.enumerated() {
      fill(engine, service, events: 500, from: start + 86_400, seconds: 40_000, paths: 50, seed: UInt64(100 + index))
    }
    #expect(engine.status().memoryUsed <= engine.status().memoryLimit)
    for index in 0..<8 {
      var query = Query(service: "quiet-\(index)", from: start, to: start + 2 * 86_400)
      (query.step, query.metrics) = (.minute, [.requests])
      let minutes = try engine.query(query)
      #expect(minutes.totals[0] == 2_000 && minutes.coverage.from <= start)
      query.step = .all
      query.by = .dimension(.path)
      let paths = try engine.query(query)
      #expect(!paths.rows.contains { $0.label == "~other" } && paths.rows.count == 50)
      #expect(paths.rows.reduce(0) { $0 + ($1.values[0] ?? 0) } == 2_000)
    }
    var query = Query(service: "flood", from: start, to: start + 2 * 86_400)
    query.metrics = [.requests]
    #expect(try engine.query(query).totals[0] == 120_000)
  }

  /// In the smallest memory the days of some must go; in half as much again every sum is exact.
  @Test(arguments: [(Limits.smallestMemory, false), (24 << 20, true)])
  func `256 sites at once stay within their memory`(memory: Int, isExact: Bool) throws {
    let engine = engine(memory: memory)
    let services = (0..<256).map { engine.service(named: "site-\($0)") }
    var random = SplitMix(seed: 3), batch = EventBatch(), counts = [Int](repeating: 0, count: 256)
    for index in 0..<20_000 {
      var event = Event()
      let site = Int(random.next() % 256)
      event.service = services[site]
      event.second = start + index * 86_400 / 20_000
      event.visitor = random.token()
      event.status = 200
      event.path = batch.store(Array("/page/\(random.next() % 20)".utf8).span)
      event.country = Country(rawValue: UInt8(2 + random.next() % 40))
      batch.append(event)
      counts[site] += 1
      if batch.isFull { engine.ingest(&batch) }
    }
    engine.ingest(&batch)
    let status = engine.status()
    #expect(status.memoryUsed <= status.memoryLimit, "\(status.memoryUsed >> 10) of \(status.memoryLimit >> 10) KiB")
    for site in stride(from: 0, to: 256, by: 17) where isExact {
      var query = Query(service: "site-\(site)", from: start, to: start + 86_400)
      query.metrics = [.requests]
      #expect(try engine.query(query).totals[0] == Double(counts[site]))
    }
  }
}
