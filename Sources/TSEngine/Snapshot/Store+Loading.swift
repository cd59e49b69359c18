internal import Glibc

extension Store {
  /// What is being put together.
  private struct Loading {
    var state: EngineState
    var report = LoadReport()
    var first: UInt64 = 0  // journals from this number on
    var expected: UInt64 = 0  // number of the next frame
    var isFound = false, isWhole = true, isTorn = false
  }

  /// Fills `engine`, which must be new: the newest sound base, then the journals that go on from it. Damaged files are set
  /// aside and named.
  /// - Throws: also when a file is of a newer version; nothing is changed then.
  package func load(into engine: Engine) throws(StoreError) -> LoadReport {
    let began = MonotonicClock.seconds()
    var loading = Loading(state: EngineState(engine.options))
    // A daemon that is running may remove a file between the list and its reading.
    for attempt in 1...3 {
      let isMoving = try loadOnce(&loading, engine.options)
      if !isReadOnly || !isMoving || attempt == 3 { break }
      loading = Loading(state: EngineState(engine.options))
    }
    loading.state.endReplay()
    engine.replace(loading.state)
    settle(loading)
    loading.report.seconds = MonotonicClock.seconds() - began
    savedChanges = engine.changes
    baseChanges = loading.report.rows == 0 ? savedChanges : -1
    let report = loading.report
    engine.note { note in
      (note.durableAt, note.bytes, note.journalBytes) = (report.writtenAt, report.bytes, report.journalBytes)
      note.fallbacks += report.problems.count
    }
    return report
  }

  /// What the next journal goes on from.
  private func settle(_ loading: Loading) {
    let report = loading.report
    (journalBytes, baseBytes) = (report.journalBytes, report.bytes)
    startsEmpty = report.generation == nil && report.rows == 0
    isBaseDue = loading.isTorn || !loading.isWhole || !report.problems.isEmpty
    if loading.isFound, loading.isWhole { sequence = loading.expected } else { jump() }
  }

  /// Whether a file vanished while this read.
  private func loadOnce(_ loading: inout Loading, _ options: EngineOptions) throws(StoreError) -> Bool {
    let bases: [UInt64], journals: [UInt64]
    do throws(FileError) {
      (bases, journals, highest) = (try directory.generations(), try directory.journals(), try directory.highest())
    } catch {
      throw .file(error)
    }
    var isMoving = false
    for start in starts(bases, journals) {
      do throws(SnapshotError) {
        if let header = start.header {
          (loading.first, loading.expected, loading.isFound) = (start.number, header.first, true)
        } else {
          try loadBase(start.number, &loading, options)
        }
        break
      } catch {
        if error.kind == .version || error.kind == .key { throw .snapshot(error) }
        if case .system(let failure) = error.kind, failure.code == ENOENT { isMoving = true }
        loading.report.problems.append(error.description)
        loading.isWhole = false
        loading.state = EngineState(options)
        if error.kind == .damaged, !isReadOnly { try? directory.setAside(start.number) }
      }
    }
    // A damaged base is no loss when what is older leads to the same.
    if loading.isFound { loading.isWhole = true }
    // Without one every journal is looked at as well: to say what is wrong with it.
    for number in journals where loading.isWhole && number >= loading.first || !loading.isFound {
      isMoving = try replay(number, &loading) || isMoving
    }
    return isMoving
  }

  /// Where a recovery may begin, the newest first: bases, and journals that begin with an empty state.
  private func starts(_ bases: [UInt64], _ journals: [UInt64]) -> [(number: UInt64, header: JournalHeader?)] {
    var starts: [(number: UInt64, header: JournalHeader?)] = bases.map { ($0, nil) }
    for number in journals {
      guard let reader = try? JournalReader(directory.journalPath(number)), let header = reader.header, header.startsEmpty,
        header.generation == number, isOurs(header.keyID)
      else { continue }
      starts.append((number, header))
    }
    return starts.sorted { $0.number > $1.number }
  }

  private func loadBase(_ number: UInt64, _ loading: inout Loading, _ options: EngineOptions) throws(SnapshotError) {
    var reader = try SnapshotReader(directory.basePath(number))
    guard reader.generation == number else {
      throw SnapshotError(
        file: reader.name, section: nil, offset: 16, got: "generation \(reader.generation)", want: "\(number)")
    }
    guard isOurs(reader.keyID) else { throw otherKey(reader.name) }
    try loading.state.load(&reader)
    loading.expected = try Self.sequence(of: &reader)
    (loading.first, loading.isFound) = (number, true)
    let report = (number, reader.fileBytes, reader.writtenAt)
    (loading.report.generation, loading.report.bytes, loading.report.writtenAt) = report
  }

  /// Number of the first frame that goes on from a base; one that was put together from an export begins a count of its own.
  static func sequence(of reader: inout SnapshotReader) throws(SnapshotError) -> UInt64 {
    guard let section = reader.section("journal") else { return reader.generation << 32 }
    let number = try unsafe reader.withBytes(section, limitBytes: 8) { cursor in unsafe cursor.fixed(UInt64.self) }
    guard section.rawBytes == 8, number < 1 << 63 else {
      throw SnapshotError(
        file: reader.name, section: "journal", offset: section.offset, got: "\(section.rawBytes) bytes", want: "a number in 8")
    }
    return number
  }

  /// Who only looks into a directory without a key counts nobody, so any key is as good.
  private func isOurs(_ id: UInt64) -> Bool { id == keyID || isReadOnly && !hasKey }

  private func otherKey(_ name: String) -> SnapshotError {
    SnapshotError(
      kind: .key, file: name, section: nil, offset: 24, got: "visitors of another key",
      want: "those of the key beside it: put back the file key (or the credential) that this directory was counted under, or, "
        + "if it is lost, move base.* and journal.* away and begin anew; under another key the same visitor would count twice")
  }

  // MARK: Journals

  /// Counts a journal again. Whether it vanished meanwhile.
  private func replay(_ number: UInt64, _ loading: inout Loading) throws(StoreError) -> Bool {
    do throws(SnapshotError) {
      var reader = try JournalReader(directory.journalPath(number))
      try replay(&reader, number, &loading)
      if let torn = reader.torn {
        loading.isTorn = true
        loading.report.notes.append(Self.text(ofTorn: torn, reader.name))
      }
      return false
    } catch {
      if error.kind == .version || error.kind == .key { throw .snapshot(error) }
      loading.report.problems.append(error.description)
      loading.isWhole = false
      if error.kind == .damaged, !isReadOnly { damagedJournals.append(number) }
      if case .system(let failure) = error.kind { return failure.code == ENOENT }
      return false
    }
  }

  /// Whether frames are missing that were there once, and not merely rows that no journal ever had: then numbers jump.
  static func isMissing(_ frame: UInt64, before next: UInt64) -> Bool { next > frame && next >> 32 == frame >> 32 }

  static func text(ofTorn torn: (offset: Int, bytes: Int), _ name: String) -> String {
    "\(name): \(torn.bytes) bytes of an unfinished write at offset \(torn.offset) were left out"
  }

  private func replay(_ reader: inout JournalReader, _ number: UInt64, _ loading: inout Loading) throws(SnapshotError) {
    guard let header = reader.header else { return }
    func damage(at offset: Int, _ got: String, _ want: String) -> SnapshotError {
      SnapshotError(file: reader.name, section: nil, offset: offset, got: got, want: want)
    }
    guard header.generation == number else { throw damage(at: 16, "generation \(header.generation)", "\(number)") }
    guard isOurs(header.keyID) else { throw otherKey(reader.name) }
    guard loading.isFound else {
      let want = "\(directory.basePath(number)) or one before it"
      throw SnapshotError(
        kind: .misuse, file: reader.name, section: nil, offset: 0, got: "no snapshot it goes on from", want: want)
    }
    guard header.first == loading.expected else {
      loading.isWhole = false
      if Self.isMissing(loading.expected, before: header.first) {
        throw SnapshotError(
          kind: .misuse, file: reader.name, section: nil, offset: 32, got: "frame \(header.first) as the first",
          want: "frame \(loading.expected), which the journal before it has lost")
      }
      loading.report.notes.append(
        "\(reader.name): left out, it begins with frame \(header.first) and frame \(loading.expected) is missing")
      return
    }
    var at = reader.position
    loading.report.journals += 1
    while let (frame, payload) = unsafe try reader.next() {
      var cursor = unsafe payload
      let before = loading.state.changes, problem = unsafe loading.state.replay(&cursor)
      let rows = loading.state.changes - before
      loading.report.rows += rows
      if let problem { throw damage(at: at, problem, "rows and operations") }
      guard rows == frame.rows else { throw damage(at: at, "\(rows) rows", "\(frame.rows)") }
      loading.expected = reader.sequence
      loading.report.writtenAt = max(loading.report.writtenAt, frame.writtenAt)
      at = reader.position
    }
    loading.report.journalBytes += reader.fileBytes
  }
}
