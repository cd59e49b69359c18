internal import Dashboard
internal import Glibc
internal import Syslog
internal import TSEngine

extension Command {
  /// `ballconed report`: one service, or all of them.
  static func report(_ options: Options) throws {
    let get = try source(options)
    let services: [String]
    if let one = options.text(.service) {
      services = [one]
    } else {
      services = try Report.checked(get("/api/v1/services?days=30")).array.compactMap { $0["service"]?.text }.sorted()
    }
    let format = options.text(.reportFormat) ?? "text"
    let to = options.isGiven(.reportTo) ? options.text(.reportTo) : nil
    let reports = try services.map { service in
      try Report(service: service, from: options.text(.reportFrom) ?? "-28d", to: to, get: get)
    }
    switch format {
    case "json": print("[" + reports.map { $0.json() }.joined(separator: ",\n") + "]")
    case "csv": print(([Report.csvHead] + reports.map { $0.csv() }).joined(separator: "\n"))
    default: print(reports.isEmpty ? "nothing counted yet" : reports.map { $0.text() }.joined(separator: "\n\n"))
    }
  }

  private static func print(_ text: String) { Log.write(text, to: STDOUT_FILENO) }

  /// Who answers: a daemon at `--from-url`, or the snapshot of `--data`.
  private static func source(_ options: Options) throws -> (String) throws -> [UInt8] {
    if let url = options.text(.fromURL) {
      let base = url.hasSuffix("/") ? String(url.dropLast()) : url
      return { path in try Curl.get(base + path) }
    }
    let state = try State(options, mode: .reading)
    var dashboard = DashboardOptions()
    dashboard.started = time(nil)
    let router = Dashboard(
      dashboard, store: state.engine, accounting: state.accounting,
      importer: Uploads(state, ingest: IngestOptions(), clock: { time(nil) }), clock: { time(nil) })
    return { path in router.respond(to: path).body }
  }
}
