internal import Glibc
internal import Syslog
internal import TSEngine

extension Command {
  /// `ballconed export`: all that the newest sound snapshot of a directory holds, or one service of it, on stdout.
  static func export(_ options: Options) throws {
    let state = try State(options, mode: .copying)
    if let report = state.loaded, report.generation == nil, !report.problems.isEmpty {
      throw Failure("cannot export \(options.dataDirectory): got no sound snapshot")
    }
    let only = options.text(.service)
    var services = state.engine.services()
    if let only {
      guard services.contains(only) else {
        throw Failure("cannot export \(Log.quoted(only)): got no such service, want one of \(services.joined(separator: " "))")
      }
      services = [only]
    }
    var out = Output(STDOUT_FILENO)
    try out.line(ExportText.header(keyID: state.keyID, services: services))
    let logs = State.ledger(in: options.dataDirectory).lines(of: only)
    if !logs.isEmpty { try out.line(ExportText.imports(logs)) }
    let text = ExportText(services: services)
    try state.engine.forEachPart(service: only) { part in try out.line(text.line(part)) }
    try out.flush()
  }
}

/// Lines to a descriptor, in large pieces. Unlike `Log`, it fails when they do not get there.
struct Output {
  private let descriptor: CInt
  private var waiting: [UInt8] = []
  init(_ descriptor: CInt) { self.descriptor = descriptor }

  mutating func line(_ bytes: [UInt8]) throws(Failure) {
    waiting += bytes
    waiting.append(10)
    if waiting.count > 1 << 18 { try flush() }
  }

  mutating func flush() throws(Failure) {
    var start = 0
    while start < waiting.count {
      let wrote = unsafe waiting.withUnsafeBytes { all in
        unsafe Glibc.write(descriptor, all.baseAddress! + start, all.count - start)
      }
      if wrote < 0, errno == EINTR { continue }
      guard wrote > 0 else { throw Failure("cannot write on: \(Log.reason())") }
      start += wrote
    }
    waiting.removeAll(keepingCapacity: true)
  }
}
