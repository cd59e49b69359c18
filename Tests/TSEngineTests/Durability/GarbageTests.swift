import Glibc
import Testing

@testable import TSEngine

/// RELIABILITY P5, after Redis' corrupt-dump-fuzzer: payloads that are wrong under right checksums are refused, or loaded,
/// asked, counted on and saved; never a trap. `make soak` does a million under the address sanitizer.
@Suite(.serialized, .timeLimit(.minutes(120))) struct GarbageTests {
  private struct Section {
    let name: SectionName, number: Int
    var bytes: [UInt8]
  }

  private static func sections(_ bytes: [UInt8]) throws -> [Section] {
    let place = TemporaryDirectory(), path = place.path + "/base.2"
    TemporaryDirectory.write(bytes, to: path)
    var reader = try SnapshotReader(path), all: [Section] = []
    for section in reader.sections {
      let raw = try unsafe reader.withBytes(section, limitBytes: 1 << 24) { cursor in
        unsafe Array(UnsafeBufferPointer(start: cursor.at, count: cursor.remaining))
      }
      all.append(Section(name: section.name, number: section.number, bytes: raw))
    }
    return all
  }

  /// One to four changes of the kinds that decoders trip over.
  private static func damage(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    for _ in 0...(random.next() % 4) {
      guard !bytes.isEmpty else { return }
      let place = Int(random.next() % UInt64(bytes.count))
      switch random.next() % 8 {
      case 0: bytes[place] ^= 1 << UInt8(random.next() % 8)
      case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 2: bytes[place] = [0, 1, 0x7f, 0x80, 0xff][Int(random.next() % 5)]
      case 3:  // a number of the greatest size, in place or put between
        let huge: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
        let end = random.next() % 2 == 0 ? place : min(place + 8, bytes.count)
        bytes.replaceSubrange(place..<end, with: huge.prefix(Int(random.next() % 10) + 1))
      case 4: bytes.removeSubrange(place..<min(place + Int(random.next() % 16) + 1, bytes.count))
      case 5: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
      case 6:
        let from = Int(random.next() % UInt64(bytes.count)),
          count = min(Int(random.next() % 64), bytes.count - max(from, place))
        bytes.replaceSubrange(place..<place + count, with: bytes[from..<from + count])
      default: bytes.removeSubrange(place...)
      }
    }
  }

  /// Every kind of question, with filters that go through rows and without.
  private static func ask(_ engine: Engine) throws {
    for service in engine.services() {
      var query = Query(service: service, from: StoreFixture.start, to: StoreFixture.now)
      query.metrics = Metric.allCases
      for step in [Step.all, .hour, .minute] {
        query.step = step
        if step == .minute { query.from = StoreFixture.now - 1_200 }
        _ = try engine.query(query)
      }
      (query.step, query.from) = (.all, StoreFixture.start)
      for dimension in Dimension.allCases {
        query.by = .dimension(dimension)
        _ = try engine.query(query)
      }
      query.filters = [Filter(.browser, .isNot, ["Chrome"])]
      for dimension in [Dimension.path, .referrer, .country] {
        query.by = .dimension(dimension)
        _ = try engine.query(query)
      }
      _ = try engine.events(service: service, from: StoreFixture.start, to: StoreFixture.now, after: nil, limit: 1_000)
    }
    _ = engine.status()
  }

  @Test func `wrong payloads under right checksums never trap`() throws {
    let original = try Self.sections(StoreFixture.small.files["base.2"]!)
    let count = Effort.count("GARBAGE", usual: 2_500),
      more = StoreFixture.events(20, seed: 9, from: StoreFixture.now - 14 * 3_600)
    let place = TemporaryDirectory(inMemory: true), path = place.path + "/base.2"
    var options = EngineOptions()
    options.memoryBytes = 16 << 20
    var random = SplitMix(seed: UInt64(Effort.count("SEED", usual: 5))), accepted = 0, used = 0
    for turn in 0..<count {
      var sections = original
      let chosen = Int(random.next() % UInt64(sections.count))
      Self.damage(&sections[chosen].bytes, &random)
      var writer = try SnapshotWriter(path, generation: 2, keyID: 1, writtenAt: StoreFixture.now)
      for section in sections {
        writer.begin(section.name, number: section.number, compressed: false)
        try writer.append(section.bytes.span)
        try writer.end()
      }
      _ = try writer.commit()
      let state = EngineState(options)
      do throws(SnapshotError) {
        var reader = try SnapshotReader(path)
        try state.load(&reader)
      } catch {
        #expect(error.kind == .damaged && !error.description.isEmpty, "turn \(turn): \(error)")
        continue
      }
      accepted += 1
      // What was taken must be good for everything; the whole way for some, to count on and save for all.
      let engine = StoreFixture.engine(memory: options.memoryBytes)
      engine.replace(state)
      if accepted % 4 == 0 { try Self.ask(engine) }
      SeededEvents.ingest(more, into: engine)
      engine.tick()
      let image = engine.pinned()
      var again = try SnapshotWriter(path, generation: 3, keyID: 1, writtenAt: 0)
      try image.write(to: &again)
      _ = try again.commit()
      engine.unpin(image)
      if accepted % 8 == 1 { try Self.ask(engine) }
      if accepted % 16 == 0 { engine.forEachPart { _ in } }
      used += 1
    }
    #expect(used == accepted && accepted > count / 50 && accepted < count, "\(accepted) of \(count)")
    print("P5: \(count) payloads, \(accepted) taken and used, no trap")
  }

  @Test func `a store of longer rings is loaded into shorter ones`() throws {
    let place = TemporaryDirectory(), files = StoreFixture.large
    files.write(to: place)
    var options = EngineOptions()
    (options.keepMinutes, options.keepHours) = (60, 24)
    let engine = Engine(options, accounting: Accounting()) { StoreFixture.now }, store = try Store(place.path)
    #expect(try store.load(into: engine).problems.isEmpty)
    try Self.ask(engine)
    engine.withState { state in
      for series in state.series {
        series.checkInvariants()
        #expect(series.minutes.count <= 60 && series.hours.count <= 24 && series.minutes.count > 30)
      }
    }
    SeededEvents.ingest(StoreFixture.events(100, seed: 12, from: StoreFixture.now - 7_200), into: engine)
    engine.tick()
    #expect(try store.save(engine, second: StoreFixture.now) != nil)
  }
}
