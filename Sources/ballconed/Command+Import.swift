internal import CMalloc
internal import Glibc
internal import Syslog
internal import TSEngine

extension Command {
  /// `ballconed import`: 0 when anything was understood, 1 when nothing was or a file cannot be read.
  static func importing(_ options: Options) throws -> CInt {
    guard !options.operands.isEmpty else {
      throw UsageError(message: "cannot import: got no file, want files, or - for standard input")
    }
    try checkService(options)
    if options.text(.importFormat) == Option.exportFormat { return try importExport(options) }
    guard let url = options.text(.to) else { return try importHere(options) }
    guard !options.isGiven(.data) else {
      throw UsageError(message: "cannot import: got both --data and --to, want one of them")
    }
    return try importThere(options, url)
  }

  // MARK: Into a directory

  private static func importHere(_ options: Options) throws -> CInt {
    let state: State
    do throws(Failure) { state = try State(options, mode: .importing) } catch {
      throw Failure(error.message + "; a running daemon takes logs by --to http://127.0.0.1:8080")
    }
    let countries = try Countries(options)
    var ingest = try IngestOptions(options, countries: countries.lookup)
    ingest.format = options.text(.importFormat).flatMap { RecordFormat(rawValue: $0) } ?? .auto
    ingest.service = options.text(.service)
    var understood = false, failed = false
    // A long log must not take more than a daemon does.
    let thrift = try Worker(every: 1) { _ in
      ballcone_give_back()
      return true
    }
    defer { _ = thrift.stop(within: 1_000) }
    for file in options.operands {
      var log = LogImport(
        engine: state.engine, options: ingest, ledger: state.ledger, again: options.isOn(.again), clock: { time(nil) })
      log.read(path: file)
      state.importsEnding.add(1)
      let result = log.finish()
      state.importsEnded.add(1)
      let outcome = FileOutcome(result)
      outcome.print(file)
      understood = understood || outcome.understood
      failed = failed || outcome.failure != nil
    }
    state.engine.tick()  // closes what is over: a smaller snapshot
    ballcone_give_back()  // what read the log is not what writes the snapshot
    try state.save()
    return understood && !failed ? 0 : 1
  }

  // MARK: Into a daemon

  private static func importThere(_ options: Options, _ url: String) throws -> CInt {
    var target =
      (url.hasSuffix("/") ? String(url.dropLast()) : url) + "/api/v1/import?format=\(options.text(.importFormat) ?? "auto")"
    if let service = options.text(.service) { target += "&service=" + Report.encoded(service) }
    if options.isOn(.again) { target += "&again=1" }
    var understood = false, failed = false
    for file in options.operands {
      let answer = try Report.checked(Curl.post(file: file, to: target))
      func number(_ name: String) -> Int { answer[name]?.double.map { Int($0) } ?? 0 }
      var outcome = FileOutcome(
        counted: number("counted"), known: number("known"), excluded: number("excluded"), failure: answer["failure"]?.text)
      if case .object(let reasons) = answer["rejected_by"] {
        outcome.rejected = reasons.map { ($0.key, Int($0.value.double ?? 0)) }
      }
      outcome.print(file)
      understood = understood || outcome.understood
      failed = failed || outcome.failure != nil
    }
    return understood && !failed ? 0 : 1
  }
}
