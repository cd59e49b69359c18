import Synchronization
import Testing

@testable import TSEngine

/// Hours that ingestion leaves behind are closed by another thread; what can be asked is the same.
@Suite struct DeferredClosingTests {
  private static let start = 20_000 * 86_400

  @Test func `ingestion leaves an hour open and says so; a tick closes it`() {
    let engine = SeededEvents.engine(now: Self.start + 86_400), calls = Atomic<Int>(0)
    engine.whenClosingIsDue { calls.add(1, ordering: .relaxed) }
    SeededEvents.ingest(SeededEvents.make(3_000, from: Self.start, seconds: 3_600, seed: 81), into: engine)
    #expect(calls.load(ordering: .relaxed) == 0)
    SeededEvents.ingest(SeededEvents.make(6_000, from: Self.start + 6_000, seconds: 1_200, seed: 82), into: engine)
    #expect(calls.load(ordering: .relaxed) > 0)
    #expect(engine.withState { $0.series[0].hours.count } == 0)
    #expect(engine.withState { $0.series[0].hour.number } == Self.start / 3_600)
    engine.tick()
    #expect(engine.withState { $0.series[0].hours.count } > 0)
  }

  @Test func `a full batch does not wait for anybody`() {
    let engine = SeededEvents.engine(now: Self.start + 3 * 3_600 - 1)
    engine.whenClosingIsDue {}
    SeededEvents.ingest(SeededEvents.make(3_000, from: Self.start, seconds: 3_600, seed: 83), into: engine)
    SeededEvents.ingest(SeededEvents.make(20_000, from: Self.start + 8_000, seconds: 1_200, seed: 84), into: engine)
    #expect(engine.withState { $0.series[0].hours.count } > 0)
  }

  @Test(arguments: [0, 1, 5])
  func `what can be asked is the same`(ticks: Int) {
    let events = SeededEvents.make(30_000, from: Self.start, seconds: 3 * 86_400, seed: 85, services: ["a", "b"])
    let engines = (0..<2).map { _ in SeededEvents.engine(now: Self.start + 3 * 86_400) }
    engines[1].whenClosingIsDue {}
    for first in stride(from: 0, to: events.count, by: 3_000) {
      for engine in engines { SeededEvents.ingest(Array(events[first..<first + 3_000]), into: engine) }
      if ticks > 0, first / 3_000 % ticks == 0 { engines[1].tick() }
    }
    let hours = Self.start / 3_600 - 2..<Self.start / 3_600 + 72
    #expect(EngineContents(engines[0], hours: hours) == EngineContents(engines[1], hours: hours))
  }
}
