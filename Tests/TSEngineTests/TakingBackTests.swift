import Testing

@testable import TSEngine

/// Codes that nothing refers to any more go to other strings; what is still referred to keeps its meaning.
@Suite struct TakingBackTests {
  private static func labels(codes: Int = 2_000, bytes: Int = 100_000) -> LabelDictionary {
    LabelDictionary(maxCodes: codes, maxBytes: bytes, share: nil, takesBack: true, pool: PagePool(limitBytes: 1 << 24))
  }

  @Test func `a code taken back is the next one given`() {
    var labels = Self.labels()
    for number in 0..<100 { _ = labels.code("/page/\(number)") }
    let bytes = labels.usedBytes
    #expect(labels.takeBack { code, _ in code == 7 || code == 50 } == 2)
    #expect(labels.usedBytes == bytes - "/page/5".count - "/page/48".count)
    #expect(labels.find("/page/5") == nil && labels.find("/page/48") == nil)
    #expect(labels.code("/new") == (7, true))
    #expect(labels.code("/page/48") == (50, true))
    #expect(labels.code("/later") == (102, true))
    #expect(labels.string(7) == "/new" && labels.string(8) == "/page/6")
  }

  @Test func `the two given codes are never taken back`() {
    var labels = Self.labels()
    _ = labels.code("/a")
    #expect(labels.takeBack { _, _ in true } == 1)
    #expect(labels.code("") == (1, false) && labels.code("~other") == (0, false))
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `it agrees with a plain dictionary whatever comes and goes`(seed: UInt64) {
    var random = SplitMix(seed: seed)
    var labels = Self.labels(codes: 4_000, bytes: 40_000)
    var model: [String: UInt32] = [:]
    for round in 0..<40 {
      labels.hour = UInt32(round)
      for _ in 0..<Int.random(in: 0...120, using: &random) {
        let text =
          "/\(Int.random(in: 0..<900, using: &random))" + String(repeating: "x", count: Int.random(in: 0...9, using: &random))
        let known = model[text], found = labels.code(text)
        #expect(found.isNew == (known == nil))
        if known == nil {
          let used = Set(model.values)
          let smallest = (2...).first { !used.contains($0) }!
          #expect(found.code == smallest, "round \(round)")
          model[text] = found.code
        } else {
          #expect(found.code == known)
        }
        labels.meet(Int(found.code))
      }
      let dead = Set(model.values.filter { _ in Int.random(in: 0..<3, using: &random) == 0 })
      let taken = labels.takeBack { code, lastUse in
        #expect(lastUse <= round)
        return dead.contains(UInt32(code))
      }
      #expect(taken == dead.count)
      model = model.filter { !dead.contains($0.value) }
      #expect(labels.liveCount == model.count + 2)
      #expect(labels.arenaBytes <= labels.usedBytes + LabelDictionary.mostGaps(labels.usedBytes))
      for (text, code) in model {
        #expect(labels.string(code) == text)
        #expect(labels.find(text) == code)
      }
    }
  }

  @Test func `codes and uses come back from a snapshot as they were`() {
    var labels = Self.labels()
    for number in 0..<300 {
      labels.hour = UInt32(number)
      _ = labels.code("/page/\(number)", extra: UInt32(number % 5))
    }
    labels.takeBack { code, lastUse in code % 3 == 0 || lastUse < 20 }
    var writer = ByteWriter(capacity: 1 << 16), again = ByteWriter(capacity: 1 << 16)
    labels.encode(into: &writer, from: 0)
    var restored = Self.labels()
    var cursor = unsafe ByteCursor(writer.start, count: writer.count)
    #expect(unsafe restored.restore(from: &cursor))
    #expect(restored.liveCount == labels.liveCount && restored.count == labels.count && restored.usedBytes == labels.usedBytes)
    restored.encode(into: &again, from: 0)
    let bytes = unsafe [
      UnsafeBufferPointer(start: writer.start, count: writer.count), .init(start: again.start, count: again.count),
    ]
    #expect(unsafe bytes[0].elementsEqual(bytes[1]))
    for number in 0..<200 { #expect(restored.code("/new/\(number)") == labels.code("/new/\(number)")) }
    for code in 2..<UInt32(labels.count) { #expect(restored.string(code) == labels.string(code)) }
  }

  @Test func `a damaged dictionary with free codes adds nothing or one that works`() {
    var labels = Self.labels(), random = SplitMix(seed: 71)
    for number in 0..<60 { _ = labels.code("/p/\(number)", extra: UInt32(number)) }
    labels.takeBack { code, _ in code % 4 == 0 }
    var writer = ByteWriter(capacity: 1 << 16)
    labels.encode(into: &writer, from: 0)
    let whole = unsafe Array(UnsafeBufferPointer(start: writer.start, count: writer.count))
    for _ in 0..<3_000 {
      var bytes = whole
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8(truncatingIfNeeded: random.next())
      var restored = Self.labels()
      let isWhole = unsafe bytes.withUnsafeBufferPointer { buffer in
        var cursor = unsafe ByteCursor(buffer.baseAddress!, count: buffer.count)
        return unsafe restored.restore(from: &cursor)
      }
      if !isWhole { #expect(restored.liveCount == 2 && restored.usedBytes == 6 && restored.freeCount == 0) }
      let fresh = restored.code("/fresh")
      #expect(fresh.isNew && restored.find("/fresh") == fresh.code)
    }
  }

  // MARK: Engine

  private static let start = 20_000 * 86_400

  /// A day has pages of its own, half as many as asked for, each asked for three times, and five that are there every day.
  static func day(_ day: Int, pages: Int, seed: UInt64, start: Int = start) -> [PlainEvent] {
    var events = SeededEvents.make(pages * 2, from: start + day * 86_400, seconds: 86_400, seed: seed &+ UInt64(day))
    for index in events.indices {
      events[index].path = index % 4 == 3 ? "/always/\(index % 5)" : "/day-\(day)/page-\(index % (pages / 2))"
      events[index].status = 200
      events[index].second = start + day * 86_400 + index * 86_400 / events.count
    }
    return events
  }

  /// What the model counts is what the engine's table of a day says, by label.
  private static func check(_ engine: Engine, _ day: Int, _ events: [PlainEvent], _ place: String) throws {
    var model: [String: Int] = [:]
    for event in events { model[event.path, default: 0] += 1 }
    var query = Query(service: "a", from: start + day * 86_400, to: start + (day + 1) * 86_400)
    (query.metrics, query.by, query.limit) = ([.requests], .dimension(.path), 5_000)
    let result = try engine.query(query)
    var sum = 0
    for row in result.rows {
      let count = Int(row.values[0] ?? 0)
      sum += count
      guard let label = row.label, label != "~other" else { continue }
      // A crowded dictionary takes a string at its second sight, a full one once there is room again.
      let wanted = model[label] ?? 0
      #expect(label.hasPrefix("/always") ? count == wanted : count <= wanted, "\(place), \(day): \(label)")
    }
    #expect(sum == events.count, "\(place), day \(day)")
    #expect(result.rows.contains { $0.label == "/always/3" && Int($0.values[0] ?? 0) == model["/always/3"] })
  }

  /// 16 MiB leave a service some 12,000 codes: two days of these would fill them.
  @Test func `many new paths a day for two weeks, and a new page still gets its name`() throws {
    let engine = SeededEvents.engine(now: Self.start + 15 * 86_400, memory: 16 << 20)
    var days: [[PlainEvent]] = []
    for day in 0..<14 {
      days.append(Self.day(day, pages: 8_000, seed: 900))
      SeededEvents.ingest(days[day], into: engine)
    }
    var news = days[13].suffix(300)
    for index in news.indices { news[index].path = "/news" }
    SeededEvents.ingest(Array(news), into: engine)
    days[13] += Array(news)
    let named = engine.withState { state in
      (0..<4_000).count { state.series[0].paths.find("/day-13/page-\($0)", extra: 0) != nil }
    }
    #expect(named > 2_900, "\(named) of 3,000 new pages have their names")
    #expect(engine.withState { $0.series[0].paths.find("/news", extra: 0) } != nil)
    for day in [0, 5, 11, 12, 13] { try Self.check(engine, day, days[day], "live") }

    let directory = TemporaryDirectory()
    do {
      let store = try Store(directory.path)
      _ = try store.load(into: SeededEvents.engine(now: Self.start))
      try store.save(engine, second: Self.start)
    }
    let again = SeededEvents.engine(now: Self.start + 15 * 86_400, memory: 16 << 20)
    let report = try Store(readOnly: directory.path).load(into: again)
    #expect(report.problems.isEmpty)
    for day in [0, 5, 12, 13] { try Self.check(again, day, days[day], "loaded") }
    var more = Self.day(14, pages: 8_000, seed: 900)
    SeededEvents.ingest(more, into: again)
    try Self.check(again, 14, more, "loaded")
    more = days[11]
    try Self.check(again, 11, more, "loaded")
  }

  /// 600 paths an hour, of which a table holds 256: half of them are the day's own, half are there every day.
  private static func hours(_ day: Int) -> [PlainEvent] {
    var events = SeededEvents.make(14_400, from: start + day * 86_400, seconds: 86_400, seed: 950)
    for index in events.indices {
      let page = index * 7 % 600
      events[index].path = page % 2 == 0 ? "/day-\(day)/\(page)-\(index / 2_400)" : "/shared/\(page)-\(index / 2_400)"
      events[index].second = start + day * 86_400 + index * 6
      (events[index].referrer, events[index].source, events[index].channel) = ("", "", .direct)  // entries are as paths
    }
    return events
  }

  @Test func `rows keep the paths they were made with`() throws {
    let engine = SeededEvents.engine(now: Self.start + 9 * 86_400)
    var days: [[PlainEvent]] = []
    for day in 0..<6 {
      days.append(Self.hours(day))
      SeededEvents.ingest(days[day], into: engine)
    }
    // Rows of the first three days go, and with them the paths that only they knew.
    engine.withState { state in
      state.foldAll()
      state.series[0].dropRows(before: Self.start / 3_600 + 72)
    }
    for day in 6..<9 {
      days.append(Self.hours(day))
      SeededEvents.ingest(days[day], into: engine)
    }
    let made = engine.withState { $0.series[0].paths.count }
    #expect(made < 10 * 1_800, "\(made) codes for \(10 * 1_800) paths: none was given twice")
    for day in 3..<9 {
      let from = Self.start + day * 86_400
      let rows = try engine.events(service: "a", from: from, to: from + 86_400, after: nil, limit: 100_000).rows
      var seen: [String: Int] = [:], model: [String: Int] = [:]
      for row in rows { seen[row.path, default: 0] += 1 }
      for event in days[day] { model[event.path, default: 0] += 1 }
      #expect(seen == model, "day \(day)")
    }
  }

  @Test func `nothing is taken back while somebody reads`() {
    let engine = SeededEvents.engine(now: Self.start + 9 * 86_400, memory: 16 << 20)
    for day in 0..<3 { SeededEvents.ingest(Self.day(day, pages: 6_000, seed: 960), into: engine) }
    let pin = engine.withState { $0.pool.pin() }
    let before = engine.withState { $0.series[0].paths.string(700) }
    for day in 3..<7 { SeededEvents.ingest(Self.day(day, pages: 6_000, seed: 960), into: engine) }
    #expect(engine.withState { $0.series[0].paths.string(700) } == before)
    let held = engine.withState { $0.series[0].paths.freeCount }
    engine.withState { $0.unpin(pin) }
    SeededEvents.ingest(Self.day(7, pages: 6_000, seed: 960), into: engine)
    let taken = engine.withState { $0.series[0].paths.freeCount }
    #expect(held == 0 && taken > 0, "\(held) free while pinned, \(taken) after")
  }
}
