import Testing

@testable import TSEngine

@Suite struct TableAnswerTests {
  @Test func `an unknown country is a value like any other, with its visitors from tables`() throws {
    let start = 1_760_000_000 / 86_400 * 86_400
    var events = SeededEvents.make(4_000, from: start, seconds: 86_400, seed: 8)
    for index in events.indices { events[index].country = "ZZ" }
    let engine = SeededEvents.engine(now: start + 2 * 86_400)
    SeededEvents.ingest(events, into: engine)
    engine.tick()
    var query = Query(service: "a", from: start, to: start + 2 * 86_400)
    (query.by, query.metrics) = (.dimension(.country), [.visitors, .requests])
    let result = try engine.query(query)
    #expect(result.coverage.source == .tables)
    #expect(result.rows.map(\.label) == ["ZZ"])
    let exact = Double(Set(events.map(\.address)).count)
    #expect(abs(try #require(result.rows[0].values[0]) - exact) < exact * 0.1)
  }

  @Test func `an answer without rows still says how wrong its visitors may be`() throws {
    let start = 1_760_000_000 / 86_400 * 86_400
    let engine = SeededEvents.engine(now: start + 2 * 86_400)
    SeededEvents.ingest(SeededEvents.make(500, from: start, seconds: 86_400, seed: 10), into: engine)
    var query = Query(service: "a", from: start, to: start + 86_400)
    (query.by, query.metrics, query.audience) = (.dimension(.bot), [.visitors], .people)
    let result = try engine.query(query)
    #expect(result.rows.isEmpty)
    #expect(try #require(result.totals[0]) > 0)
    #expect(result.visitorsError == HyperLogLog.relativeError(p: Limits.bucketPrecision))
  }

  @Test func `a page whose clock is a second behind is answered from tables too`() throws {
    let start = 1_760_000_000 / 86_400 * 86_400, now = start + 86_400 + 40_000
    let engine = SeededEvents.engine(now: now)
    SeededEvents.ingest(SeededEvents.make(2_000, from: start, seconds: 86_400 + 39_000, seed: 9), into: engine)
    for (late, source) in [(1, QueryResult.Source.tables), (4, .tables), (60, .rows)] {
      var query = Query(service: "a", from: start, to: now - late)
      (query.by, query.metrics) = (.dimension(.path), [.visitors])
      #expect(try engine.query(query).coverage.source == source, "\(late) s")
    }
  }
}
