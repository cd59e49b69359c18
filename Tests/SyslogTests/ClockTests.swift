import Synchronization
import TSEngine
import Testing

@testable import Syslog

/// Events around a clock that jumps: each is counted or refused as its distance says, and none twice.
@Suite struct ClockTests {
  private static let now = 1_800_000_000
  private func outcome(of offset: Int, keepDays: Int? = nil) -> IngestCounts {
    var options = EngineOptions()
    options.keepDays = keepDays
    let engine = Engine(options, accounting: Accounting()) { Self.now }
    var ingestor = Ingestor(engine: engine)
    let line = utf8(#"{"s":"a","a":"192.0.2.1","u":"/","t":"\#(Self.now + offset)"}"#)
    ingestor.add(line.span, from: .udp, arrival: Self.now)
    ingestor.flush()
    return ingestor.counts
  }

  @Test(arguments: [
    (0, true), (1, true), (-1, true), (61, true), (-61, true), (300, true), (301, false), (3_600, false), (-3_600, true),
    (90_000, false), (-90_000, true), (31_536_000, false), (-31_536_000, true),
  ]) func `more than five minutes ahead is the future, everything behind counts`(offset: Int, isCounted: Bool) {
    let counts = outcome(of: offset)
    #expect(counts.counted == (isCounted ? 1 : 0) && counts[.future] == (isCounted ? 0 : 1) && counts.received == 1)
  }

  @Test(arguments: [(-86_400 * 7, true), (-86_400 * 9, false), (-31_536_000, false), (-1, true)])
  func `older than is kept is late`(offset: Int, isCounted: Bool) {
    let counts = outcome(of: offset, keepDays: 8)
    #expect(counts.counted == (isCounted ? 1 : 0) && counts[.late] == (isCounted ? 0 : 1))
  }

  @Test(arguments: [1, -1, 61, -61, 3_600, -3_600, 90_000, -90_000, 31_536_000, -31_536_000])
  func `a clock that jumps loses no event and counts none twice`(jump: Int) throws {
    let clock = Atomic(Self.now)
    let engine = Engine(EngineOptions(), accounting: Accounting()) { clock.load(ordering: .relaxed) }
    var ingestor = Ingestor(engine: engine)
    func send(_ count: Int) {
      let time = clock.load(ordering: .relaxed)
      let line = utf8(#"{"s":"a","a":"192.0.2.1","u":"/","t":"\#(time)"}"#)
      for _ in 0..<count { ingestor.add(line.span, from: .udp, arrival: time) }
      ingestor.flush()
      engine.tick()
    }
    send(3)
    clock.store(Self.now + jump, ordering: .relaxed)
    send(4)
    clock.store(Self.now, ordering: .relaxed)  // and back
    send(5)
    #expect(ingestor.counts.counted == 12 && ingestor.counts.rejected == 0)
    let far = max(abs(jump), 86_400) + 86_400
    var query = Query(service: "a", from: Self.now - far, to: Self.now + far)
    query.metrics = [.requests]
    let totals = try engine.query(query).totals
    #expect(totals == [12])
  }

  /// Wall clocks that stand still or repeat an hour are no matter: what counts is the offset that the log writes.
  @Test(arguments: [
    ("2026-03-29T01:59:59+01:00", "2026-03-29T03:00:00+02:00", 1),
    ("2026-10-25T02:59:59+02:00", "2026-10-25T02:00:00+01:00", 1),
    ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", 3_600), ("2028-02-28T23:59:59Z", "2028-02-29T00:00:00Z", 1),
    ("2028-02-29T23:59:59Z", "2028-03-01T00:00:00Z", 1), ("2100-02-28T23:59:59Z", "2100-03-01T00:00:00Z", 1),
    ("2038-01-19T03:14:07Z", "2038-01-19T03:14:08Z", 1), ("2026-12-31T23:59:59-12:00", "2027-01-01T00:00:00-12:00", 1),
    ("31/Dec/2026:23:59:59 +1400", "2026-12-31T10:00:00Z", 1), ("2147483647", "2147483648", 1),
    ("2147483647.999", "2147483648000", 1),
  ]) func `days of change are as long as they are`(one: String, other: String, apart: Int) throws {
    var reader = TimestampReader()
    let first = reader.read(utf8(one).span), second = reader.read(utf8(other).span)
    #expect(try #require(second) - #require(first) == apart)
  }
}
