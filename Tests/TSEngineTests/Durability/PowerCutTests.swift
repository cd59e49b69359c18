import Testing

@testable import TSEngine

/// RELIABILITY P3: whatever a power cut leaves, the previous save is there or the new one, whole.
@Suite(.serialized, .timeLimit(.minutes(30))) struct PowerCutTests {
  /// What the store did, and what was counted at each save; the first is what lay there before.
  private struct Story {
    var before: PowerCut.Files = [:]
    var changes: [FileFaults.Change] = []
    var contents: [[String]] = []
    var path = ""
  }

  /// Four saves of a daemon that starts on two generations.
  private func story(_ mutant: FileFaults.Mutant? = nil, journal: Bool = false) throws -> Story {
    let directory = TemporaryDirectory(inMemory: true), fixture = StoreFixture.small
    fixture.write(to: directory)
    var story = Story(before: fixture.files, path: directory.path)
    let recorder = FileFaults(mutant: mutant)
    try FileFaults.$current.withValue(recorder) {
      let store = try Store(directory.path), engine = StoreFixture.engine()
      _ = try store.load(into: engine)
      if journal { store.beginJournal(engine) }
      story.contents.append(StoreFixture.summary(engine))
      for turn in 1...4 {
        let events = StoreFixture.events(30, seed: UInt64(40 + turn), from: StoreFixture.now - 7_200)
        SeededEvents.ingest(events, into: engine)
        story.contents.append(StoreFixture.summary(engine))
        // With a journal, one of them is a new base, which ends a journal and begins the next.
        if journal, turn == 3 {
          try store.saveBase(engine, second: StoreFixture.now + turn)
        } else {
          try store.save(engine, second: StoreFixture.now + turn)
        }
        recorder.note(.mark(turn))
      }
    }
    story.changes = recorder.changes
    return story
  }

  /// Loads every state; gives how many there were and what was wrong with those that were.
  /// - Parameter enough: ends after so many wrong ones.
  private func enumerate(_ story: Story, enough: Int = .max) throws -> (states: Int, wrong: [String]) {
    let directory = TemporaryDirectory(inMemory: true)
    var disk = PowerCut(story.path, story.before), seen: Set<Int> = [], wrong: [String] = []
    for (number, change) in [FileFaults.Change.mark(0)].enumerated() + story.changes.enumerated().map({ ($0 + 1, $1) }) {
      disk.apply(change)
      if wrong.count >= enough { break }
      try disk.forEachState { files in
        var hasher = Hasher()
        for name in files.keys.sorted() where !name.hasSuffix(AtomicFile.suffix) {
          hasher.combine(name)
          hasher.combine(files[name])
        }
        hasher.combine(disk.marks)
        guard wrong.count < enough, seen.insert(hasher.finalize()).inserted else { return }
        // Acknowledged is the save of the last mark; the next one may have got there already.
        let allowed = story.contents[disk.marks...min(disk.marks + 1, story.contents.count - 1)]
        StoreFixture(files: files, newest: 0, previous: 0).write(to: directory)
        let store = try Store(directory.path), engine = StoreFixture.engine()
        let report = try store.load(into: engine), found = StoreFixture.summary(engine)
        // A file is whole under its name or not there, even where the generation before it would make up for that.
        if !allowed.contains(found) || !report.problems.isEmpty {
          wrong.append("after change \(number), save \(disk.marks): \(report.problems.first ?? found.first ?? "nothing")")
        }
      }
    }
    return (seen.count, wrong)
  }

  @Test(arguments: [false, true])
  func `every state that a power cut may leave loads to the last save or the next`(journal: Bool) throws {
    let story = try story(journal: journal), (states, wrong) = try enumerate(story)
    #expect(wrong.isEmpty, "\(wrong.count) of \(states): \(wrong.prefix(3))")
    #expect(states >= 10)
    print("P3: \(journal ? "journal" : "bases"): \(story.changes.count) changes, \(states) states, \(wrong.count) bad")
  }

  @Test func `a journal that is not synced is noticed`() throws {
    for mutant in [FileFaults.Mutant.noSync, .noDirectorySync] {
      let (states, wrong) = try enumerate(try story(mutant, journal: true), enough: 20)
      #expect(!wrong.isEmpty, "\(mutant): \(states) states")
      print("P3: journal, \(mutant): \(states) states, \(wrong.count) bad")
    }
  }

  @Test(arguments: FileFaults.Mutant.allCases) func `a protocol that loses data is noticed`(mutant: FileFaults.Mutant) throws {
    let (states, wrong) = try enumerate(try story(mutant), enough: 20)
    #expect(!wrong.isEmpty, "\(mutant): \(states) states")
    print("P3: \(mutant): \(states) states, \(wrong.count) bad")
  }
}
