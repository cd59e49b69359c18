import Glibc
import Testing

@testable import TSEngine

/// RELIABILITY P6, P7, P8: each system call fails in each way at each of its turns, once or from then on.
@Suite(.serialized, .timeLimit(.minutes(30))) struct FaultTests {
  private static let allCodes = [EIO, ENOSPC, EDQUOT, EMFILE, EACCES, EROFS, EINTR]
  /// All of them in `make soak`, one after the other in `make test`.
  private static func codes(_ turn: Int) -> [Int32] {
    Effort.count("FAULTS", usual: 0) > 0 ? allCodes : [allCodes[turn % allCodes.count]]
  }
  private static let saving: [FileSystem.Call] = [.open, .write, .fsync, .close, .rename, .remove, .list, .read, .stat]
  private static let loading: [FileSystem.Call] = [.open, .read, .rename, .remove, .list, .stat, .lock, .create, .write]
  private static let more = StoreFixture.events(30, seed: 21, from: StoreFixture.now - 7_200)

  /// A daemon's store on two generations, with something new to save.
  private final class Running {
    let directory = TemporaryDirectory(inMemory: true)
    let store: Store, engine = StoreFixture.engine()
    let before: [String], after: [String]

    init(journal: Bool = false) throws {
      StoreFixture.small.write(to: directory)
      store = try Store(directory.path)
      _ = try store.load(into: engine)
      if journal { store.beginJournal(engine) }
      before = StoreFixture.summary(engine)
      SeededEvents.ingest(FaultTests.more, into: engine)
      after = StoreFixture.summary(engine)
    }

    /// What another process would find there now.
    func found() throws -> [String] {
      let copy = TemporaryDirectory(inMemory: true)
      for name in directory.names where name != "lock" {
        TemporaryDirectory.write(TemporaryDirectory.contents(directory.path + "/" + name) ?? [], to: copy.path + "/" + name)
      }
      let engine = StoreFixture.engine(), report = try Store(copy.path).load(into: engine)
      #expect(report.problems.isEmpty, "\(report.problems)")
      return StoreFixture.summary(engine)
    }
  }

  @Test(arguments: saving, [false, true])
  func `a save that fails hurts nothing, is counted, and the next one succeeds`(call: FileSystem.Call, journal: Bool) throws {
    let probe = FileFaults(), first = try Running(journal: journal)
    try FileFaults.$current.withValue(probe) { _ = try first.store.save(first.engine, second: StoreFixture.now + 1) }
    let turns = probe.count(of: call)
    var tried = 0, failed = 0
    for turn in 1..<turns + 1 {
      for code in Self.codes(turn) {
        for isLasting in [false, true] where !(code == EINTR && isLasting) {
          let running = try Running(journal: journal),
            what = "\(call) \(turn) of \(turns), errno \(code), \(isLasting ? "for ever" : "once")"
          let faults = FileFaults(call, at: turn, code: code, isLasting: isLasting)
          var error: StoreError?
          FileFaults.$current.withValue(faults) {
            do throws(StoreError) { try running.store.save(running.engine, second: StoreFixture.now + 1) } catch let failure {
              error = failure
            }
            // Ingestion goes on meanwhile.
            SeededEvents.ingest(Array(Self.more.prefix(3)), into: running.engine)
          }
          tried += 1
          let found = try running.found()
          if error != nil {
            failed += 1
            #expect(found == running.before || found == running.after, "\(what)")
            #expect(running.engine.status().snapshotFailures == 1, "\(what): \(running.engine.status().snapshotFailures)")
          } else {
            #expect(found == running.after, "\(what)")
          }
          #expect(!running.directory.names.contains { $0.hasSuffix(".tmp") }, "\(what): \(running.directory.names)")
          let now = StoreFixture.summary(running.engine)
          #expect(try running.store.save(running.engine, second: StoreFixture.now + 2) != nil, "\(what)")
          #expect(try running.found() == now, "\(what)")
        }
      }
    }
    print("P6: \(journal ? "journal" : "base"), \(call): \(tried) faults at \(turns) turns, \(failed) saves failed")
  }

  @Test func `short writes change nothing`() throws {
    for part in [97, 511, 4_096] {
      let running = try Running()
      let report = try FileFaults.$current.withValue(FileFaults(shortWrite: part)) {
        try running.store.save(running.engine, second: StoreFixture.now + 1)
      }
      #expect(report != nil)
      #expect(try running.found() == running.after)
    }
  }

  /// P7: what the kernel could not write is gone from its memory, so the same file is never synced again.
  @Test func `after a failed fsync everything is written into a new file`() throws {
    let running = try Running(), faults = FileFaults(.fsync, at: 1, code: EIO)
    FileFaults.$current.withValue(faults) {
      #expect(throws: StoreError.self) { try running.store.save(running.engine, second: StoreFixture.now + 1) }
      #expect(throws: Never.self) { try running.store.save(running.engine, second: StoreFixture.now + 2) }
    }
    let log = faults.log, failed = try #require(log.firstIndex { $0.hasPrefix("fsync ") })
    let name = String(log[failed].dropFirst(6)), rest = log[(failed + 1)...]
    // Whatever is synced under that name later was opened anew in between.
    if let again = rest.firstIndex(of: "fsync \(name)") {
      #expect(rest[..<again].contains("open \(name)") && rest[..<again].contains("remove \(name)"), "\(log)")
    }
    #expect(try running.found() == running.after)
  }

  @Test func `a directory that is read-only or gone for a while is written again by itself`() throws {
    let running = try Running(), path = running.directory.path
    // As root permissions stop nobody, so the calls fail instead.
    for code in [EROFS, EACCES, ENOSPC] {
      for call in [FileSystem.Call.open, .write] {
        FileFaults.$current.withValue(FileFaults(call, at: 1, code: code, isLasting: true)) {
          for second in 1...5 {
            #expect(throws: StoreError.self) { try running.store.save(running.engine, second: StoreFixture.now + second) }
          }
        }
      }
    }
    SeededEvents.ingest(Self.more, into: running.engine)
    let now = StoreFixture.summary(running.engine)
    #expect(try running.store.save(running.engine, second: StoreFixture.now + 9) != nil)
    #expect(try running.found() == now)
    #expect(unsafe rename(path, path + ".away") == 0)
    SeededEvents.ingest(Self.more, into: running.engine)
    #expect(throws: StoreError.self) { try running.store.save(running.engine, second: StoreFixture.now + 10) }
    #expect(unsafe rename(path + ".away", path) == 0)
    let last = StoreFixture.summary(running.engine)
    #expect(try running.store.save(running.engine, second: StoreFixture.now + 11) != nil)
    #expect(try running.found() == last)
  }

  /// P8: the way back from damage may be damaged too.
  @Test(arguments: loading) func `faults while a damaged store is loaded lose nothing that was sound`(call: FileSystem.Call)
    throws
  {
    let fixture = StoreFixture.small
    var bytes = fixture.files["base.2"]!
    bytes[bytes.count / 3] ^= 0x10
    func damaged() -> TemporaryDirectory {
      let directory = TemporaryDirectory(inMemory: true)
      fixture.write(to: directory, changing: ["base.2": bytes])
      return directory
    }
    let probe = FileFaults(), first = damaged()
    try FileFaults.$current.withValue(probe) { _ = try StoreFixture.load(first) }
    let turns = probe.count(of: call)
    var tried = 0
    for turn in 1..<max(2, turns + 1) {
      for code in Self.codes(turn) {
        for isLasting in [false, true] where !(code == EINTR && isLasting) {
          let directory = damaged(), what = "\(call) \(turn) of \(turns), errno \(code), \(isLasting ? "for ever" : "once")"
          FileFaults.$current.withValue(FileFaults(call, at: turn, code: code, isLasting: isLasting)) {
            let engine = StoreFixture.engine()
            do throws(StoreError) {
              let store = try Store(directory.path), report = try store.load(into: engine)
              // Either the previous generation, or nothing and word of why.
              #expect(report.generation == 1 || report.generation == nil && !report.problems.isEmpty, "\(what)")
            } catch {
              #expect(!error.description.isEmpty, "\(what)")
            }
          }
          tried += 1
          #expect(TemporaryDirectory.contents(directory.path + "/base.1") == fixture.files["base.1"], "\(what)")
          let kept = ["base.2", "base.2.corrupt"].compactMap { TemporaryDirectory.contents(directory.path + "/" + $0) }
          #expect(kept == [bytes], "\(what): what is damaged is kept")
          #expect(try StoreFixture.load(directory).contents == fixture.previous, "\(what)")
        }
      }
    }
    print("P8: \(call): \(tried) faults at \(turns) turns while a damaged store was loaded")
  }
}
