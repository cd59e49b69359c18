import Glibc
import Testing

@testable import TSEngine

/// Counts of the long tests: small ones in `make test`, the full ones when `make soak` sets them.
enum Effort {
  static func count(_ name: String, usual: Int) -> Int {
    guard let text = unsafe getenv("BALLCONED_" + name) else { return usual }
    return Int(unsafe String(cString: text)) ?? usual
  }
}

/// A data directory with two generations, made once, that tests damage copies of.
struct StoreFixture: Sendable {
  static let start = 1_760_000_000 / 86_400 * 86_400, now = start + 3 * 86_400 - 40_000
  static let keyText = Array("000102030405060708090a0b0c0d0e0f\n".utf8)

  /// Every file but the lock, by name.
  let files: [String: [UInt8]]
  /// What the newest and the previous generation hold.
  let newest: UInt64, previous: UInt64

  /// Two services over three days, about eighteen bytes of snapshot an event: closed and open minutes, hours, days, rows.
  static let large = make(events(1_500, seed: 1))
  /// Fourteen hours around a midnight, for tests that load it thousands of times.
  static let small = make(events(90, seed: 2, from: now - 14 * 3_600))

  private static func make(_ all: [PlainEvent]) -> StoreFixture {
    let directory = TemporaryDirectory(), count = all.count
    do {
      TemporaryDirectory.write(keyText, to: directory.path + "/key")
      let store = try Store(directory.path), engine = engine()
      _ = try store.load(into: engine)
      SeededEvents.ingest(Array(all[..<(count * 4 / 5)]), into: engine)
      try store.save(engine, second: now - 10)
      let previous = fingerprint(engine)
      SeededEvents.ingest(Array(all[(count * 4 / 5)...]), into: engine)
      try store.save(engine, second: now)
      var files: [String: [UInt8]] = [:]
      for name in directory.names where name != "lock" {
        files[name] = TemporaryDirectory.contents(directory.path + "/" + name)
      }
      return StoreFixture(files: files, newest: fingerprint(engine), previous: previous)
    } catch {
      fatalError("cannot make the fixture: \(error)")
    }
  }

  static func events(_ count: Int, seed: UInt64, from: Int = start) -> [PlainEvent] {
    SeededEvents.make(count, from: from, seconds: now - from, seed: seed, services: ["a", "b"], visitors: 500)
  }

  static func engine(memory: Int = 64 << 20) -> Engine {
    var options = EngineOptions()
    (options.memoryBytes, options.visitorKey) = (memory, SeededEvents.key)
    return Engine(options, accounting: Accounting()) { now }
  }

  /// All that an engine holds, as one number: equal for equal snapshots only.
  static func fingerprint(_ engine: Engine) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ bytes: [UInt8]) { for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 } }
    let place = TemporaryDirectory(), path = place.path + "/image", image = engine.pinned()
    defer { engine.unpin(image) }
    do {
      var writer = try SnapshotWriter(path, generation: 1, keyID: 1, writtenAt: 0)
      try image.write(to: &writer)
      _ = try writer.commit()
    } catch {
      fatalError("cannot write an image: \(error)")
    }
    add(TemporaryDirectory.contents(path) ?? [])
    return hash
  }

  /// What an engine counted, whatever is open, closed or packed of it.
  static func summary(_ engine: Engine) -> [String] {
    engine.withState { state in
      state.foldAll()
      return state.series.flatMap { series in
        (start / 86_400..<now / 86_400 + 1).map { day in
          let sums = TallyAccumulator(), table = TableAccumulator()
          series.addTally(.day(day), people: true, bots: true, into: sums, wanting: [.visitors])
          series.addTable(.day(day), .path, people: true, bots: true, into: table)
          let paths = (0..<table.seenCount).map { index in
            let code = table.code(at: index)
            return "\(series.label(.path, code))=\(unsafe table.sums[code].requests)"
          }
          let rows = series.blockRows + series.batches.reduce(0) { $0 + $1.count }
          return "\(series.name) \(day): \(sums.requests) \(sums.bytes) \(Int(sums.visitors)) rows \(rows) \(paths.sorted())"
        }
      }.sorted()
    }
  }

  /// Puts the files into a directory, some of them changed.
  func write(to directory: TemporaryDirectory, changing changed: [String: [UInt8]] = [:]) {
    for name in directory.names { unsafe unlink(directory.path + "/" + name) }
    for (name, bytes) in files.merging(changed, uniquingKeysWith: { $1 }) {
      TemporaryDirectory.write(bytes, to: directory.path + "/" + name)
    }
  }

  struct Loaded {
    let report: Store.LoadReport
    let contents: UInt64
  }

  /// Starts on a directory as the daemon does.
  static func load(_ directory: TemporaryDirectory) throws(StoreError) -> Loaded {
    let store = try Store(directory.path), engine = engine()
    let report = try store.load(into: engine)
    return Loaded(report: report, contents: fingerprint(engine))
  }
}
