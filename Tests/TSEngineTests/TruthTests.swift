import Glibc
import Testing

@testable import TSEngine

/// Every bucket and table against a model of plain dictionaries, whatever the order of arrival. Seeds are printed on failure.
@Suite struct TruthTests {
  static let start = 1_760_000_000 / 86_400 * 86_400, hours = start / 3_600..<start / 3_600 + 30
  static let now = start + 30 * 3_600 + 600
  /// Late enough for all to be closed, early enough for minutes to be kept.
  static let closedAt = start + 48 * 3_600 + 300

  /// `BALLCONED_TRUTH_SEEDS=50`, as `make soak` asks, for more than the one of a usual run.
  static let seeds = 1...(unsafe getenv("BALLCONED_TRUTH_SEEDS").flatMap { unsafe UInt64(String(cString: $0)) } ?? 1)

  /// How events may reach an engine.
  enum Arrival: String, CaseIterable {
    case inOrder, reversed, shuffled, lateDay, byHours, byDays, lockstep, withQuestions

    func apply(_ events: [PlainEvent], seed: UInt64) -> [PlainEvent] {
      var random = SeededGenerator(seed: seed)
      func interleaved(_ unit: Int) -> [PlainEvent] {
        // One of each bucket in turn, as files read side by side.
        var queues = Dictionary(grouping: events) { $0.second / unit }.sorted { $0.key < $1.key }.map { $0.value[...] }
        var made: [PlainEvent] = []
        while !queues.isEmpty {
          for index in queues.indices { made.append(queues[index].removeFirst()) }
          queues.removeAll(where: \.isEmpty)
        }
        return made
      }
      switch self {
      case .inOrder, .withQuestions: return events.sorted { $0.second < $1.second }
      case .reversed: return events.sorted { $0.second > $1.second }
      case .shuffled: return events.shuffled(using: &random)
      case .lateDay:
        let day = events.map(\.second).max()! / 86_400
        return events.filter { $0.second / 86_400 == day } + events.filter { $0.second / 86_400 != day }
      case .byHours: return interleaved(3_600)
      case .byDays: return interleaved(86_400)
      case .lockstep:  // two services in turn, each in its own order
        let services = Dictionary(grouping: events, by: \.service).sorted { $0.key < $1.key }.map(\.value)
        let longest = services.map(\.count).max()!
        return (0..<longest).flatMap { index in services.compactMap { index < $0.count ? $0[index] : nil } }
      }
    }
  }

  private static func events(_ count: Int, seed: UInt64) -> [PlainEvent] {
    SeededEvents.make(count, from: start, seconds: 30 * 3_600, seed: seed, services: ["a", "b"], visitors: 300)
  }

  private static func engine(_ events: [PlainEvent], _ arrival: Arrival, seed: UInt64) -> Engine {
    let engine = SeededEvents.engine(now: now), ordered = arrival.apply(events, seed: seed)
    for first in stride(from: 0, to: ordered.count, by: 97) {
      SeededEvents.ingest(Array(ordered[first..<min(first + 97, ordered.count)]), into: engine)
      guard arrival == .withQuestions else { continue }
      _ = try? engine.query(Query(service: "a", from: start, to: now))
      engine.tick()
    }
    return engine
  }

  @Test(arguments: seeds)
  func `every minute, hour and day, and every table, equals the model`(seed: UInt64) {
    let events = Self.events(600, seed: seed), minutes = Self.hours.lowerBound + 20..<Self.hours.lowerBound + 26
    let want = EngineContents(model: events, hours: Self.hours, minutesOf: minutes)
    for closed in [false, true] {
      let engine = Self.engine(events, .inOrder, seed: seed)
      if closed { engine.withState { $0.tick(now: Self.closedAt) } }
      var got = EngineContents(engine, hours: Self.hours, minutesOf: minutes)
      #expect(got.rows.values.reduce(0) { $0 + $1.count } == events.count)
      got.rows = [:]
      #expect(got == want, "seed \(seed), closed \(closed): \(got.differences(from: want))")
    }
  }

  /// From the engine alone, whatever the model says: sums by audience, and tables cut to their largest values.
  @Test func `people and bots are all, and a table's rows with its other are the bucket`() {
    let events = SeededEvents.make(2_500, from: Self.start, seconds: 5_400, seed: 12, paths: 2_000)
    let engine = SeededEvents.engine(now: Self.now)
    SeededEvents.ingest(events, into: engine)
    engine.withState { $0.tick(now: Self.closedAt) }
    let contents = EngineContents(engine, hours: Self.hours, minutesOf: Self.hours.lowerBound..<Self.hours.lowerBound + 1)
    #expect(contents.tables["a hour(\(Self.hours.lowerBound)) path all"]?["~other"] != nil)
    func sum(_ a: EngineContents.Sums?, _ b: EngineContents.Sums?) -> EngineContents.Sums { (a ?? .init()) + (b ?? .init()) }
    for (name, all) in contents.buckets where name.hasSuffix(" all") {
      let bucket = name.dropLast(4)
      let people = contents.buckets["\(bucket) people"], bots = contents.buckets["\(bucket) bots"]
      #expect(all.sums == sum(people?.sums, bots?.sums), "\(bucket)")
      #expect(all.statuses == (people?.statuses ?? [:]).merging(bots?.statuses ?? [:], uniquingKeysWith: +), "\(bucket)")
      #expect(all.latency == (people?.latency ?? [:]).merging(bots?.latency ?? [:], uniquingKeysWith: +), "\(bucket)")
    }
    for (name, rows) in contents.tables {
      let words = name.split(separator: " "), dimension = words[2], audience = words[3]
      if dimension == "bot" || dimension == "entry" { continue }  // not every request has one
      let bucket = contents.buckets["\(words[0]) \(words[1]) \(audience)"]?.sums
      #expect(rows.values.reduce(.init(), +) == bucket, "\(name)")
      guard audience == "all" else { continue }
      for (label, all) in rows {
        let parts = ["people", "bots"].map { contents.tables["\(words[0]) \(words[1]) \(dimension) \($0)"]?[label] }
        #expect(all == sum(parts[0], parts[1]), "\(name) \(label)")
      }
    }
  }

  /// A day keeps the visitors of 64 paths. A path outside them that late events bring forward has lost its first visitors:
  /// what is left of them must not pass for all.
  @Test(arguments: [60, 400])
  func `a value that late events bring forward has all its visitors or says what it lacks`(paths: Int) throws {
    var events: [PlainEvent] = []
    for index in 0..<paths * 20 {
      var event = PlainEvent()
      (event.second, event.address) = (Self.start + index % 80_000, UInt64(index))
      event.path = "/page/\(index % (paths - index / (paths * 18) * 10))"  // the last ten are a little rarer
      events.append(event)
    }
    let engine = SeededEvents.engine(now: Self.closedAt), late = "/page/\(paths - 1)"
    SeededEvents.ingest(events, into: engine)
    engine.withState { $0.tick(now: Self.closedAt) }
    let more = (0..<30).map { index in
      var event = PlainEvent()
      (event.second, event.address, event.path) = (Self.start + 70_000, UInt64(1 << 20 + index), late)
      return event
    }
    SeededEvents.ingest(more, into: engine)
    engine.withState { $0.tick(now: Self.closedAt) }
    var query = Query(service: "a", from: Self.start, to: Self.start + 86_400)
    (query.metrics, query.by, query.limit) = ([.visitors, .requests], .dimension(.path), 3)
    let result = try engine.query(query), row = try #require(result.rows.first { $0.label == late })
    #expect(result.coverage.source == .tables)
    let want = Double((events + more).count { $0.path == late })
    #expect(abs(try #require(row.values[0]) / want - 1) < 3 * 0.0325, "got \(row.values), want \(want) visitors")
  }

  @Test(arguments: Arrival.allCases)
  func `the order of arrival changes nothing that can be asked`(arrival: Arrival) {
    for seed in Self.seeds {
      let events = Self.events(150, seed: seed), minutes = Self.hours.lowerBound + 30..<Self.hours.lowerBound + 34
      var want = EngineContents(model: events, hours: Self.hours, minutesOf: minutes)
      want.rows = EngineContents(Self.engine(events, .inOrder, seed: seed), hours: Self.hours, minutesOf: 0..<0).rows
      let got = EngineContents(Self.engine(events, arrival, seed: seed), hours: Self.hours, minutesOf: minutes)
      #expect(got == want, "seed \(seed), \(arrival): \(got.differences(from: want))")
    }
  }

  /// What "the same bytes" can mean: a string's code is its place in the order of first sight, and a closed table lists codes.
  /// So both engines are shown all strings in one order before the events; then every closed bucket must be the same bytes.
  /// Rows lie in blocks that end where a batch ended, which the order of arrival decides, so of them only the contents are.
  @Test(arguments: Arrival.allCases)
  func `the same events make the same bytes`(arrival: Arrival) {
    for seed in Self.seeds {
      let events = Self.events(150, seed: seed)
      let want = Self.bytes(events, .inOrder, seed: seed), got = Self.bytes(events, arrival, seed: seed)
      #expect(want.count > 150)
      #expect(Set(got.keys) == Set(want.keys), "seed \(seed), \(arrival)")
      let different = want.keys.filter { got[$0] != want[$0] }.sorted()
      #expect(different == [], "seed \(seed), \(arrival)")
    }
  }

  private static func bytes(_ events: [PlainEvent], _ arrival: Arrival, seed: UInt64) -> [String: [UInt8]] {
    let engine = SeededEvents.engine(now: now)
    for name in ["a", "b"] { _ = engine.service(named: name) }
    engine.withState { state in
      for series in state.series {
        for event in events {
          _ = state.labels.agent(event.agent)
          let source = state.labels.name(event.source)
          func padded(_ text: String) -> PaddedBytes { PaddedBytes(Array(text.utf8)) }
          let (path, referrer, host, campaign) = (
            padded(event.path), padded(event.referrer), padded(event.host), padded(event.campaign)
          )
          _ = unsafe series.pathCode(
            path.start, count: path.count, hash: LabelDictionary.hash(path.start, count: path.count))
          _ = unsafe series.referrerCode(referrer.start, count: referrer.count, source: source, channel: event.channel)
          _ = unsafe series.hosts.code(host.start, count: host.count, extra: 0)
          if campaign.count > 0 { _ = unsafe series.campaigns.code(campaign.start, count: campaign.count, extra: 0) }
        }
      }
    }
    SeededEvents.ingest(arrival.apply(events, seed: seed), into: engine)
    return engine.withState { state in
      state.tick(now: closedAt)
      return closedBytes(state)
    }
  }

  private static func closedBytes(_ state: EngineState) -> [String: [UInt8]] {
    var made: [String: [UInt8]] = [:]
    func put(_ name: String, _ start: UnsafePointer<UInt8>, _ count: Int) {
      unsafe made[name] = Array(UnsafeBufferPointer(start: start, count: count))
    }
    for series in state.series {
      for at in 0..<series.minutes.count {
        let (number, blob) = series.minutes.at(at)
        unsafe put("\(series.name) minute \(number)", series.minuteBlobs.address(blob), blob.count)
      }
      for at in 0..<series.hours.count {
        let (number, blob) = series.hours.at(at)
        unsafe put("\(series.name) hour \(number)", series.spanBlobs.address(blob), blob.count)
      }
      for at in 0..<series.days.count {
        let (number, blob) = series.days.at(at)
        unsafe put("\(series.name) day \(number)", series.spanBlobs.address(blob), blob.count)
      }
    }
    return made
  }

  /// A busy bucket, where sketches change their form: what was first seen once or again and again must not matter.
  @Test func `a sketch's form follows from its visitors, not from their order`() {
    var random = SplitMix(seed: 5)
    for distinct in [10, 200, 224, 225, 240, 256, 257, 600, 4_000, 4_096, 4_097, 6_000] {
      let tokens = Array(Set((0..<distinct + 100).map { _ in random.token().rawValue }).prefix(distinct))
      let again = tokens.flatMap { [$0, $0, $0] }.shuffled(using: &random)
      var minutes: Set<[UInt8]> = [], values: Set<[UInt8]> = []
      for order in [tokens, tokens.reversed(), again, tokens + again] {
        minutes.insert(Self.frozenMinute(order))
        values.insert(Self.frozenValue(order))
      }
      #expect(minutes.count == 1, "a minute of \(distinct) visitors")
      #expect(values.count == 1, "a value of \(distinct) visitors")
    }
  }

  private static func frozenMinute(_ tokens: [UInt32]) -> [UInt8] {
    let visitors = OpenVisitors(limit: OpenVisitors.minuteLimit, pool: PagePool(limitBytes: 1 << 22))
    for token in tokens { visitors.add(token) }
    var out = ByteWriter(capacity: 1 << 17)
    visitors.encode(into: &out)
    return unsafe Array(UnsafeBufferPointer(start: out.start, count: out.count))
  }

  private static func frozenValue(_ tokens: [UInt32]) -> [UInt8] {
    var sketches = ValueSketches(pool: PagePool(limitBytes: 1 << 22), capacityBytes: 1 << 16), word: UInt64 = 0
    for raw in tokens {
      let token = VisitorToken(rawValue: raw)
      unsafe sketches.add(&word, key: 0, token: raw, register: token.register(10), rank: token.rank(10))
    }
    let out = PaddedBytes([UInt8](repeating: 0, count: ValueSketches.maxFrozenBytes))
    let count = unsafe sketches.freeze(word, into: out.start)
    return unsafe Array(UnsafeBufferPointer(start: out.start, count: count))
  }
}
