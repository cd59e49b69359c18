internal import CMalloc
internal import Glibc
internal import Syslog
internal import TSEngine

extension Command {
  /// `ballconed migrate`: tables of the original Ballcone, as CSV. 0 when any row was understood, 1 when none was or a file
  /// cannot be read.
  static func migrate(_ options: Options) throws -> CInt {
    guard !options.operands.isEmpty else {
      throw UsageError(message: "cannot migrate: got no file, want tables of Ballcone as CSV, or - for standard input")
    }
    for file in options.operands where options.text(.service) == nil {
      if file != "-", IngestOptions.isValid(service: service(of: file)) { continue }
      throw UsageError(
        message: "cannot tell the site of \(Log.quoted(file)): got no --service, want it or a file named as the site, blog.csv")
    }
    try checkService(options)
    let state = try State(options, mode: .importing)
    let countries = try Countries(options)
    var ingest = try IngestOptions(options, countries: countries.lookup), understood = false, failed = false
    for file in options.operands {
      ingest.service = options.text(.service) ?? service(of: file)
      var table = BallconeImport(
        engine: state.engine, options: ingest, ledger: state.ledger, again: options.isOn(.again), clock: { time(nil) })
      table.read(path: file)
      state.importsEnding.add(1)
      let result = table.finish()
      state.importsEnded.add(1)
      let outcome = FileOutcome(result)
      outcome.print(file, to: ingest.service)
      understood = understood || outcome.understood
      failed = failed || outcome.failure != nil
    }
    state.engine.tick()
    ballcone_give_back()
    try state.save()
    return understood && !failed ? 0 : 1
  }

  /// The name of Ballcone's table, which was its service.
  private static func service(of file: String) -> String {
    let name = file.split(separator: "/").last.map(String.init) ?? ""
    return (name.hasSuffix(".csv") ? String(name.dropLast(4)) : name).lowercased()
  }
}
