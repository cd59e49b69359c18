import Synchronization
import Testing

@testable import TSEngine

/// A data directory with an engine that journals, which can be lost at any moment.
final class JournalledStore {
  static let start = 1_760_000_000 / 86_400 * 86_400
  final class Clock: Sendable {
    let second: Atomic<Int>
    init(_ second: Int) { self.second = Atomic(second) }
  }

  let place: TemporaryDirectory
  let clock: Clock
  private(set) var store: Store!, engine: Engine!
  private(set) var report = Store.LoadReport()
  private let memory: Int

  init(_ place: TemporaryDirectory = TemporaryDirectory(), clock: Clock = Clock(start), memory: Int = 64 << 20) throws {
    (self.place, self.clock, self.memory) = (place, clock, memory)
    try open()
  }

  private func open() throws {
    let store = try Store(place.path)
    var options = EngineOptions()
    (options.visitorKey, options.memoryBytes) = (store.visitorKey, memory)
    let clock = clock
    engine = Engine(options, accounting: Accounting()) { clock.second.load(ordering: .relaxed) }
    report = try store.load(into: engine)
    store.beginJournal(engine)
    self.store = store
  }

  /// What is only in memory is gone.
  func crash() throws {
    (store, engine) = (nil, nil)
    try open()
  }

  func ingest(_ events: [PlainEvent]) { SeededEvents.ingest(events, into: engine) }
  @discardableResult func save(isLast: Bool = false) throws -> Store.SaveReport? {
    try store.save(engine, second: clock.second.load(ordering: .relaxed), isLast: isLast)
  }
  @discardableResult func saveBase() throws -> Store.SaveReport {
    try store.saveBase(engine, second: clock.second.load(ordering: .relaxed))
  }
  /// Of the hours that `events` fills.
  var contents: EngineContents { Self.contents(engine, hours: -2..<1) }
  static func contents(_ engine: Engine, hours: Range<Int>) -> EngineContents {
    let hour = start / 3_600
    return EngineContents(
      engine, hours: hour + hours.lowerBound..<hour + hours.upperBound,
      minutesOf: hour + hours.upperBound - 2..<hour + hours.upperBound)
  }
  var counted: Int {
    engine.withState { state in
      state.foldAll()
      return state.series.reduce(0) { $0 + Self.requests($1) }
    }
  }
  private static func requests(_ series: Series) -> Int {
    let sums = TallyAccumulator()
    for day in -1..<4 { series.addTally(.day(start / 86_400 + day), people: true, bots: true, into: sums, wanting: []) }
    return Int(sums.requests)
  }
  func events(_ count: Int, seed: UInt64 = 1, services: [String] = ["a", "b"]) -> [PlainEvent] {
    SeededEvents.make(count, from: Self.start - 7_200, seconds: 7_000, seed: seed, services: services)
  }
}

@Suite struct JournalTests {
  /// Late events, three services, midnight, ticks, questions, bases, crashes: as if nothing had happened.
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `an engine that crashed again and again answers as one that never did`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let all = SeededEvents.make(
      4_000, from: JournalledStore.start + 3_600, seconds: 28 * 3_600, seed: seed, services: ["a", "b", "c"])
    let clock = JournalledStore.Clock(0), kept = try JournalledStore(clock: clock)
    var options = EngineOptions()
    options.visitorKey = kept.store.visitorKey
    let whole = Engine(options, accounting: Accounting()) { clock.second.load(ordering: .relaxed) }
    var at = 0, crashes = 0
    while at < all.count {
      let part = Array(all[at..<min(all.count, at + Int.random(in: 1...300, using: &random))])
      at += part.count
      clock.second.store(part.map(\.second).max()!, ordering: .relaxed)
      kept.ingest(part)
      SeededEvents.ingest(part, into: whole)
      switch Int.random(in: 0..<8, using: &random) {
      case 0, 1: try kept.save()
      case 2:
        kept.engine.tick()
        whole.tick()
      case 3: try kept.saveBase()
      case 4: _ = kept.counted
      case 5, 6:
        try kept.save()
        try kept.crash()
        crashes += 1
        #expect(kept.report.problems.isEmpty && kept.report.notes.isEmpty, "\(kept.report)")
      default: break
      }
    }
    try kept.save()
    try kept.crash()
    let mine = JournalledStore.contents(kept.engine, hours: 0..<30), want = JournalledStore.contents(whole, hours: 0..<30)
    #expect(crashes > 2)
    #expect(mine.buckets == want.buckets && mine.tables == want.tables && mine.values == want.values && mine.rows == want.rows)
  }

  @Test func `a crash loses what was counted since the last save and nothing else`() throws {
    let kept = try JournalledStore(), events = kept.events(3_000)
    kept.ingest(Array(events[..<1_000]))
    let first = try kept.save()
    #expect(first?.isBase == false)
    kept.ingest(Array(events[1_000..<2_000]))
    try kept.save()
    let saved = kept.contents
    kept.ingest(Array(events[2_000...]))
    #expect(kept.counted == 3_000)
    try kept.crash()
    #expect(kept.counted == 2_000 && kept.report.rows == 2_000 && kept.report.generation == nil)
    #expect(kept.contents == saved)
    #expect(kept.place.names == ["journal.1", "key", "lock"])
  }

  @Test func `what did not change is not written`() throws {
    let kept = try JournalledStore()
    #expect(try kept.save() == nil && kept.place.names == ["key", "lock"])
    kept.ingest(kept.events(10))
    #expect(try kept.save() != nil)
    let journal = TemporaryDirectory.contents(kept.place.path + "/journal.1")
    kept.engine.tick()
    #expect(try kept.save() == nil && TemporaryDirectory.contents(kept.place.path + "/journal.1") == journal)
    #expect(try kept.save(isLast: true)?.isBase == true)
    #expect(try kept.save(isLast: true) == nil)
    try kept.crash()
    #expect(kept.report.rows == 0 && kept.report.generation == 2 && kept.counted == 10)
    #expect(try kept.save(isLast: true) == nil)
  }

  @Test func `rows counted while a base is written are in its journal, and in that alone`() throws {
    let kept = try JournalledStore(), events = kept.events(3_000)
    kept.ingest(Array(events[..<1_000]))
    let pinned = kept.engine.pinnedForBase()
    kept.ingest(Array(events[1_000..<1_500]))
    kept.engine.unpin(pinned.image)
    for block in pinned.rest { kept.engine.giveBack(block) }
    #expect(pinned.rest.reduce(0) { $0 + $1.rows } == 1_000 && pinned.isWhole)
    kept.engine.closeJournal()
    #expect(kept.engine.takeJournal()?.rows == 500)
  }

  @Test func `a damaged base is no loss while the one before and the journals are there`() throws {
    let kept = try JournalledStore(), events = kept.events(4_000)
    for (index, part) in [events[..<1_000], events[1_000..<2_000], events[2_000..<3_000], events[3_000...]].enumerated() {
      kept.ingest(Array(part))
      try kept.save()
      if index < 3 { try kept.saveBase() }
    }
    let saved = kept.contents
    // journal.1, base.2, journal.2, base.3, journal.3, base.4, journal.4: two bases are kept, with the journals from there on.
    #expect(kept.place.names == ["base.3", "base.4", "journal.3", "journal.4", "key", "lock"])
    let path = kept.place.path + "/base.4"
    var bytes = try #require(TemporaryDirectory.contents(path))
    bytes[bytes.count / 2] ^= 1
    TemporaryDirectory.write(bytes, to: path)
    try kept.crash()
    #expect(kept.report.generation == 3 && kept.report.journals == 2 && kept.report.problems.count == 1, "\(kept.report)")
    #expect(kept.contents == saved)
    #expect(try kept.save()?.isBase == true, "a base is due at once")
    #expect(kept.place.names == ["base.3", "base.4.corrupt", "base.5", "journal.3", "journal.4", "key", "lock"])
  }

  @Test func `the first base may be damaged too, since journals begin with nothing`() throws {
    let kept = try JournalledStore()
    kept.ingest(kept.events(1_000))
    try kept.saveBase()
    kept.ingest(kept.events(1_000, seed: 2))
    try kept.save()
    let saved = kept.contents
    TemporaryDirectory.write([1, 2, 3], to: kept.place.path + "/base.2")
    try kept.crash()
    #expect(kept.report.generation == nil && kept.report.rows == 2_000 && kept.report.problems.count == 1)
    #expect(kept.contents == saved)
  }

  @Test func `evicted rows stay evicted, and every sum is there`() throws {
    let kept = try JournalledStore()
    let events = SeededEvents.make(
      20_000, from: JournalledStore.start, seconds: 28 * 3_600, seed: 4, services: ["a", "b"], paths: 10, visitors: 100)
    kept.clock.second.store(JournalledStore.start + 28 * 3_600, ordering: .relaxed)
    kept.ingest(Array(events[..<5_000]))
    try kept.saveBase()
    let pool = kept.engine.withState { $0.pool }
    for start in stride(from: 5_000, to: 20_000, by: 500) {
      // A page too little at the beginning of each call.
      let spare = pool.freePages - Limits.reservePages + 1
      if spare > 0 { pool.charge(spare) } else { pool.discharge(-spare) }
      kept.ingest(Array(events[start..<start + 500]))
    }
    try kept.save()
    let saved = JournalledStore.contents(kept.engine, hours: 0..<29), rowsFrom = kept.engine.status().rowsFrom
    let bounds = kept.engine.withState { $0.series.map(\.bounds) }
    #expect(bounds.contains { $0.rows > 0 } && bounds.allSatisfy { $0.days == 0 }, "\(bounds)")
    try kept.crash()
    #expect(kept.counted == 20_000 && kept.engine.status().rowsFrom == rowsFrom)
    #expect(kept.engine.withState { $0.series.map(\.bounds) } == bounds)
    #expect(JournalledStore.contents(kept.engine, hours: 0..<29).rows == saved.rows)
  }

  @Test func `an overrun is made up for by a base`() throws {
    let kept = try JournalledStore(), events = kept.events(5_000)
    var sent = 0
    while kept.engine.status().journalOverruns == 0 {
      kept.ingest(events)
      sent += events.count
    }
    #expect(sent > 80_000, "two MiB hold at least that many rows")
    kept.ingest(Array(events[..<100]))
    #expect(kept.store.writeWaiting(kept.engine, second: 1) == false, "the next save should not wait")
    #expect(try kept.save()?.isBase == true)
    kept.ingest(Array(events[..<200]))
    #expect(try kept.save()?.isBase == false)
    let saved = kept.contents
    try kept.crash()
    #expect(kept.counted == sent + 300 && kept.report.notes.isEmpty)
    #expect(kept.contents == saved)
    let status = kept.engine.status()
    #expect(status.journalFailures == 0 && status.snapshotFailures == 0)
  }

  @Test func `counters of the process begin with it`() throws {
    let kept = try JournalledStore()
    kept.ingest(kept.events(500))
    try kept.save()
    try kept.crash()
    #expect(kept.engine.counters().allSatisfy { $0.requests.isEmpty && $0.responseBytes == 0 })
  }

  @Test func `a store that was not loaded hurts nothing that is there`() throws {
    let place = TemporaryDirectory(), clock = JournalledStore.Clock(JournalledStore.start)
    do {
      let kept = try JournalledStore(place, clock: clock)
      kept.ingest(kept.events(100))
      try kept.saveBase()
      kept.ingest(kept.events(100, seed: 2))
      try kept.save()
    }
    let store = try Store(place.path), engine = SeededEvents.engine(now: JournalledStore.start)
    #expect(try store.save(engine, second: 7)?.generation == 3)
  }

  @Test func `a file of a newer version is refused and nothing is touched`() throws {
    let kept = try JournalledStore()
    kept.ingest(kept.events(100))
    try kept.save()
    let path = kept.place.path + "/journal.1"
    var bytes = try #require(TemporaryDirectory.contents(path))
    bytes[8] = 2
    let sum = CRC32C.checksum(Array(bytes[..<60]).span)
    for index in 0..<4 { bytes[60 + index] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * index)) }
    TemporaryDirectory.write(bytes, to: path)
    let names = kept.place.names
    let error = #expect(throws: StoreError.self) { try kept.crash() }
    #expect(error?.description == "cannot read journal.1 at offset 8: got version 2, want 1")
    #expect(kept.place.names == names && TemporaryDirectory.contents(path) == bytes)
  }
}
