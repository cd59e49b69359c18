import Foundation
import Synchronization
import Testing

@testable import TSEngine

/// Pages, filtered questions, listings, snapshots, eviction and closing hours while events come in: every answer is whole in
/// itself, and nothing that was once counted is missed later. Also meant for `swift test --sanitize=thread`.
@Suite(.serialized) struct ReadingWhileIngestingTests {
  private static let start = 1_760_000_000 / 86_400 * 86_400, hours = 40

  /// An event every few seconds of `hours`, and one in a hundred late: hours and days close and reopen on the way.
  private static func events() -> [PlainEvent] {
    var events = SeededEvents.make(24_000, from: start, seconds: hours * 3_600, seed: 11, paths: 400)
    for index in stride(from: 100, to: events.count, by: 1_000) { events[index].second = start + index % 80_000 }
    return events
  }

  /// What goes wrong on other threads is told here.
  private final class Findings: Sendable {
    private let all = Mutex<[String]>([])
    func add(_ text: String) { all.withLock { if $0.count < 20 { $0.append(text) } } }
    var texts: [String] { all.withLock { $0 } }
  }

  private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
  }

  @Test func `answers are whole and never go back while everything happens at once`() throws {
    let now = Self.start + Self.hours * 3_600, engine = SeededEvents.engine(now: now, memory: 20 << 20)
    let plain = Self.events(), half = plain.count / 3
    SeededEvents.ingest(Array(plain.prefix(half)), into: engine)
    let path = NSTemporaryDirectory() + "/reading-\(UInt64.random(in: 0...UInt64.max))"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let findings = Findings(), isDone = Flag(), answered = AtomicCounter(), group = DispatchGroup()
    for reader in 0..<2 {
      Self.thread(group) { Self.ask(engine, reader, isDone, findings, answered) }
    }
    Self.thread(group) {
      do {
        let store = try Store(path)
        var second = 1
        while !isDone.isSet {
          try store.save(engine, second: second)
          second += 1
        }
      } catch { findings.add("snapshot: \(error)") }
    }
    Self.thread(group) {
      while !isDone.isSet {
        engine.tick()
        // Under the readers' hands; hours and days stay, so that totals must.
        engine.withState { state in
          for series in state.series where !series.dropOldestRows() { _ = series.dropOldestMinutes() }
        }
        usleep(30_000)
      }
    }
    for part in stride(from: half, to: plain.count, by: 200) {
      SeededEvents.ingest(Array(plain[part..<min(part + 200, plain.count)]), into: engine)
    }
    isDone.set()
    group.wait()
    #expect(findings.texts.isEmpty, "\(findings.texts)")
    #expect(answered.value >= 20)
    let all = try engine.query(Query(service: "a", from: Self.start, to: now))
    #expect(all.totals[1] == Double(plain.count))
    engine.withState { state in #expect(!state.pool.isPinned && state.pool.waitingBytes == 0) }
  }

  private static func thread(_ group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
    group.enter()
    Thread.detachNewThread {
      body()
      group.leave()
    }
  }

  /// Tables equal their totals, rows their own, and no total falls.
  private static func ask(_ engine: Engine, _ reader: Int, _ isDone: Flag, _ findings: Findings, _ answered: AtomicCounter) {
    let end = start + hours * 3_600
    var last = 0.0, byHour: [Int: Double] = [:], random = SeededGenerator(seed: UInt64(reader))
    func whole(_ query: Query, _ name: String) -> Double {
      guard let result = try? engine.query(query) else {
        findings.add("\(name): no answer")
        return 0
      }
      answered.add(1)
      let requests = query.metrics.firstIndex(of: .requests)!, total = result.totals[requests] ?? -1
      let sum = result.rows.reduce(0) { $0 + ($1.values[requests] ?? 0) }
      if sum != total { findings.add("\(name): rows add up to \(sum), total \(total), \(result.coverage)") }
      return total
    }
    repeat {
      for dimension in [Dimension.path, .country, .browser, .status, .channel, .asset] {
        var query = Query(service: "a", from: start, to: end)
        (query.by, query.limit) = (.dimension(dimension), 10_000)
        let total = whole(query, "table of \(dimension.name)")
        if total < last { findings.add("\(dimension.name): \(total) after \(last)") }
        last = max(last, total)
      }
      var chart = Query(service: "a", from: start, to: end)
      (chart.step, chart.metrics) = (.hour, [.requests, .visitors, .durationP95])
      let total = whole(chart, "chart")
      if total < last { findings.add("chart: \(total) after \(last)") }
      last = max(last, total)
      var rows = Query(service: "a", from: start, to: end)
      rows.filters = [Filter(.status, .isNot, ["418"])]
      (rows.by, rows.limit, rows.metrics) = (.dimension(.country), 100, [.requests, .visitors, .bytes])
      _ = whole(rows, "filtered table")
      rows.by = nil
      rows.step = .hour
      guard let chart = try? engine.query(rows) else { continue }
      // What rows still cover they cover whole: a block that was freed under the scan would be missing here.
      for row in chart.rows where row.time! >= chart.coverage.from {
        let requests = row.values[0] ?? 0, before = byHour[row.time!] ?? 0
        if requests < before { findings.add("hour \(row.time!): \(requests) rows after \(before)") }
        byHour[row.time!] = max(before, requests)
      }
      let limit = Int.random(in: 1...50, using: &random)
      let listed = try? engine.events(service: "a", from: start, to: end, after: nil, limit: limit)
      if listed?.rows.contains(where: { !$0.path.hasPrefix("/") || $0.country.count != 2 }) ?? true { findings.add("listing") }
    } while !isDone.isSet
  }
}
