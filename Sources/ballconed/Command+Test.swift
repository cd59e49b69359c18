internal import Glibc
internal import Syslog
internal import TSEngine

extension Command {
  /// `ballconed test`: 0 when every line is understood, 1 when one is refused.
  static func test(_ options: Options) throws -> CInt {
    var ingest = try IngestOptions(options, countries: try Countries(options).lookup)
    ingest.format = options.text(.importFormat).flatMap { RecordFormat(rawValue: $0) } ?? .auto
    ingest.service = options.text(.service)
    guard options.text(.importFormat) != Option.exportFormat else {
      throw UsageError(message: "cannot test: got \(Option.exportFormat), want the format of a log")
    }
    guard options.operands.count <= 1 else {
      throw UsageError(message: "cannot test: got \(options.operands.count) lines, want one in quotes, or - for standard input")
    }
    guard let line = options.operands.first, line != "-" else { return try testInput(ingest) }
    return explain(Array(line.utf8), ingest) ? 0 : 1
  }

  private static func testInput(_ ingest: IngestOptions) throws(Failure) -> CInt {
    var allUnderstood = true, isFirst = true
    for line in try SmallFile.readInput(limit: 1 << 20).split(separator: 10) {
      if !isFirst { Log.write("", to: STDOUT_FILENO) }
      isFirst = false
      allUnderstood = explain(Array(line), ingest) && allUnderstood
    }
    guard !isFirst else { throw Failure("cannot test: got nothing on standard input, want a log line") }
    return allUnderstood ? 0 : 1
  }

  /// Prints how one line is understood.
  private static func explain(_ line: [UInt8], _ ingest: IngestOptions) -> Bool {
    let engine = Engine(EngineOptions(), accounting: Accounting()) { time(nil) }
    let explanation = LineExplanation(line, options: ingest, engine: engine, arrival: time(nil))
    var lines: [String] = []
    for row in explanation.rows {
      let name = row.name + String(repeating: " ", count: max(1, 14 - row.name.count))
      lines.append("  " + name + Log.printable(row.value) + (row.origin.isEmpty ? "" : "   ← " + row.origin))
    }
    var isUnderstood = true
    switch explanation.verdict {
    case .counted: lines.insert("counted", at: 0)
    case .excluded: lines.insert("excluded: an --exclude matches", at: 0)
    case .rejected(let reason, let place):
      isUnderstood = false
      lines.insert("rejected: \(reason.name): \(reason.meaning) (\(place))", at: 0)
    }
    if let excerpt = explanation.excerpt {
      lines += ["  " + excerpt.text, "  " + String(repeating: " ", count: excerpt.column) + "^"]
    }
    Log.write(lines.joined(separator: "\n"), to: STDOUT_FILENO)
    return isUnderstood
  }
}

extension RejectReason {
  /// In a sentence.
  fileprivate var meaning: String {
    switch self {
    case .empty: "there is nothing in it"
    case .truncated: "it ends too early, or is too long"
    case .header: "behind the syslog header there is nothing"
    case .format: "it is no JSON object and no line of the common or combined format"
    case .service: "it names no site that could be one, [a-z0-9._-]{1,64}"
    case .address: "it has no client address that could be one"
    case .time: "its time cannot be read"
    case .late: "it is older than days are kept"
    case .future: "it is more than five minutes ahead of the clock"
    case .sender: "its sender is not allowed"
    case .undeclared: "--services does not name its site"
    case .connection: "there are too many connections"
    }
  }
}
