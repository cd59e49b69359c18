extension Store {
  /// A journal is not let grow beyond this, so that counting it again takes a second at most.
  static let journalLimit = 16 << 20, journalFloor = 4 << 20

  /// From now on rows go to a journal; after `load`.
  package func beginJournal(_ engine: Engine) {
    precondition(!isReadOnly)
    engine.beginJournal()
    isJournalling = true
  }

  /// Brings everything that was counted before the call to the disk; nil when it was there already.
  /// - Parameter isLast: the end in order: leaves a base, so that nothing has to be counted again.
  @discardableResult
  package func save(_ engine: Engine, second: Int, isLast: Bool = false) throws(StoreError) -> SaveReport? {
    precondition(!isReadOnly)
    let changes = engine.changes, began = MonotonicClock.seconds(), before = journalBytes
    var problem: FileError?
    if isJournalling, !isHoled {
      do throws(FileError) { try writeJournal(engine, all: true, second) } catch { problem = error }
    }
    if isBaseNeeded(changes, isLast: isLast) {
      var report = try saveBase(engine, second: second)
      report.problem = problem?.description
      return report
    }
    engine.note { $0.durableAt = second }
    if changes == savedChanges { return nil }
    savedChanges = changes
    return SaveReport(
      generation: journalNumber ?? highest, bytes: journalBytes - before, seconds: MonotonicClock.seconds() - began,
      isBase: false)
  }

  private func isBaseNeeded(_ changes: Int, isLast: Bool) -> Bool {
    if isHoled { return true }
    if !isJournalling { return changes != savedChanges || isBaseDue }
    if isLast { return changes != baseChanges || isBaseDue }
    let isOutgrown = journalBytes > min(Self.journalLimit, max(Self.journalFloor, baseBytes))
    // What could not be written just now waits a while: the journal goes on meanwhile.
    return (isBaseDue || isOutgrown) && MonotonicClock.seconds() >= retryBaseAt
  }

  /// Writes what waits for the disk because a block is full; between two saves, and as often as the engine asks
  /// (`whenJournalWaits`). Problems show at the next `save`.
  /// - Returns: false when the next `save` should not wait: rows are counted that no journal has.
  @discardableResult
  package func writeWaiting(_ engine: Engine, second: Int) -> Bool {
    guard isJournalling, !isHoled else { return true }
    try? writeJournal(engine, all: false, second)
    return !isHoled
  }

  // MARK: Journal

  private func writeJournal(_ engine: Engine, all: Bool, _ second: Int) throws(FileError) {
    if all { engine.closeJournal() }
    // No more than there are: what comes in meanwhile is for the next time.
    for _ in 0..<JournalBuffer.maxBlocks {
      guard let block = engine.takeJournal() else { break }
      defer { engine.giveBack(block) }
      do throws(FileError) {
        try append(block, second)
      } catch {
        isHoled = true
        engine.stopJournal()
        fail(error, engine)
        throw error
      }
    }
    let bytes = journalBytes
    engine.note { $0.journalBytes = bytes }
    if engine.isJournalBroken { isHoled = true }  // an overrun
  }

  private func append(_ block: JournalBuffer.Block, _ second: Int) throws(FileError) {
    do throws(FileError) {
      if journal == nil {
        let number = journalNumber ?? highest + 1
        (journalNumber, highest) = (number, max(highest, number))
        let header = JournalHeader(
          generation: number, keyID: keyID, first: sequence, startsEmpty: startsEmpty, writtenAt: second)
        journal = try JournalWriter(directory.journalPath(number), header)
        startsEmpty = false
        journalBytes += JournalFormat.headerBytes
      }
      try journal?.append(block, writtenAt: second)
      sequence += 1
      journalBytes += block.count
    } catch {
      journal = nil
      throw error
    }
  }

  private func fail(_ error: FileError, _ engine: Engine) {
    engine.note { note in
      note.journalFailures += 1
      if error.call == .fsync { note.fsyncFailures += 1 }
    }
  }

  // MARK: Base

  /// Writes a base now, whatever a journal holds.
  @discardableResult
  package func saveBase(_ engine: Engine, second: Int) throws(StoreError) -> SaveReport {
    let began = MonotonicClock.seconds()
    if isJournalling, !isHoled { try? writeJournal(engine, all: true, second) }
    let pinned = engine.pinnedForBase(), bytesBefore = journalBytes
    let isWhole = begin(pinned, engine, second)
    do throws(StoreError) {
      baseBytes = try write(pinned.image, engine, second)
      engine.unpin(pinned.image)
    } catch {
      engine.unpin(pinned.image)
      give(up: error, engine, isWhole: isWhole, bytesBefore: bytesBefore)
      throw error
    }
    (savedChanges, baseChanges, isBaseDue) = (pinned.changes, pinned.changes, false)
    (retryAfter, retryBaseAt) = (0, 0)
    let report = SaveReport(generation: highestBase, bytes: baseBytes, seconds: MonotonicClock.seconds() - began, isBase: true)
    let bytes = journalBytes
    engine.note { note in
      (note.durableAt, note.bytes, note.seconds, note.journalBytes) = (second, report.bytes, report.seconds, bytes)
    }
    for number in damagedJournals { try? directory.setAside(journal: number) }
    damagedJournals = []
    try? directory.keepNewest(2)
    return report
  }

  /// Ends the journal before a base and begins the next. Whether that goes on from this one.
  private func begin(_ pinned: Engine.Pinned, _ engine: Engine, _ second: Int) -> Bool {
    var isWhole = isJournalling && !isHoled && pinned.isWhole
    for block in pinned.rest {
      if isWhole {
        do throws(FileError) {
          try append(block, second)
        } catch {
          isWhole = false
          fail(error, engine)
        }
      }
      engine.giveBack(block)
    }
    highest += 1
    if !isWhole { sequence = highest << 32 }
    (highestBase, journalNumber, startsEmpty, isHoled) = (highest, highest, false, false)
    journal = nil
    journalBytes = 0
    return isWhole
  }

  private func write(_ image: EngineImage, _ engine: Engine, _ second: Int) throws(StoreError) -> Int {
    let path = directory.basePath(highestBase)
    var lastAll = MonotonicClock.seconds(), bytes = 0
    do throws(FileError) {
      var writer = try SnapshotWriter(path, generation: highestBase, keyID: keyID, writtenAt: second)
      try image.write(to: &writer, sequence: sequence) {
        guard isJournalling, !isHoled else { return }
        let isTime = MonotonicClock.seconds() - lastAll >= 1
        try? writeJournal(engine, all: isTime, second)
        if isTime { lastAll = MonotonicClock.seconds() }
      }
      bytes = try writer.commit()
    } catch {
      throw .file(error)
    }
    // Older ones go once this one is known to be sound.
    do throws(SnapshotError) { try Snapshot.checkSums(path) } catch {
      try? FileSystem.remove(path)
      throw .snapshot(error)
    }
    return bytes
  }

  private func give(up error: StoreError, _ engine: Engine, isWhole: Bool, bytesBefore: Int) {
    journalBytes += bytesBefore
    if !isWhole {
      // The journal just begun goes on from a base that is not there.
      isHoled = true
      journal = nil
      engine.stopJournal()
    }
    isBaseDue = true
    retryAfter = min(600, max(5, retryAfter * 2))
    retryBaseAt = MonotonicClock.seconds() + retryAfter
    var isSync = false
    if case .file(let failure) = error { isSync = failure.call == .fsync }
    engine.note { note in
      note.failures += 1
      if isSync { note.fsyncFailures += 1 }
    }
  }
}
