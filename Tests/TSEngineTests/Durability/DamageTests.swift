import Glibc
import Testing

@testable import TSEngine

/// RELIABILITY P4: whatever happens to the bytes of a store, it is noticed, named, and the previous generation is used.
///
/// Every byte of `base.N` is under a checksum, so a change is found by the reader alone, which takes 0.1 ms; that the daemon
/// then falls back is tried on a part of the cases. `make soak` takes all of them, `make test` a seeded sample.
@Suite(.serialized, .timeLimit(.minutes(30))) struct DamageTests {
  private static let fixture = StoreFixture.large
  private static let name = "base.2", whole = fixture.files["base.2"]!
  private let directory = TemporaryDirectory(inMemory: true)
  private var path: String { directory.path + "/" + Self.name }

  /// What the loader says of bytes under the name of the newest generation; nil when it finds nothing wrong.
  private func complaint(_ bytes: [UInt8]) -> SnapshotError? {
    TemporaryDirectory.write(bytes, to: path)
    return complaint()
  }
  private func complaint() -> SnapshotError? {
    do throws(SnapshotError) {
      var reader = try SnapshotReader(path)
      for section in reader.sections { try reader.open(section) }
      return nil
    } catch {
      return error
    }
  }

  /// Ends the test at the first that is not.
  private func expectNamed(_ error: SnapshotError?, _ what: String) throws {
    let error = try #require(error, "\(what): accepted")
    let said = error.description
    let isNamed = error.file == Self.name && said.hasPrefix("cannot read base.2") && said.contains(" at offset ")
    // A changed version is told from damage by the header's checksum, so it is damage too.
    try #require(isNamed && error.kind == .damaged, "\(what): \(said)")
  }

  /// Starts the store on changed files: the previous generation, word of what was wrong, and the file kept aside.
  private func expectFallback(_ changed: [String: [UInt8]], _ what: String) throws {
    Self.fixture.write(to: directory, changing: changed)
    let loaded = try StoreFixture.load(directory)
    #expect(loaded.contents == Self.fixture.previous && loaded.report.generation == 1, "\(what)")
    #expect(
      loaded.report.problems.count == 1 && loaded.report.problems[0].contains(Self.name)
        && loaded.report.problems[0].contains(" at offset "), "\(what): \(loaded.report.problems)")
    #expect(directory.names.contains("base.2.corrupt") && !directory.names.contains(Self.name), "\(what)")
  }

  @Test func `the fixture is large enough, sound, and loads as it was saved`() throws {
    #expect(Self.whole.count >= 65_536, "\(Self.whole.count)")
    Self.fixture.write(to: directory)
    let loaded = try StoreFixture.load(directory)
    #expect(loaded.contents == Self.fixture.newest && loaded.report.problems.isEmpty)
    #expect(Self.fixture.newest != Self.fixture.previous)
    #expect(complaint(Self.whole) == nil)
  }

  @Test func `a changed byte is always found`() throws {
    let all = Self.whole.count * 4, count = min(all, Effort.count("DAMAGE", usual: 16_000))
    var random = SplitMix(seed: 4), tried = 0
    var bytes = Self.whole
    TemporaryDirectory.write(bytes, to: path)
    let file = unsafe open(path, O_RDWR)
    defer { close(file) }
    for turn in 0..<count {
      // All of them in order, or a sample that leaves no kind and no region out.
      let index = count == all ? turn : Int(random.next() % UInt64(all))
      let place = index / 4, old = bytes[place]
      let new = [old ^ 0x01, old ^ 0x80, old ^ 0xff, 0][index % 4]
      if new == old { continue }
      bytes[place] = new
      #expect(unsafe pwrite(file, [new], 1, off_t(place)) == 1)
      try expectNamed(complaint(), "byte \(place) \(old) → \(new)")
      bytes[place] = old
      #expect(unsafe pwrite(file, [old], 1, off_t(place)) == 1)
      tried += 1
    }
    #expect(complaint() == nil && tried > count * 9 / 10)
    print("P4: \(tried) changed bytes, all found")
  }

  @Test func `a file cut short is always found`() throws {
    let all = Self.whole.count, count = min(all, Effort.count("DAMAGE", usual: 4_000))
    var random = SplitMix(seed: 5)
    TemporaryDirectory.write(Self.whole, to: path)
    // Downwards, so that one file does for all.
    let lengths =
      count == all ? Array((0..<all).reversed()) : Set((0..<count).map { _ in Int(random.next() % UInt64(all)) }).sorted(by: >)
    for length in lengths {
      #expect(unsafe truncate(path, off_t(length)) == 0)
      try expectNamed(complaint(), "\(length) bytes")
    }
    print("P4: \(lengths.count) truncations, all found")
  }

  @Test func `zeroed, exchanged and repeated sectors are found, and so is what another file says`() throws {
    let sector = 4_096, sectors = (Self.whole.count + sector - 1) / sector
    func range(_ index: Int) -> Range<Int> { index * sector..<min((index + 1) * sector, Self.whole.count) }
    var tried = 0, random = SplitMix(seed: 7)
    // All pairs of sectors, or so many of them.
    let pairs = sectors * sectors, share = min(1, Double(Effort.count("DAMAGE", usual: 800)) / Double(pairs))
    func expectFound(_ bytes: [UInt8], _ what: String) throws {
      guard bytes != Self.whole else { return }
      try expectNamed(complaint(bytes), what)
      tried += 1
    }
    for one in 0..<sectors {
      var bytes = Self.whole
      for index in range(one) { bytes[index] = 0 }
      try expectFound(bytes, "sector \(one) of zeros")
      for other in 0..<sectors where other != one && random.unit() < share {
        var bytes = Self.whole
        let (from, to) = (range(other), range(one)), count = min(from.count, to.count)
        bytes.replaceSubrange(to.prefix(count), with: Self.whole[from.prefix(count)])
        try expectFound(bytes, "sector \(one) with the bytes of \(other)")
        bytes.replaceSubrange(from.prefix(count), with: Self.whole[to.prefix(count)])
        if one < other { try expectFound(bytes, "sectors \(one) and \(other) exchanged") }
      }
    }
    try expectFound(Self.whole + [0], "a byte more")
    try expectFound(Self.whole + Self.whole, "twice")
    print("P4: \(tried) damaged sectors, all found")
  }

  @Test func `the daemon falls back and keeps what was damaged`() throws {
    var random = SplitMix(seed: 6)
    let count = Effort.count("FALLBACKS", usual: 40)
    for turn in 0..<count {
      var bytes = Self.whole
      let place = Int(random.next() % UInt64(bytes.count))
      switch turn % 4 {
      case 0: bytes[place] ^= 1 << UInt8(random.next() % 8)
      case 1: bytes.removeSubrange(place...)
      case 2: for index in place..<min(place + 512, bytes.count) { bytes[index] = 0 }
      default: bytes.replaceSubrange(place..<min(place + 4_096, bytes.count), with: bytes.prefix(4_096))
      }
      if bytes != Self.whole { try expectFallback([Self.name: bytes], "turn \(turn) at \(place)") }
    }
    // A misdirected write: the other generation's file, sound in itself.
    try expectFallback([Self.name: Self.fixture.files["base.1"]!], "the other generation")
    print("P4: \(count) starts on a damaged store, all with the previous generation")
  }

  @Test func `what is damaged is kept, three at most, and nothing is made of two damaged ones`() throws {
    Self.fixture.write(to: directory)
    for generation in 2..<7 {
      var bytes = Self.whole
      bytes[20] ^= UInt8(generation)
      TemporaryDirectory.write(bytes, to: directory.path + "/base.\(generation)")
      #expect(try StoreFixture.load(directory).contents == Self.fixture.previous)
    }
    #expect(directory.names.filter { $0.hasSuffix(".corrupt") } == ["base.4.corrupt", "base.5.corrupt", "base.6.corrupt"])
    TemporaryDirectory.write(Array(Self.whole.dropLast()), to: directory.path + "/base.7")
    TemporaryDirectory.write([], to: directory.path + "/base.1")
    let nothing = try StoreFixture.load(directory)
    #expect(nothing.report.generation == nil && nothing.report.problems.count == 2)
    #expect(nothing.contents == StoreFixture.fingerprint(StoreFixture.engine()))
  }

  /// P13: what a newer ballconed wrote is left where it is.
  @Test func `an unknown version is refused and its file untouched`() throws {
    var bytes = Self.whole
    bytes[8] = 2
    let sum = unsafe bytes.withUnsafeBufferPointer { unsafe CRC32C.checksum($0.baseAddress!, count: 60) }
    for index in 0..<4 { bytes[60 + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))) }
    Self.fixture.write(to: directory, changing: [Self.name: bytes])
    // Going on from the one before would in time remove what only the newer ballconed can read.
    let error = #expect(throws: StoreError.self) { _ = try StoreFixture.load(directory) }
    #expect(error?.description.contains("version 2") == true, "\(error.map(\.description) ?? "")")
    #expect(TemporaryDirectory.contents(path) == bytes && !directory.names.contains("base.2.corrupt"))
  }

  /// S19: sketches of two keys are never merged, and nothing is thrown away for that.
  @Test func `a store of another visitor key is refused with what to do, and its files are untouched`() throws {
    Self.fixture.write(to: directory, changing: ["key": Array("ff0102030405060708090a0b0c0d0e0f\n".utf8)])
    let error = #expect(throws: StoreError.self) { try StoreFixture.load(directory) }
    let said = error?.description ?? ""
    #expect(said.contains("visitors of another key") && said.contains("put back the file key"), "\(said)")
    for name in ["base.1", "base.2"] {
      #expect(TemporaryDirectory.contents(directory.path + "/" + name) == Self.fixture.files[name], "\(name)")
    }
    // Without any key one may still look, as into a backup.
    unsafe unlink(directory.path + "/key")
    let engine = StoreFixture.engine()
    #expect(try Store(readOnly: directory.path).load(into: engine).problems.isEmpty)
    #expect(StoreFixture.fingerprint(engine) == Self.fixture.newest)
    #expect(!directory.names.contains("key"))
    // A credential of the supervisor wins over the file, and is never copied into it.
    let credentials = TemporaryDirectory()
    TemporaryDirectory.write(StoreFixture.keyText, to: credentials.path + "/visitor-key")
    let again = StoreFixture.engine()
    #expect(try Store(directory.path, credentials: credentials.path).load(into: again).problems.isEmpty)
    #expect(StoreFixture.fingerprint(again) == Self.fixture.newest && !directory.names.contains("key"))
  }

  @Test func `damage in a journal is found, and what lies before it counts`() throws {
    let place = TemporaryDirectory(inMemory: true)
    StoreFixture.small.write(to: place)
    var contents: [[String]] = []
    do {
      let store = try Store(place.path), engine = StoreFixture.engine()
      _ = try store.load(into: engine)
      store.beginJournal(engine)
      contents.append(StoreFixture.summary(engine))
      for turn in 1...4 {
        let events = StoreFixture.events(20, seed: UInt64(60 + turn), from: StoreFixture.now - 7_200)
        SeededEvents.ingest(events, into: engine)
        try store.save(engine, second: StoreFixture.now + turn)
        contents.append(StoreFixture.summary(engine))
      }
    }
    let name = try #require(place.names.first { $0.hasPrefix("journal.") && !$0.hasSuffix(".corrupt") })
    var files: [String: [UInt8]] = [:]
    for each in place.names where each != "lock" { files[each] = TemporaryDirectory.contents(place.path + "/" + each) }
    let whole = try #require(files[name]), count = Effort.count("FALLBACKS", usual: 120)
    var random = SplitMix(seed: 8)
    for turn in 0..<count {
      var bytes = whole
      let at = Int(random.next() % UInt64(bytes.count)), isCut = turn % 3 == 2
      if isCut { bytes.removeSubrange(at...) } else { bytes[at] ^= [0x01, 0x80, 0xff, 0x10][turn % 4] }
      StoreFixture(files: files, newest: 0, previous: 0).write(to: directory, changing: [name: bytes])
      let store = try Store(directory.path), engine = StoreFixture.engine(), report = try store.load(into: engine)
      let found = StoreFixture.summary(engine)
      try #require(contents.contains(found), "turn \(turn) at \(at): \(found)")
      // A cut between two frames looks like a save that was not made yet; a changed byte never does.
      if !isCut { try #require(!report.problems.isEmpty || !report.notes.isEmpty, "turn \(turn) at \(at): nothing said") }
    }
    print("P4: \(count) damaged journals of \(whole.count) bytes, none believed")
  }
}
