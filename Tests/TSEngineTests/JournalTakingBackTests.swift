import Synchronization
import Testing

@testable import TSEngine

/// Codes that were given twice mean after a crash what they meant before.
@Suite struct JournalTakingBackTests {
  private static func strings(_ engine: Engine) -> [String] {
    engine.withState { state in
      let paths = { (code: Int) in
        state.series[0].paths.isFree(UInt32(code)) ? "free" : state.series[0].paths.string(UInt32(code))
      }
      return (0..<state.series[0].paths.count).map { "\($0) \(paths($0))" }
    }
  }

  @Test func `codes taken back and tables thinned are so after a crash`() throws {
    let start = JournalledStore.start, clock = JournalledStore.Clock(start)
    let kept = try JournalledStore(clock: clock, memory: 16 << 20)
    var made = 0
    for day in 0..<6 {
      let events = TakingBackTests.day(day, pages: 8_000, seed: 970, start: start)
      for first in stride(from: 0, to: events.count, by: 4_000) {
        let part = Array(events[first..<min(events.count, first + 4_000)])
        clock.second.store(part.last!.second, ordering: .relaxed)
        kept.ingest(part)
        try kept.save()
      }
      made += 3_000
      if day != 3, day != 5 { continue }
      let first = day * 24 - 6, hours = [0..<2, first..<first + 8]
      let before = hours.map { JournalledStore.contents(kept.engine, hours: $0) }, strings = Self.strings(kept.engine)
      try kept.crash()
      #expect(kept.report.problems.isEmpty && kept.report.notes.isEmpty, "day \(day): \(kept.report)")
      #expect(Self.strings(kept.engine) == strings, "day \(day)")
      for (hours, before) in zip(hours, before) {
        let after = JournalledStore.contents(kept.engine, hours: hours)
        #expect(after.buckets == before.buckets, "day \(day), hours \(hours)")
        #expect(after.tables == before.tables, "day \(day), hours \(hours)")
        #expect(after.values == before.values, "day \(day), hours \(hours)")
        #expect(after.rows == before.rows, "day \(day), hours \(hours)")
      }
    }
    #expect(Self.strings(kept.engine).count < made, "codes were given twice")
  }
}
