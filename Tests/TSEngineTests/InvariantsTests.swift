import Testing

@testable import TSEngine

/// The checks that debug builds run all the time must be able to fail.
@Suite struct InvariantsTests {
  static let start = 1_760_000_000 / 86_400 * 86_400

  private static func state() -> EngineState {
    let engine = SeededEvents.engine(now: start + 86_400)
    SeededEvents.ingest(SeededEvents.make(600, from: start, seconds: 20_000, seed: 1), into: engine)
    return engine.withState { state in
      state.foldAll()
      state.checkInvariants()
      return state
    }
  }

  @Test func `a state that was worked on for hours holds them all`() {
    let engine = SeededEvents.engine(now: Self.start + 2 * 86_400)
    SeededEvents.ingest(
      SeededEvents.make(1_500, from: Self.start, seconds: 86_400 + 4_000, seed: 2, services: ["a", "b"]), into: engine)
    engine.withState { state in
      state.checkInvariants()
      for series in state.series {
        for _ in 0..<3 { _ = (series.dropOldestRows(), series.dropOldestMinutes()) }
      }
      _ = (state.series[0].dropOldestHours(), state.series[1].dropOldestDay())
      state.checkInvariants()
      let pin = state.pool.pin()
      _ = state.series[0].dropOldestRows()
      state.checkInvariants()
      state.unpin(pin)
      state.checkInvariants()
      state.tick(now: Self.start + 4 * 86_400)
      state.checkInvariants()
    }
  }

  @Test func `a request that one counter missed is found`() async {
    await #expect(processExitsWith: .failure) {
      let state = InvariantsTests.state()
      state.series[0].hour.counters[Physical.host.rawValue].clear()
      state.checkInvariants()
    }
  }

  @Test func `a blob that is freed and still referred to is found`() async {
    await #expect(processExitsWith: .failure) {
      let state = InvariantsTests.state()
      let (_, blob) = state.series[0].minutes.at(3)
      state.series[0].minuteBlobs.free(blob)
      state.checkInvariants()
    }
  }

  @Test func `rows counted twice are found`() async {
    await #expect(processExitsWith: .failure) {
      let state = InvariantsTests.state()
      state.series[0].blockRows += 1
      state.checkInvariants()
    }
  }
}
