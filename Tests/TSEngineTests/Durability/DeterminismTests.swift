import Testing

@testable import TSEngine

/// RELIABILITY P14: the same events under the same clock make the same bytes, and answers equal to the truth.
@Suite(.serialized, .timeLimit(.minutes(60))) struct DeterminismTests {
  /// The store that a seed makes: events in batches, a tick now and then, two saves and a restart between them.
  private func store(_ seed: UInt64, _ events: [PlainEvent]) throws -> (files: [String: [UInt8]], engine: Engine) {
    let directory = TemporaryDirectory(inMemory: true), half = events.count / 2
    TemporaryDirectory.write(StoreFixture.keyText, to: directory.path + "/key")
    var engine = StoreFixture.engine()
    for (turn, part) in [events[..<half], events[half...]].enumerated() {
      let store = try Store(directory.path)
      engine = StoreFixture.engine()
      _ = try store.load(into: engine)
      SeededEvents.ingest(Array(part), into: engine)
      engine.tick()
      try store.save(engine, second: StoreFixture.now + turn)
    }
    var files: [String: [UInt8]] = [:]
    for name in directory.names where name != "lock" { files[name] = TemporaryDirectory.contents(directory.path + "/" + name) }
    return (files, engine)
  }

  @Test func `a seed makes the same bytes each time, and the true answers`() throws {
    let seeds = Effort.count("SEEDS", usual: 50)
    for seed in 0..<UInt64(seeds) {
      let from = StoreFixture.now - 20 * 3_600, events = StoreFixture.events(120, seed: 1_000 + seed, from: from)
      let (files, engine) = try store(seed, events)
      let again = try store(seed, events).files
      #expect(files.keys.sorted() == again.keys.sorted() && files.count >= 3, "seed \(seed)")
      for name in files.keys.sorted() { #expect(files[name] == again[name], "seed \(seed): \(name)") }
      try expectTruth(engine, events, seed)
    }
    print("P14: \(seeds) seeds, equal bytes and true answers")
  }

  private func expectTruth(_ engine: Engine, _ events: [PlainEvent], _ seed: UInt64) throws {
    let oracle = QueryOracle(events: events)
    for service in ["a", "b"] {
      let mine = oracle.events.filter { $0.service == service }
      var query = Query(service: service, from: StoreFixture.start, to: StoreFixture.now + 60)
      query.metrics = [.visitors, .requests, .pageviews, .bytes, .errors, .errorRate, .botShare]
      for audience in [Audience.people, .bots, .all] {
        query.audience = audience
        let result = try engine.query(query)
        for (index, metric) in query.metrics.enumerated() {
          let want = QueryOracle.value(metric, mine, audience), got = result.totals[index]
          #expect(QueryOracle.agrees(got, want, metric, result), "seed \(seed) \(service) \(audience) \(metric)")
        }
      }
      query.by = .dimension(.path)
      query.limit = 1_000
      query.metrics = [.requests]
      let rows = try engine.query(query).rows
      #expect(rows.count == Set(mine.map(\.path)).count, "seed \(seed)")
    }
  }
}
