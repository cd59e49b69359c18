import Foundation
import Testing

@testable import TSEngine

@Suite struct StoreTests {
  static let start = 1_760_000_000 / 86_400 * 86_400
  static let now = start + 3 * 86_400 - 40_000

  /// A directory that goes with the test.
  private func withDirectory(_ body: (String) throws -> Void) rethrows {
    let path = NSTemporaryDirectory() + "ballconed-store-\(UInt64.random(in: 0 ... .max))"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  private func engine(_ store: Store, memory: Int = 64 << 20) -> Engine {
    var options = EngineOptions()
    (options.visitorKey, options.memoryBytes) = (store.visitorKey, memory)
    return Engine(options, accounting: Accounting()) { Self.now }
  }

  /// Everything an answer is made of, in a form that can be compared.
  private func answers(_ engine: Engine) -> [String] {
    engine.withState { state in
      state.foldAll()
      var lines: [String] = []
      for series in state.series {
        for day in 0..<3 {
          let sums = TallyAccumulator(), piece = Piece.day(Self.start / 86_400 + day)
          series.addTally(piece, people: true, bots: true, into: sums, wanting: [.latency, .visitors])
          lines.append("\(series.name) \(day) \(sums.requests) \(sums.bytes) \(sums.pageviews) \(sums.errors) \(sums.visitors)")
          for dimension in Dimension.allCases {
            let table = TableAccumulator(), slots = ValueSlots()
            series.addTable(piece, dimension, people: true, bots: true, into: table)
            let codes = (0..<table.seenCount).map { table.code(at: $0) }.sorted().prefix(300)
            slots.begin(codes, precision: Limits.valuePrecision)
            series.addVisitors(day: Self.start / 86_400 + day, dimension, people: true, bots: true, into: slots)
            for (slot, code) in codes.enumerated() {
              let sum = unsafe table.sums[code]
              lines.append(
                "\(dimension.name) \(series.label(dimension, code)) \(sum.requests) \(sum.bytes) \(unsafe HyperLogLog.estimate(slots.registers(slot: slot), p: Limits.valuePrecision))"
              )
            }
          }
        }
        for minute in stride(from: Self.now / 60 - 1_000, to: Self.now / 60, by: 97) {
          let sums = TallyAccumulator()
          series.addTally(.minute(minute), people: true, bots: true, into: sums, wanting: [.visitors])
          lines.append("minute \(sums.requests) \(sums.visitors)")
        }
        lines.append(
          "rows \(series.blockRows) \(series.batches.reduce(0) { $0 + $1.count }) \(series.firstSecond) \(series.lastSecond)")
      }
      return lines
    }
  }

  private func events(_ seed: UInt64) -> [PlainEvent] {
    SeededEvents.make(5_000, from: Self.start, seconds: Self.now - Self.start, seed: seed, services: ["a", "b"])
  }

  @Test func `a loaded store answers as the one that was saved, and counting goes on`() throws {
    try withDirectory { path in
      let all = events(1), half = all.count / 2
      var saved: [String] = []
      do {
        let store = try Store(path), first = engine(store)
        _ = try store.load(into: first)
        SeededEvents.ingest(Array(all[..<half]), into: first)
        #expect(try store.save(first, second: Self.now) != nil)
        #expect(try store.save(first, second: Self.now) == nil, "nothing new, nothing written")
        saved = answers(first)
      }
      let store = try Store(path), second = engine(store)
      let report = try store.load(into: second)
      #expect(report.generation == 1 && report.problems.isEmpty)
      #expect(answers(second) == saved)
      SeededEvents.ingest(Array(all[half...]), into: second)
      let whole = engine(store)
      SeededEvents.ingest(all, into: whole)
      let mine = answers(second).filter { !$0.hasPrefix("rows") }, want = answers(whole).filter { !$0.hasPrefix("rows") }
      #expect(mine.count == want.count)
      for (mine, want) in zip(mine, want) { #expect(mine == want) }
    }
  }

  @Test func `a damaged newest snapshot is named and set aside, and the one before is used`() throws {
    try withDirectory { path in
      var older: [String] = []
      do {
        let store = try Store(path), first = engine(store)
        SeededEvents.ingest(events(2), into: first)
        try store.save(first, second: Self.now)
        older = answers(first)
        SeededEvents.ingest(events(3), into: first)
        try store.save(first, second: Self.now)
      }
      let file = URL(fileURLWithPath: path + "/base.2")
      var bytes = try Data(contentsOf: file)
      bytes[bytes.count / 2] ^= 0x40
      try bytes.write(to: file)
      #expect(try Store.check(path).map { $0.problem == nil } == [false, true])
      let store = try Store(path), second = engine(store)
      let report = try store.load(into: second)
      #expect(report.generation == 1 && report.problems.count == 1)
      #expect(report.problems[0].contains("base.2"), "\(report.problems)")
      #expect(answers(second) == older)
      #expect(FileManager.default.fileExists(atPath: path + "/base.2.corrupt"))
      SeededEvents.ingest(events(4), into: second)
      let saved = try store.save(second, second: Self.now)
      #expect(saved?.generation == 3, "the number of a damaged one is not used again")
    }
  }

  /// Dictionaries that turned strings away are loaded as they were, not filled again by the same rules.
  @Test func `what a flood of paths, referrers and agents left is loaded as it was`() throws {
    try withDirectory { path in
      var before: [String] = []
      do {
        let store = try Store(path), engine = engine(store, memory: Limits.smallestMemory)
        #expect(try store.load(into: engine).generation == nil)
        let service = engine.service(named: "a")
        var batch = EventBatch()
        for index in 0..<24_000 {
          let number = index / 3 * 2 + index % 2  // some come twice, most do not
          var agent = AgentClass()
          (agent.browser, agent.browserVersion) = ("B \(number % 97)", "B \(number)")
          var event = Event()
          event.service = service
          event.second = Self.start + index * 3
          event.agent = engine.agent(agent)
          event.status = 200
          event.path = batch.store(Array("/p/\(number)".utf8).span)
          event.referrer = batch.store(Array("r\(number).example".utf8).span)
          (event.source, event.channel) = (engine.name("source \(number % 5_000)"), .other)
          batch.append(event)
          if batch.isFull { engine.ingest(&batch) }
        }
        engine.ingest(&batch)
        #expect(engine.status().dimensionOverflow.contains { $0.2 > 0 })
        before = answers(engine)
        _ = try store.save(engine, second: Self.now)
      }
      let store = try Store(path), loaded = engine(store, memory: Limits.smallestMemory)
      #expect(try store.load(into: loaded).generation != nil)
      #expect(answers(loaded) == before)
    }
  }

  @Test func `who only reads leaves an empty directory empty`() throws {
    try withDirectory { path in
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      let store = try Store(readOnly: path)
      #expect(try store.load(into: engine(store)).generation == nil)
      #expect(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty)
    }
  }

  @Test func `a smaller pool keeps the newest rows and every sum`() throws {
    try withDirectory { path in
      do {
        let store = try Store(path), first = engine(store, memory: 64 << 20)
        SeededEvents.ingest(events(5), into: first)
        try store.save(first, second: Self.now)
      }
      let store = try Store(path), second = engine(store, memory: 18 << 20)
      #expect(try store.load(into: second).generation == 1)
      second.withState { state in
        let sums = TallyAccumulator()
        for series in state.series {
          for day in 0..<3 {
            series.addTally(.day(Self.start / 86_400 + day), people: true, bots: true, into: sums, wanting: [])
          }
        }
        #expect(sums.requests == 5_000)
      }
    }
  }

  @Test func `ingesting while a snapshot reads loses nothing`() throws {
    try withDirectory { path in
      let store = try Store(path), first = engine(store, memory: 32 << 20)
      SeededEvents.ingest(events(6), into: first)
      let image = first.pinned()
      SeededEvents.ingest(events(7), into: first)  // reopens, replaces and frees closed buckets
      var writer = try SnapshotWriter(path + "/base.9", generation: 9, keyID: 1, writtenAt: Self.now)
      try image.write(to: &writer)
      _ = try writer.commit()
      first.unpin(image)
      let lone = EngineState(first.options)
      var reader = try SnapshotReader(path + "/base.9")
      try lone.load(&reader)
      #expect(lone.series.reduce(0) { $0 + $1.blockRows + $1.batches.reduce(0) { $0 + $1.count } } == 5_000)
      #expect(answers(first).count > 100)
    }
  }
}
