internal import Glibc
internal import Syslog
internal import TSEngine

extension Command {
  /// `ballconed forget`: erases for good, in a directory that no daemon uses, and says what.
  static func forget(_ options: Options) throws {
    let what = try forgetting(options), directory = options.dataDirectory
    guard !options.keepsNothing, unsafe access(directory, F_OK) == 0 else {
      throw Failure("cannot forget: got no directory \(directory)")
    }
    let (report, files) = try erase(what, in: directory, options.credentials)
    if case .service(let name) = what { try forgetImports(of: name, in: directory) }
    tell(report, what, files)
  }

  private static func erase(_ what: Forgetting, in directory: String, _ credentials: String?) throws(Failure) -> (
    ForgetReport, files: Int
  ) {
    do throws(StoreError) {
      let store = try Store(directory, credentials: credentials)
      var settings = State.copying
      settings.visitorKey = store.visitorKey
      let engine = Engine(settings, accounting: Accounting(), clock: { time(nil) }), loaded = try store.load(into: engine)
      for problem in loaded.problems { Log.line(problem) }
      // What cannot be read cannot be searched either.
      if loaded.generation != nil || loaded.problems.isEmpty {
        let report = engine.forget(what)
        return (report, files: try store.replaceAll(engine, second: time(nil)))
      }
    } catch {
      if case .directory(.locked) = error { throw Failure("\(error): stop the daemon first") }
      throw Failure(error.description)
    }
    throw Failure("cannot forget in \(directory): got no sound snapshot; to erase all of it, remove the directory")
  }

  private static func forgetting(_ options: Options) throws(UsageError) -> Forgetting {
    let service = options.text(.service), paths = options.list(.path)
    guard let text = options.text(.before) else {
      if !paths.isEmpty { return .paths(paths, service: service) }
      if let service { return .service(service) }
      throw UsageError(message: "cannot forget: got nothing, want --before TIME, --service NAME or --path PATH")
    }
    guard paths.isEmpty else { throw UsageError(message: "cannot forget: got both --before and --path, want one of them") }
    guard let second = Timestamp.parse(text) ?? Timestamp.date(text).map({ $0.dayNumber * 86_400 }) ?? Int(text) else {
      throw UsageError(message: "cannot use --before: got \(Log.quoted(text)), want 2026-10-02, RFC 3339 or Unix seconds")
    }
    return .before(second, service: service)
  }

  /// Logs that were counted for the service may be counted again.
  private static func forgetImports(of service: String, in directory: String) throws(Failure) {
    let path = directory + "/" + ImportLedger.fileName, ledger = State.ledger(in: directory)
    let others = ledger.lines().filter { !ledger.lines(of: service).contains($0) }
    guard others.count < ledger.count, let left = ImportLedger(lines: others) else { return }
    do throws(FileError) { try left.save(path: path) } catch { throw Failure(error.description) }
  }

  private static func tell(_ report: ForgetReport, _ what: Forgetting, _ files: Int) {
    func print(_ text: String) { Log.write(text, to: STDOUT_FILENO) }
    for service in report.services {
      if service.isGone {
        print(
          "\(service.name): gone, \(service.requests) requests of \(service.days) closed days and today, \(service.rows) rows")
      } else if service.names.isEmpty {
        print("\(service.name): \(service.requests) requests of \(service.days) days, \(service.rows) rows")
      } else {
        let names = service.names.map(Log.printable).joined(separator: " ")
        print("\(service.name): \(names): \(service.requests) requests are ~forgotten now")
      }
    }
    if report.services.isEmpty { print("nothing of that is there") }
    if case .before(let second, _) = what {
      print("everything before \(Timestamp.text(second / 86_400 * 86_400)) is erased: whole days, UTC")
    }
    print("written anew, \(files) older files removed; copies elsewhere, backups too, are yours to remove")
  }
}
