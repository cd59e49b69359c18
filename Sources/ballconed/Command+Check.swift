internal import Glibc
internal import TSEngine

extension Command {
  /// `ballconed check`: one line a snapshot or journal. 0 all sound (what a crash left unfinished is sound, and said), 1 one damaged, 2 no such directory.
  static func check(_ options: Options) throws(UsageError) -> CInt {
    let reports: [Store.FileReport]
    do throws(StoreError) { reports = try Store.check(options.dataDirectory) } catch {
      throw UsageError(message: error.description)
    }
    if reports.isEmpty { Log.write("\(options.dataDirectory): no snapshot yet", to: STDOUT_FILENO) }
    for report in reports {
      let holds = report.isJournal ? ", \(report.rows) rows in \(report.frames) frames" : ""
      let sound = "\(report.name): sound, \(report.bytes) bytes\(holds), written \(Timestamp.text(report.writtenAt))"
      Log.write(report.problem.map { "\(report.name): damaged: \($0)" } ?? sound, to: STDOUT_FILENO)
      if let note = report.note { Log.write(note, to: STDOUT_FILENO) }
    }
    return reports.contains { $0.problem != nil } ? 1 : 0
  }
}
