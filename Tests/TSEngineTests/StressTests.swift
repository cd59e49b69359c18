import Glibc
import Synchronization
import Testing

@testable import TSEngine

/// Threads of the system, joined: what blocks here must not block Swift's own pool.
enum Workers {
  private final class Job {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  static func run(_ bodies: [@Sendable () -> Void]) {
    var threads: [pthread_t] = []
    for body in bodies {
      var thread = pthread_t()
      let job = unsafe Unmanaged.passRetained(Job(body)).toOpaque()
      let code = unsafe pthread_create(
        &thread, nil,
        { given in
          unsafe Unmanaged<Job>.fromOpaque(given!).takeRetainedValue().body()
          return nil
        }, job)
      precondition(code == 0)
      threads.append(thread)
    }
    for thread in threads { pthread_join(thread, nil) }
  }
}

/// Ingest, queries, snapshots and eviction at once: run by `make tsan` under the thread sanitizer, and for long by `make soak`.
@Suite struct StressTests {
  static let start = 1_760_000_000 / 86_400 * 86_400
  static let seconds: Int = unsafe getenv("BALLCONED_STRESS_SECONDS").flatMap { unsafe Int(String(cString: $0)) } ?? 2

  /// What the threads share beside the engine.
  private final class World: Sendable {
    let now = Atomic(StressTests.start + 1_000), isOver = Atomic(false), counted = Atomic(0)
    let answers = Atomic(0), snapshots = Atomic(0), mistakes = Mutex<[String]>([])
    var isRunning: Bool { !isOver.load(ordering: .relaxed) }
    func note(_ mistake: String) { mistakes.withLock { if $0.count < 10 { $0.append(mistake) } } }
  }

  @Test func `ingest, questions, snapshots and eviction go on at once, and every answer is whole`() throws {
    let world = World(), directory = TemporaryDirectory()
    var options = EngineOptions()
    (options.memoryBytes, options.visitorKey) = (Limits.smallestMemory + 8 << 20, SeededEvents.key)
    let engine = Engine(options, accounting: Accounting()) { world.now.load(ordering: .relaxed) }
    _ = engine.service(named: "a")
    _ = engine.service(named: "b")
    let path = directory.path
    Workers.run([
      { Self.ingest(engine, world) },
      { Self.ask(engine, world, seed: 1) },
      { Self.ask(engine, world, seed: 2) },
      { Self.save(engine, path, world) },
      { Self.tick(engine, world) },
    ])
    #expect(world.mistakes.withLock { $0 } == [])
    #expect(world.answers.load(ordering: .relaxed) > 10 && world.snapshots.load(ordering: .relaxed) > 1)
    let counted = world.counted.load(ordering: .relaxed)
    #expect(engine.accounting.counted == counted)
    #expect(try Self.requests(engine) == counted)
    engine.withState { state in
      #expect(state.pool.usedPages <= state.pool.limitPages)
      #expect(state.series.reduce(0) { $0 + $1.rowsFrom } > 0, "eviction took part")
      #expect(state.closing.lostBuckets == 0)
    }
    let store = try Store(path)
    _ = try store.load(into: Engine(options, accounting: Accounting()) { 0 })  // so that it goes on where the thread ended
    _ = try store.save(engine, second: world.now.load(ordering: .relaxed))
    let loaded = Engine(options, accounting: Accounting()) { world.now.load(ordering: .relaxed) }
    #expect(try Store(readOnly: path).load(into: loaded).problems == [])
    #expect(try Self.requests(loaded) == counted)
  }

  private static func requests(_ engine: Engine) throws -> Int {
    var sum = 0.0
    for service in ["a", "b"] {
      var query = Query(service: service, from: start - 86_400, to: start + 400 * 86_400)
      query.metrics = [.requests]
      sum += try engine.query(query).totals[0] ?? 0
    }
    return Int(sum)
  }

  // MARK: Threads

  /// Batches of a clock that runs through hours and days; many paths, and some events are late.
  private static func ingest(_ engine: Engine, _ world: World) {
    var began = timespec(), seed: UInt64 = 1
    unsafe clock_gettime(CLOCK_MONOTONIC, &began)
    var random = SeededGenerator(seed: 99)
    while world.isRunning {
      let now = world.now.load(ordering: .relaxed)
      var events = SeededEvents.make(
        800, from: now - 900, seconds: 900, seed: seed, services: ["a", "a", "b"], visitors: 9_000)
      for index in events.indices {
        if index % 2 == 0 { events[index].path = "/new/\((Int(seed) * 800 + index) % 1_500)" }
        if index % 50 == 0 { events[index].second -= Int.random(in: 0..<90_000, using: &random) }
      }
      events.removeAll { $0.second < start }
      world.counted.add(SeededEvents.ingest(events, into: engine).counted, ordering: .relaxed)
      seed += 1
      world.now.store(now + 600, ordering: .relaxed)
      var time = timespec()
      unsafe clock_gettime(CLOCK_MONOTONIC, &time)
      if time.tv_sec - began.tv_sec >= seconds { world.isOver.store(true, ordering: .relaxed) }
    }
  }

  private static func ask(_ engine: Engine, _ world: World, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    while world.isRunning {
      let now = world.now.load(ordering: .relaxed)
      let from = start + Int.random(in: 0..<max(60, now - start), using: &random) / 60 * 60
      var query = Query(service: Bool.random(using: &random) ? "a" : "b", from: from, to: now + 300)
      query.metrics = [.requests, .visitors, .bytes, .durationP95]
      do {
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
          query.step = .hour
          let result = try engine.query(query), sum = result.rows.reduce(0) { $0 + ($1.values[0] ?? 0) }
          if sum != result.totals[0] { world.note("hours give \(sum), all \(result.totals[0] ?? -1)") }
        case 1, 2:
          // A closed list: its values are all there is.
          (query.by, query.metrics) = (.dimension(.asset), [.requests])
          let result = try engine.query(query), sum = result.rows.reduce(0) { $0 + ($1.values[0] ?? 0) }
          if sum != result.totals[0] { world.note("page and static give \(sum), all \(result.totals[0] ?? -1)") }
        case 3:
          query.by = .dimension(.path)
          _ = try engine.query(query)
        case 4:
          query.filters = [Filter(.country, .is, ["DE"]), Filter(.browser, .contains, ["fire"])]
          _ = try engine.query(query)
        case 5:
          _ = try engine.returning(
            service: query.service, before: start..<start + 600, window: start + 600..<now + 1, audience: .people)
          _ = try engine.latency(service: query.service, from: from, to: now + 300, filters: [], audience: .all)
        case 6: _ = try engine.events(service: query.service, from: from, to: now + 300, after: nil, limit: 200)
        default:
          _ = engine.summaries(days: 7, now: now)
          _ = engine.counters()
          _ = engine.status()
        }
        world.answers.add(1, ordering: .relaxed)
      } catch { world.note("\(error)") }
    }
  }

  private static func save(_ engine: Engine, _ path: String, _ world: World) {
    do {
      let store = try Store(path)
      while world.isRunning {
        if try store.save(engine, second: world.now.load(ordering: .relaxed)) != nil {
          world.snapshots.add(1, ordering: .relaxed)
        }
        usleep(20_000)
      }
    } catch { world.note("\(error)") }
  }

  /// The clock, and what a full pool would do: something is given up every now and then.
  private static func tick(_ engine: Engine, _ world: World) {
    var turn = 0
    while world.isRunning {
      engine.tick()
      _ = engine.changes
      turn += 1
      if turn % 20 == 0 { _ = engine.withState { $0.makeRoom() } }
      usleep(5_000)
    }
  }
}
