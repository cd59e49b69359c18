internal import Glibc
internal import Syslog
internal import TSEngine

/// What became of one file, as a line on stdout; what was refused, and why, on stderr.
struct FileOutcome {
  var counted = 0, known = 0, excluded = 0
  var rejected: [(reason: String, count: Int)] = []
  var refused: [(line: Int, reason: RejectReason, place: String)] = []
  var failure: String?
  var understood: Bool { counted + known + excluded > 0 }

  func print(_ file: String, to service: String? = nil) {
    let total = rejected.reduce(0) { $0 + $1.count }, site = service.map { "service=\($0) " } ?? ""
    let left = excluded > 0 ? " excluded=\(excluded)" : ""
    Log.write("\(file) \(site)counted=\(counted) rejected=\(total) known=\(known)\(left)", to: STDOUT_FILENO)
    let reasons = rejected.filter { $0.count > 0 }.map { "\($0.reason)=\($0.count)" }
    if !reasons.isEmpty { Log.line("\(file) rejected: " + reasons.joined(separator: " ")) }
    for (line, reason, place) in refused { Log.line("\(file) line \(line): \(reason.name): \(place)") }
    if let failure { Log.line("\(file): \(failure)") }
  }
}

extension FileOutcome {
  init(_ result: ImportResult) {
    self.init(
      counted: result.counts.counted, known: result.known, excluded: result.counts.excluded, refused: result.refused,
      failure: result.failure)
    rejected = RejectReason.allCases.map { ($0.name, result.counts[$0]) }
  }
}

extension Command {
  static func checkService(_ options: Options) throws(UsageError) {
    guard let service = options.text(.service), !IngestOptions.isValid(service: service) else { return }
    throw UsageError(message: "cannot use --service: got \(Log.quoted(service)), want [a-z0-9._-]{1,64}")
  }
}
