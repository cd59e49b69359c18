/// What the program can be asked to do; `serve` when nothing is said.
enum Command: String, CaseIterable, Sendable {
  case serve, `import`, report, check, nginx, health

  var meaning: String {
    switch self {
    case .serve: "run the daemon"
    case .import: "count a log file, or standard input"
    case .report: "print a summary of what was counted"
    case .check: "verify the snapshots of a data directory"
    case .nginx: "print the nginx lines to paste"
    case .health: "exit 0 when the daemon answers as ready"
    }
  }

  /// What stands behind the options on a command line.
  var operands: String { self == .import ? " FILE… | -" : "" }
  var takesOperands: Bool { self == .import }

  /// What a caller can learn from the exit code beyond 0 done, 1 failed, 2 usage.
  var exitCodes: String {
    switch self {
    case .import: "0 something was understood, 1 nothing was or a file is unreadable, 2 usage"
    case .check: "0 sound, 1 damaged (says where), 2 usage or no such directory"
    default: "0 done, 1 failed, 2 usage"
    }
  }
}
