import Glibc
import Testing

@testable import TSEngine

/// What becomes of a journal that is not as it was written.
@Suite struct JournalFileTests {
  /// Three frames of three, two and four rows, in a store without a base.
  private static func made() throws -> (store: JournalledStore, bytes: [UInt8], ends: [Int]) {
    let kept = try JournalledStore(), events = kept.events(9)
    var ends = [JournalFormat.headerBytes]
    for part in [events[..<3], events[3..<5], events[5...]] {
      kept.ingest(Array(part))
      try kept.save()
      ends.append(try #require(TemporaryDirectory.contents(kept.place.path + "/journal.1")).count)
    }
    return (kept, try #require(TemporaryDirectory.contents(kept.place.path + "/journal.1")), ends)
  }
  private static let rows = [0, 3, 5, 9]

  @Test func `a journal torn at any byte gives what came before, and says so`() throws {
    let (kept, bytes, ends) = try Self.made(), path = kept.place.path + "/journal.1"
    for length in 0..<bytes.count {
      TemporaryDirectory.write(Array(bytes[..<length]), to: path)
      try kept.crash()
      let frames = ends.lastIndex { $0 <= length } ?? 0
      #expect(kept.report.rows == Self.rows[frames] && kept.report.problems.isEmpty, "\(length): \(kept.report)")
      let begin = length < ends[0] ? 0 : ends[frames]
      let torn = "journal.1: \(length - begin) bytes of an unfinished write at offset \(begin) were left out"
      #expect(kept.report.notes == (length == begin ? [] : [torn]), "\(length)")
    }
    #expect(kept.place.names == ["journal.1", "key", "lock"], "no base before a save, nothing set aside")
    #expect(try kept.save()?.isBase == true)
  }

  @Test(arguments: [0x01, 0x80, 0xff] as [UInt8])
  func `a wrong byte anywhere is found, and what stands before it is used`(mask: UInt8) throws {
    let (kept, bytes, ends) = try Self.made(), path = kept.place.path + "/journal.1"
    for at in bytes.indices {
      var damaged = bytes
      damaged[at] ^= mask
      TemporaryDirectory.write(damaged, to: path)
      let reports = try Store.check(kept.place.path)
      do { try kept.crash() } catch let error as StoreError {
        #expect(8..<12 ~= at, "only a version is refused: \(error)")
        continue
      }
      let frame = (ends.firstIndex { at < $0 } ?? 0) - 1  // -1: the header
      let report = kept.report
      #expect(report.rows == Self.rows[max(0, frame)], "\(at): \(report)")
      if frame == 2 {
        #expect(report.problems.isEmpty && report.notes.count == 1, "\(at): \(report)")
        #expect(reports.allSatisfy { $0.problem == nil } && reports[0].note != nil)
      } else {
        #expect(report.problems.count == 1 && report.problems[0].contains("journal"), "\(at): \(report)")
        #expect(reports.contains { $0.problem != nil })
        if frame >= 0 { #expect(report.problems[0].contains("journal.1 at offset \(ends[frame]):"), "\(report)") }
      }
    }
  }

  @Test func `a damaged journal is set aside once a base has what it held`() throws {
    let (kept, bytes, ends) = try Self.made(), path = kept.place.path + "/journal.1"
    var damaged = bytes
    damaged[ends[1] + 40] ^= 1
    TemporaryDirectory.write(damaged, to: path)
    try kept.crash()
    #expect(kept.report.rows == 3)
    #expect(kept.place.names == ["journal.1", "key", "lock"])
    try kept.crash()
    #expect(kept.report.rows == 3, "still there for a second crash")
    kept.ingest(kept.events(10))
    #expect(try kept.save()?.isBase == true)
    // Its journal is written before the base is, and goes on from nothing that was there.
    #expect(kept.place.names.contains("journal.1.corrupt") && kept.place.names.contains { $0.hasPrefix("base.") })
    try kept.crash()
    #expect(kept.counted == 13 && kept.report.problems.isEmpty && kept.report.notes.isEmpty)
  }

  @Test func `a part of another journal is no part of this one`() throws {
    let (kept, bytes, ends) = try Self.made(), (_, other, _) = try Self.made()
    let path = kept.place.path + "/journal.1"
    TemporaryDirectory.write(Array(bytes[..<ends[2]] + other[ends[2]...]), to: path)
    try kept.crash()
    #expect(kept.report.rows == 5 && kept.report.notes.count == 1)
    TemporaryDirectory.write(bytes, to: kept.place.path + "/journal.2")
    TemporaryDirectory.write(bytes, to: path)
    try kept.crash()
    #expect(kept.report.rows == 9 && kept.report.problems == ["cannot read journal.2 at offset 16: got generation 1, want 2"])
  }

  @Test func `a journal whose beginning is missing is left out`() throws {
    let kept = try JournalledStore()
    for seed in 1...3 as ClosedRange<UInt64> {
      kept.ingest(kept.events(50, seed: seed))
      try kept.save()
      try kept.crash()
    }
    #expect(try Store.check(kept.place.path).allSatisfy { $0.problem == nil })
    #expect(kept.counted == 150 && kept.place.names == ["journal.1", "journal.2", "journal.3", "key", "lock"])
    try FileSystem.remove(kept.place.path + "/journal.2")
    try kept.crash()
    #expect(kept.counted == 50)
    #expect(kept.report.problems.count == 1 && kept.report.problems[0].contains("journal.3 at offset 32"), "\(kept.report)")
    #expect(try Store.check(kept.place.path).contains { $0.problem != nil })
    #expect(kept.place.names == ["journal.1", "journal.3", "key", "lock"], "it is sound itself")
  }

  /// Sums made right again: meaning is checked too.
  @Test func `payloads that mean nothing do no harm`() throws {
    let (kept, bytes, ends) = try Self.made(), path = kept.place.path + "/journal.1"
    var random = SeededGenerator(seed: 3), refused = 0
    let header = bytes[60..<64].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    for _ in 0..<2_000 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let at = Int.random(in: ends[0] + 28..<ends[1], using: &random)
        damaged[at] = Bool.random(using: &random) ? UInt8.random(in: 0...255, using: &random) : damaged[at] ^ 1
      }
      let sum = unsafe damaged.withUnsafeBufferPointer {
        unsafe JournalFrame.checksum($0.baseAddress! + ends[0], payload: ends[1] - ends[0] - 28, after: header)
      }
      for index in 0..<4 { damaged[ends[0] + 24 + index] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * index)) }
      TemporaryDirectory.write(damaged, to: path)
      try kept.crash()
      if !kept.report.problems.isEmpty { refused += 1 }
      _ = kept.engine.counters()
      kept.engine.tick()
    }
    #expect(refused > 400)
  }

  /// Whatever fails, and whenever: counting goes on, and the next save without a fault has everything.
  @Test(arguments: [FileSystem.Call.open, .write, .fsync, .rename, .close])
  func `an error while saving costs nothing but a base`(call: FileSystem.Call) throws {
    for at in 1...12 {
      let kept = try JournalledStore(), events = kept.events(400)
      kept.ingest(Array(events[..<100]))
      try kept.saveBase()
      kept.ingest(Array(events[100..<200]))
      let faults = FileFaults(call, at: at, code: EIO)
      var failed = false
      FileFaults.$current.withValue(faults) {
        do { try kept.save() } catch { failed = true }
        kept.ingest(Array(events[200..<300]))
        do { try kept.saveBase() } catch { failed = true }
      }
      kept.ingest(Array(events[300...]))
      let status = kept.engine.status()
      if faults.count(of: call) >= at, call != .close {
        #expect(failed || status.journalFailures == 1, "\(call) \(at)")
        #expect((call == .fsync) == (status.fsyncFailures == 1))
      }
      try kept.save()
      #expect(!kept.place.names.contains { $0.hasSuffix(".tmp") })
      try kept.crash()
      #expect(kept.counted == 400, "\(call) \(at) \(kept.report)")
      #expect(kept.report.problems.isEmpty)
    }
  }

  @Test func `a journal that failed is never touched again`() throws {
    let kept = try JournalledStore()
    kept.ingest(kept.events(50))
    try kept.save()
    kept.ingest(kept.events(50, seed: 2))
    let faults = FileFaults(.fsync, at: 1, code: EIO)
    let report = try FileFaults.$current.withValue(faults) { try kept.save() }
    #expect(report?.isBase == true && report?.problem != nil)
    #expect(faults.log.prefix(2) == ["write journal.1", "fsync journal.1"])
    #expect(!faults.log.dropFirst(2).contains { $0.contains("journal.1") }, "\(faults.log)")
    try kept.crash()
    #expect(kept.counted == 100 && kept.report.generation == 2)
  }
}
