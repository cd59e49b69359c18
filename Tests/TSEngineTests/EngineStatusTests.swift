import Testing

@testable import TSEngine

@Suite struct EngineStatusTests {
  @Test func `counters since the start equal plain sums, classic buckets included`() throws {
    let now = 1_760_000_000 / 86_400 * 86_400 + 80_000
    let events = SeededEvents.make(3_000, from: now - 7_000, seconds: 6_900, seed: 3)
    let engine = SeededEvents.engine(now: now)
    SeededEvents.ingest(events, into: engine)
    let counters = try #require(engine.counters().first)
    #expect(counters.service == "a")
    #expect(counters.requests.reduce(0) { $0 + $1.count } == events.count)
    #expect(
      counters.requests.first { $0.method == .get && $0.statusClass == 2 }?.count
        == events.count { $0.method == .get && 200..<300 ~= $0.status })
    #expect(counters.responseBytes == events.reduce(0) { $0 + $1.bytes })
    #expect(counters.botRequests == events.count { $0.agent.isBot })
    let timed = events.compactMap(\.microseconds)
    for (bound, count) in zip(ServiceCounters.durationBounds, counters.durationCounts) {
      #expect(count == timed.count { Double($0) <= bound * 1e6 + 0.5 }, "le \(bound)")
    }
    #expect(counters.durationCounts.last == timed.count)
    #expect(abs(counters.durationSum - timed.reduce(0.0) { $0 + Double($1) / 1e6 }) < 0.001)
    let people = Set(events.filter { !$0.agent.isBot && $0.second >= now - 3_600 }.map(\.address)).count
    #expect(abs(counters.visitors1h - Double(people)) <= Double(people) * 0.03)
  }

  @Test func `the status names services, memory and what dictionaries refused`() {
    let now = 1_760_000_000
    let engine = SeededEvents.engine(now: now)
    SeededEvents.ingest(SeededEvents.make(500, from: now - 500, seconds: 400, seed: 4, services: ["a", "b"]), into: engine)
    let status = engine.status()
    #expect(status.services == 2 && status.lastEvent.allSatisfy { $0.second > now - 500 })
    #expect(status.memoryUsed > 0 && status.memoryUsed <= status.memoryLimit)
    #expect(status.memoryByKind.reduce(0) { $0 + $1.bytes } == status.memoryUsed)
    #expect(status.dimensionValues.contains { $0.service == "a" && $0.dimension == "path" && $0.values > 10 })
    #expect(status.dimensionOverflow.allSatisfy { $0.count == 0 })
  }
}
