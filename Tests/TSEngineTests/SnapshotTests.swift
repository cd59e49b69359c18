import Glibc
import Testing

@testable import TSEngine

/// Writing and reading a container, whole and damaged.
@Suite struct SnapshotTests {
  static let contents: [(SectionName, Int, Bool, [UInt8])] = {
    var random = SplitMix(seed: 11)
    let noise = (0..<900).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let text = Array(String(repeating: "/articles/2026/", count: 60).utf8)
    return [("names", 0, true, text), ("rows", 1, false, noise), ("empty", 2, true, []), ("days", 1, true, text + noise)]
  }()

  static func write(_ path: String, generation: UInt64 = 7, _ contents: [(SectionName, Int, Bool, [UInt8])] = contents)
    throws(FileError)
  {
    var writer = try SnapshotWriter(path, generation: generation, keyID: 0xabcd, writtenAt: 1_790_000_000)
    for (name, number, compressed, bytes) in contents {
      writer.begin(name, number: number, compressed: compressed)
      try writer.append(bytes.span)
      try writer.end()
    }
    _ = try writer.commit()
  }

  static func read(_ path: String) throws(SnapshotError) -> [[UInt8]] {
    var reader = try SnapshotReader(path), all: [[UInt8]] = []
    for section in reader.sections {
      let bytes = try unsafe reader.withBytes(section, limitBytes: 1 << 22) { cursor in
        unsafe Array(UnsafeBufferPointer(start: cursor.at, count: cursor.remaining))
      }
      all.append(bytes)
    }
    return all
  }

  @Test func `what was written is read again`() throws {
    let directory = TemporaryDirectory(), path = directory.path + "/base.7"
    try Self.write(path)
    let reader = try SnapshotReader(path)
    #expect(reader.generation == 7)
    #expect(reader.keyID == 0xabcd)
    #expect(reader.writtenAt == 1_790_000_000)
    #expect(reader.sections.map(\.description) == ["names", "rows/1", "empty/2", "days/1"])
    #expect(reader.section("days", number: 1)?.rawBytes == Self.contents[3].3.count)
    #expect(reader.section("days") == nil)
    #expect(reader.sections[0].storedBytes < 100)
    #expect(try Self.read(path) == Self.contents.map(\.3))
    #expect(try Snapshot.verify(path).allSatisfy { $0.problem == nil })
  }

  @Test func `the file is as it is drawn`() throws {
    let directory = TemporaryDirectory(), path = directory.path + "/base.7"
    try Self.write(path, [("names", 3, true, Array("hello".utf8))])
    let bytes = try #require(TemporaryDirectory.contents(path))
    #expect(bytes.count == 64 + 13 + 40)
    #expect(Array(bytes[0..<8]) == Array("BALLCONE".utf8))
    #expect(Array(bytes[8..<24]) == [1, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(bytes[32..<40]) == [77, 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(bytes[64..<77]) == [5, 0, 0, 0, 5, 0, 0, 0] + Array("hello".utf8))
    #expect(Array(bytes[77..<89]) == Array("names".utf8) + [0, 0, 0, 3, 0, 0, 0])
  }

  @Test(arguments: [1, 65_535, 65_536, 65_537, 200_000])
  func `sections of any length come back, in pieces of any length`(count: Int) throws {
    var random = SplitMix(seed: UInt64(count))
    // Half noise, half repetition, so that plain and compressed blocks alternate.
    let bytes = (0..<count).map { $0 / 40_000 % 2 == 0 ? UInt8(truncatingIfNeeded: random.next()) : 42 }
    let directory = TemporaryDirectory(), path = directory.path + "/base.1"
    var writer = try SnapshotWriter(path, generation: 1, keyID: 1, writtenAt: 0)
    writer.begin("rows")
    var done = 0
    while done < count {
      let part = min(count - done, Int.random(in: 1...90_000, using: &random))
      try writer.append(bytes.span.extracting(done..<done + part))
      done += part
    }
    try writer.end()
    #expect(try writer.commit() == TemporaryDirectory.contents(path)?.count)
    var reader = try SnapshotReader(path), read: [UInt8] = []
    try reader.open(reader.sections[0])
    while reader.remaining > 0 {
      var piece = [UInt8](repeating: 0, count: Int.random(in: 1...70_000, using: &random))
      let got = try unsafe reader.read(into: &piece, count: piece.count)
      read += piece.prefix(got)
    }
    #expect(read == bytes)
  }

  @Test func `a snapshot cut anywhere is refused`() throws {
    let directory = TemporaryDirectory(), path = directory.path + "/base.7"
    try Self.write(path)
    let whole = try #require(TemporaryDirectory.contents(path))
    for length in (0..<whole.count).reversed() {
      unsafe truncate(path, off_t(length))
      let error = #expect(throws: SnapshotError.self) { try Self.read(path) }
      #expect(error?.kind == .damaged, "cut at \(length)")
    }
    TemporaryDirectory.write(whole + [0], to: path)
    #expect(throws: SnapshotError.self) { try Self.read(path) }
  }

  /// RELIABILITY P4 in small: every byte, four ways each.
  @Test func `a damaged byte anywhere is refused`() throws {
    let directory = TemporaryDirectory(), path = directory.path + "/base.7"
    try Self.write(path)
    let whole = try #require(TemporaryDirectory.contents(path))
    let file = unsafe open(path, O_RDWR)
    defer { close(file) }
    var loads = 0
    for index in whole.indices {
      for damaged in Set([whole[index] ^ 1, whole[index] ^ 0x80, whole[index] ^ 0xff, 0]) where damaged != whole[index] {
        var byte = damaged
        unsafe pwrite(file, &byte, 1, off_t(index))
        if (try? Self.read(path)) != nil { Issue.record("byte \(index) = \(damaged) was accepted") }
        loads += 1
      }
      var byte = whole[index]
      unsafe pwrite(file, &byte, 1, off_t(index))
    }
    #expect(loads > 3 * whole.count)
    #expect(try Self.read(path) == Self.contents.map(\.3))
  }

  /// RELIABILITY P5: somebody who can compute checksums.
  @Test func `damage under right checksums never traps and never gives more than was declared`() throws {
    let directory = TemporaryDirectory(), path = directory.path + "/base.7"
    try Self.write(path)
    let whole = try #require(TemporaryDirectory.contents(path))
    var random = SplitMix(seed: 12), refused = 0
    for _ in 0..<1_200 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        // Sizes of blocks and entries of the table more often than contents.
        let table = whole.count - 160
        let index = [
          Int.random(in: 8..<56, using: &random), Int.random(in: 64..<84, using: &random),
          Int.random(in: 64..<table, using: &random), Int.random(in: table..<whole.count, using: &random),
        ].randomElement(using: &random)!
        bytes[index] = [0, 0xff, 0x7f, UInt8(truncatingIfNeeded: random.next())].randomElement(using: &random)!
      }
      Self.checksum(&bytes)
      TemporaryDirectory.write(bytes, to: path)
      do { _ = try Self.read(path) } catch { refused += 1 }
    }
    #expect(refused > 200)
  }

  /// What a block declares is compared with its section before a byte of it is read.
  @Test(arguments: [
    (4, 901, "901 stored bytes"), (4, 0, "0 stored bytes"), (0, 899, "a block of 899 bytes"),
    (0, 1 << 30, "a block of 1073741824 bytes"),
  ])
  func `a block that does not fit its section is refused`(field: Int, value: Int, got: String) throws {
    let directory = TemporaryDirectory(), path = directory.path + "/base.7"
    try Self.write(path)
    var bytes = try #require(TemporaryDirectory.contents(path))
    let rows = try #require(try SnapshotReader(path).section("rows", number: 1))
    for index in 0..<4 { bytes[rows.offset + field + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    Self.checksum(&bytes)
    TemporaryDirectory.write(bytes, to: path)
    let error = #expect(throws: SnapshotError.self) { try Self.read(path) }
    #expect(error?.got == got && error?.offset == rows.offset)
  }

  /// Makes all sums right again, so far as the table can be found.
  private static func checksum(_ bytes: inout [UInt8]) {
    func number(_ at: Int) -> Int { (0..<8).reversed().reduce(0) { $0 << 8 | Int(bytes[at + $1]) } }
    func put(_ sum: UInt32, at: Int) {
      for index in 0..<4 { bytes[at + index] = UInt8(truncatingIfNeeded: sum >> (8 * index)) }
    }
    let table = bytes.count - 160
    for entry in 0..<4 {
      let at = table + 40 * entry, start = number(at + 16), count = number(at + 24)
      guard start >= 64, count >= 0, start <= table, count <= table - start else { continue }
      put(CRC32C.checksum(bytes.span.extracting(start..<start + count)), at: at + 12)
    }
    put(CRC32C.checksum(bytes.span.extracting(table..<bytes.count)), at: 56)
    put(CRC32C.checksum(bytes.span.extracting(0..<60)), at: 60)
  }

  @Test func `errors say where`() throws {
    let directory = TemporaryDirectory(), path = directory.path + "/base.7"
    try Self.write(path)
    let whole = try #require(TemporaryDirectory.contents(path))
    let rows = try #require(try SnapshotReader(path).section("rows", number: 1))
    var damaged = whole
    damaged[rows.offset + 100] ^= 1
    TemporaryDirectory.write(damaged, to: path)
    let stored = CRC32C.checksum(damaged.span.extracting(rows.offset..<rows.offset + rows.storedBytes))
    let error = #expect(throws: SnapshotError.self) { try Self.read(path) }
    #expect(
      error?.description
        == "cannot read base.7 section rows/1 at offset \(rows.offset): got CRC \(hexadecimal(stored)), want \(hexadecimal(rows.checksum))"
    )
    #expect(try Snapshot.verify(path).map { $0.problem == nil } == [true, false, true, true])
    #expect(throws: SnapshotError.self) { _ = try SnapshotReader(directory.path + "/base.8") }
    #expect(throws: SnapshotError.self) { _ = try SnapshotReader(directory.path) }
  }

  @Test func `another version is refused by name, so that nobody sets it aside`() throws {
    let directory = TemporaryDirectory(), path = directory.path + "/base.7"
    try Self.write(path)
    var bytes = try #require(TemporaryDirectory.contents(path))
    bytes[8] = 2
    Self.checksum(&bytes)
    TemporaryDirectory.write(bytes, to: path)
    let error = #expect(throws: SnapshotError.self) { _ = try SnapshotReader(path) }
    #expect(error?.kind == .version)
    #expect(error?.description == "cannot read base.7 at offset 8: got version 2, want 1")
  }

  @Test func `a section larger than allowed takes no memory`() throws {
    let directory = TemporaryDirectory(), path = directory.path + "/base.7"
    try Self.write(path)
    var reader = try SnapshotReader(path)
    #expect(throws: SnapshotError.self) { try unsafe reader.withBytes(reader.sections[1], limitBytes: 899) { _ in } }
    #expect(throws: SnapshotError.self) { _ = try SnapshotReader(path, limitBytes: 1_000) }
  }

  @Test(arguments: [FileSystem.Call.open, .read, .stat])
  func `a read that fails says so and is not damage`(call: FileSystem.Call) throws {
    let directory = TemporaryDirectory(), path = directory.path + "/base.7"
    try Self.write(path)
    let probe = FileFaults()
    _ = try FileFaults.$current.withValue(probe) { try Self.read(path) }
    for turn in 1...probe.count(of: call) {
      let error = #expect(throws: SnapshotError.self) {
        try FileFaults.$current.withValue(FileFaults(call, at: turn, code: EIO)) { try Self.read(path) }
      }
      #expect(error?.kind == .system(FileError(call: call, path: path, code: EIO)))
    }
  }
}
