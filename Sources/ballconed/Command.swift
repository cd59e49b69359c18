/// What the program can be asked to do; `serve` when nothing is said.
enum Command: String, CaseIterable, Sendable {
  case serve, `import`, export, migrate, forget, test, report, check, nginx, haproxy, caddy, apache, rsyslog, health

  var meaning: String {
    switch self {
    case .serve: "run the daemon"
    case .import: "count a log file, or standard input; or take what export wrote"
    case .forget: "erase a service, what is old, or the name of a path, for good"
    case .migrate: "count the tables of the original Ballcone, as CSV"
    case .export: "print all that a data directory holds as lines of JSON, to be moved or read"
    case .report: "print a summary of what was counted"
    case .check: "verify the snapshots of a data directory"
    case .test: "show how a log line is understood, field by field, or why it is refused"
    case .nginx: "print the nginx lines to paste"
    case .haproxy, .caddy, .apache, .rsyslog: "the same for \(Self.titles[self] ?? "")"
    case .health: "exit 0 when the daemon answers as ready"
    }
  }

  /// What stands behind the options on a command line.
  var operands: String {
    switch self {
    case .import, .migrate: " FILE… | -"
    case .test: " [LINE | -]"
    default: ""
    }
  }
  var takesOperands: Bool { !operands.isEmpty }
  private static let titles: [Command: String] = [
    .haproxy: "HAProxy", .caddy: "Caddy", .apache: "Apache", .rsyslog: "rsyslog as a relay",
  ]

  /// What a caller can learn from the exit code beyond 0 done, 1 failed, 2 usage.
  var exitCodes: String {
    switch self {
    case .import, .migrate: "0 something was understood, 1 nothing was or a file is unreadable, 2 usage"
    case .test: "0 understood, 1 refused, 2 usage"
    case .check: "0 sound, 1 damaged (says where), 2 usage or no such directory"
    default: "0 done, 1 failed, 2 usage"
    }
  }
}
