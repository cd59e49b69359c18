internal import Glibc

/// Why a store cannot be opened or written.
package enum StoreError: Error, CustomStringConvertible {
  case directory(DirectoryError)
  case file(FileError)
  case notEmpty(String)
  package var description: String {
    switch self {
    case .directory(let error): error.description
    case .file(let error): error.description
    case .notEmpty(let path): "got data in \(path), want an empty directory: what was counted twice cannot be told apart"
    }
  }
}

/// The snapshots of one data directory: loads the newest sound one, writes the next, keeps two.
///
/// One thread at a time; it never holds the engine's lock while it touches a file.
package final class Store {
  /// What was found at start.
  package struct LoadReport: Sendable {
    package var generation: UInt64?  // nil: nothing was there, or nothing sound
    package var bytes = 0, writtenAt = 0
    package var seconds = 0.0
    /// What was wrong with newer snapshots, which were set aside: one line each.
    package var problems: [String] = []
  }
  package struct SaveReport: Sendable {
    package var generation: UInt64 = 0, bytes = 0
    package var seconds = 0.0
  }

  let directory: DataDirectory
  private let isReadOnly: Bool
  package let visitorKey: SipKey
  /// Tells the key from others and says nothing about it.
  package let keyID: UInt64
  private var newest: UInt64 = 0
  private var savedChanges = -1

  /// Takes the directory for this process (lock), makes the visitor key at first use.
  package init(_ path: String) throws(StoreError) {
    do throws(DirectoryError) {
      directory = try DataDirectory(path)
      (visitorKey, keyID) = try directory.visitorKey()
    } catch {
      throw .directory(error)
    }
    isReadOnly = false
  }

  /// Looks into a directory that a daemon may be using.
  package init(readOnly path: String) throws(StoreError) {
    do throws(DirectoryError) {
      directory = try DataDirectory(readOnly: path)
      (visitorKey, keyID) = try directory.visitorKey()
    } catch {
      throw .directory(error)
    }
    isReadOnly = true
  }

  // MARK: Loading

  /// Fills `engine`, which must be new, from the newest sound snapshot. Damaged ones are set aside and named.
  package func load(into engine: Engine) throws(StoreError) -> LoadReport {
    var report = LoadReport()
    let began = Self.now(), generations: [UInt64]
    do throws(FileError) { generations = try directory.generations() } catch { throw .file(error) }
    newest = generations.first ?? 0
    for generation in generations {
      do throws(SnapshotError) {
        let state = EngineState(engine.options)
        var reader = try SnapshotReader(directory.basePath(generation))
        guard reader.generation == generation else {
          throw SnapshotError(
            file: reader.name, section: nil, offset: 16, got: "generation \(reader.generation)", want: "\(generation)")
        }
        guard reader.keyID == keyID else {
          throw SnapshotError(
            file: reader.name, section: nil, offset: 24, got: "a snapshot of another visitor key", want: "the key beside it")
        }
        try state.load(&reader)
        engine.replace(state)
        (report.generation, report.bytes, report.writtenAt) = (generation, reader.fileBytes, reader.writtenAt)
        break
      } catch {
        report.problems.append(error.description)
        if error.kind == .damaged, !isReadOnly { try? directory.setAside(generation) }
      }
    }
    report.seconds = Self.now() - began
    savedChanges = engine.changes
    engine.note(
      Engine.SnapshotNote(
        at: report.writtenAt, bytes: report.bytes, seconds: 0, failures: 0, fallbacks: report.problems.count))
    return report
  }

  // MARK: Saving

  /// Writes a snapshot if anything was counted since the last one; nil when there was nothing to write.
  @discardableResult
  package func save(_ engine: Engine, second: Int) throws(StoreError) -> SaveReport? {
    if engine.changes == savedChanges { return nil }
    return try saveBase(engine, second: second)
  }

  package func saveBase(_ engine: Engine, second: Int) throws(StoreError) -> SaveReport {
    let changes = engine.changes
    let began = Self.now(), generation = newest + 1
    var report = SaveReport(generation: generation)
    do throws(FileError) {
      report.bytes = try write(engine, generation, second)
    } catch {
      engine.note(Engine.SnapshotNote(at: 0, bytes: 0, seconds: 0, failures: 1, fallbacks: 0))
      throw .file(error)
    }
    (newest, savedChanges) = (generation, changes)
    report.seconds = Self.now() - began
    engine.note(Engine.SnapshotNote(at: second, bytes: report.bytes, seconds: report.seconds, failures: 0, fallbacks: 0))
    try? directory.keepNewest(2)
    return report
  }

  private func write(_ engine: Engine, _ generation: UInt64, _ second: Int) throws(FileError) -> Int {
    let image = engine.pinned()
    defer { engine.unpin(image) }
    var writer = try SnapshotWriter(directory.basePath(generation), generation: generation, keyID: keyID, writtenAt: second)
    try image.write(to: &writer)
    return try writer.commit()
  }

  private static func now() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

extension Store {
  /// Begins the first snapshot of a directory that has none, from the parts of another store.
  package func beginRestore(services: Int, second: Int) throws(StoreError) -> StoreRestore {
    var isEmpty = false
    do throws(FileError) { isEmpty = try directory.isEmpty() } catch { throw .file(error) }
    guard isEmpty else { throw .notEmpty(directory.path) }
    return try StoreRestore(directory.basePath(1), generation: 1, keyID: keyID, services: services, second: second)
  }

  /// Takes back what `beginRestore` made, when it turns out not to be sound.
  package func removeRestored() throws(StoreError) {
    do throws(FileError) {
      try directory.keepNewest(0)
      try directory.removeCorrupt()
    } catch {
      throw .file(error)
    }
  }
}

extension Store {
  /// A snapshot file and what is known of it.
  package struct FileReport: Sendable {
    package let name: String
    package var sections: [SectionReport] = []
    package var problem: String?  // nil: sound
    package var writtenAt = 0, bytes = 0
  }

  /// Checks every snapshot of a directory, byte by byte and value by value, without disturbing a daemon that uses it.
  package static func check(_ path: String) throws(StoreError) -> [FileReport] {
    try files(of: path).map { file in
      var report = FileReport(name: file)
      do throws(SnapshotError) {
        report.sections = try Snapshot.verify(file)
        report.problem = report.sections.lazy.compactMap { $0.problem?.description }.first
        if report.problem == nil {
          var reader = try SnapshotReader(file)
          (report.writtenAt, report.bytes) = (reader.writtenAt, reader.fileBytes)
          try EngineState(EngineOptions()).load(&reader)
        }
      } catch {
        report.problem = error.description
      }
      return report
    }
  }

  private static func files(of path: String) throws(StoreError) -> [String] {
    do throws(DirectoryError) {
      let directory = try DataDirectory(readOnly: path)
      do throws(FileError) {
        return try directory.generations().map { directory.basePath($0) }
      } catch {
        throw .file(error)
      }
    } catch {
      throw .directory(error)
    }
  }
}
