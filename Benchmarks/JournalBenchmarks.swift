internal import Glibc
internal import TSEngine

/// What journalling costs: an event on its way in, with and without, in turns; five seconds at 20,000 events/s to the disk; and
/// counting them again after a crash.
enum JournalBenchmarks {
  private static let rowsASave = 100_000, batchesAWrite = 20

  static func run(events count: Int = 1_000_000) {
    let directory = "/tmp/ballconed-journal-\(getpid())"
    defer { remove(directory) }
    do {
      var without: [Double] = [], with: [Double] = [], writing: [Double] = []
      for _ in 0..<3 {
        without.append(try ingest(count, nil).engine)
        remove(directory)
        let (engine, saves) = try ingest(count, directory)
        with.append(engine)
        writing += saves
      }
      let (plain, noted) = (median(without), median(with))
      Report.text(
        "journal: ingest \(rounded(plain)) ns an event without, \(rounded(noted)) with: \(rounded(noted - plain)) more")
      Report.text("journal: \(rowsASave) rows to the disk: \(rounded(median(writing) * 1e3)) ms CPU")
      let store = try Store(directory)
      var options = EngineOptions()
      options.visitorKey = store.visitorKey
      let engine = Engine(options, accounting: Accounting()) { QuerySite.now }, began = Clock.cpu()
      let report = try store.load(into: engine)
      let seconds = Clock.cpu() - began
      Report.text(
        "journal: \(report.rows) rows of \(rounded(Double(report.journalBytes) / Double(max(1, report.rows)))) bytes counted again: "
          + "\(rounded(seconds * 1e9 / Double(max(1, report.rows)))) ns each, \(report.journalBytes) bytes, \(report.problems.count) problems"
      )
    } catch {
      Report.text("journal: \(error)")
    }
  }

  /// CPU time an event inside the engine, and for each hundred thousand rows written.
  private static func ingest(_ count: Int, _ directory: String?) throws -> (engine: Double, saves: [Double]) {
    let site = QuerySite(0), store = try directory.map { try Store($0) }
    store?.beginJournal(site.engine)  // the first save is a base, which has the names of agents
    var batch = EventBatch(), spent = 0.0, writing = 0.0, saves: [Double] = [], sent = 0, batches = 0, due = rowsASave
    while sent < count {
      while !batch.isFull, sent < count {
        site.append(to: &batch, second: QuerySite.now - 86_400 * 7 + sent * 86_400 * 7 / count)
        sent += 1
      }
      let began = Clock.cpu()
      site.engine.ingest(&batch)
      spent += Clock.cpu() - began
      batches += 1
      guard let store else { continue }
      let start = Clock.cpu()
      if sent >= due {
        _ = try store.save(site.engine, second: sent)
      } else if batches % batchesAWrite == 0 {
        store.writeWaiting(site.engine, second: sent)
      }
      writing += Clock.cpu() - start
      if sent >= due {
        saves.append(writing)
        writing = 0
        due += rowsASave
      }
    }
    return (spent * 1e9 / Double(count), saves)
  }

  private static func remove(_ directory: String) {
    for number in 0..<40 { for kind in ["base", "journal"] { unsafe unlink("\(directory)/\(kind).\(number)") } }
    for name in ["lock", "key"] { unsafe unlink("\(directory)/\(name)") }
    unsafe rmdir(directory)
  }

  private static func median(_ times: [Double]) -> Double { times.sorted()[times.count / 2] }
  private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
