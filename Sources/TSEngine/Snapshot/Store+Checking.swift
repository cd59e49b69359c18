internal import Glibc

extension Store {
  /// A file of the directory and what is known of it.
  package struct FileReport: Sendable {
    package let name: String
    package var isJournal = false
    package var sections: [SectionReport] = []  // of a base
    package var frames = 0, rows = 0  // of a journal
    package var problem: String?  // nil: sound
    package var note: String?  // what is no damage: the unfinished write of a crash
    package var writtenAt = 0, bytes = 0
    package init(name: String) { self.name = name }
  }

  /// Checks every base and journal of a directory, byte by byte and value by value, without disturbing a daemon that uses it.
  /// Bases come first, newest first; then journals, oldest first; then, if need be, what is wrong with them taken together.
  package static func check(_ path: String) throws(StoreError) -> [FileReport] {
    let files = try files(of: path)
    var starts: [UInt64] = []  // where something goes on: a frame before that is on the disk
    for file in files.bases { if var reader = try? SnapshotReader(file) { starts += (try? [sequence(of: &reader)]) ?? [] } }
    for file in files.journals { if let first = (try? JournalReader(file))?.header?.first { starts.append(first) } }
    var reports = files.bases.map { checkBase($0) } + files.journals.map { checkJournal($0, starts) }
    reports.removeAll { report in
      let isThere = unsafe access(report.name, F_OK) == 0  // or a daemon has removed it meanwhile
      return report.problem != nil && !isThere
    }
    if reports.contains(where: \.isJournal), !reports.contains(where: { $0.problem != nil }) {
      let engine = Engine(EngineOptions(), accounting: Accounting()) { 0 }
      let found = try Store(readOnly: path).load(into: engine)
      for problem in found.problems {
        var report = FileReport(name: path)
        report.problem = problem
        reports.append(report)
      }
    }
    return reports
  }

  private static func checkBase(_ file: String) -> FileReport {
    var report = FileReport(name: file)
    do throws(SnapshotError) {
      report.sections = try Snapshot.verify(file)
      report.problem = report.sections.lazy.compactMap { $0.problem?.description }.first
      if report.problem == nil {
        var reader = try SnapshotReader(file)
        (report.writtenAt, report.bytes) = (reader.writtenAt, reader.fileBytes)
        try EngineState(EngineOptions()).load(&reader)
        _ = try sequence(of: &reader)
      }
    } catch {
      report.problem = error.description
    }
    return report
  }

  private static func checkJournal(_ file: String, _ starts: [UInt64]) -> FileReport {
    var report = FileReport(name: file)
    report.isJournal = true
    do throws(SnapshotError) {
      var reader = try JournalReader(file)
      report.bytes = reader.fileBytes
      report.writtenAt = reader.header?.writtenAt ?? 0
      while let (frame, _) = unsafe try reader.next() {
        report.frames += 1
        report.rows += frame.rows
        report.writtenAt = frame.writtenAt
      }
      report.note = reader.torn.map { text(ofTorn: $0, reader.name) }
      let next = reader.sequence
      // What goes on from here begins with the very next frame; where only later ones are there, some were lost.
      if let later = starts.filter({ $0 >= next }).min(), isMissing(next, before: later) {
        throw SnapshotError(
          file: reader.name, section: nil, offset: reader.position, got: "no frame \(next)",
          want: "one, since frame \(later) is there")
      }
    } catch {
      report.problem = error.description
    }
    return report
  }

  private static func files(of path: String) throws(StoreError) -> (bases: [String], journals: [String]) {
    do throws(DirectoryError) {
      let directory = try DataDirectory(readOnly: path)
      do throws(FileError) {
        return (
          try directory.generations().map { directory.basePath($0) }, try directory.journals().map { directory.journalPath($0) }
        )
      } catch {
        throw .file(error)
      }
    } catch {
      throw .directory(error)
    }
  }
}
