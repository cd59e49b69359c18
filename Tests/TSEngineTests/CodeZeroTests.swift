import Testing

@testable import TSEngine

@Suite struct CodeZeroTests {
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
}
