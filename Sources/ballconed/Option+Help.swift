extension Option {
  /// `-sh, --syslog-host HOST`
  private var usage: String {
    let long = "--" + flag + (placeholder.isEmpty ? "" : " " + placeholder)
    return short.map { "-\($0), \(long)" } ?? "     " + long
  }

  /// Meaning, bounds and default in one sentence.
  private var explanation: String {
    var parts = [meaning]
    switch value {
    case .number, .numberOr, .seconds, .bytes: parts.append(bounds.map { "[\($0)]" } ?? "")
    case .flag, .text, .list, .host, .choice: break
    }
    if let initial { parts.append("(\(initial))") }
    return parts.joined(separator: " ")
  }

  /// `ballconed --help`, or that of one command.
  static func help(for command: Command) -> String {
    var lines: [String] = []
    if command == .serve {
      lines += ["ballconed: server-side web analytics in one small process", "", "usage: ballconed [serve] [options]"]
      for other in Command.allCases where other != .serve {
        lines.append("       ballconed \(other) [options]\(other.operands)")
      }
      lines += ["", "commands:"]
      for each in Command.allCases { lines.append("  " + padded(each.rawValue, to: 8) + each.meaning) }
      lines += ["", "options of serve; ballconed COMMAND --help has the others:"]
    } else {
      lines += [
        "ballconed \(command): \(command.meaning)", "", "usage: ballconed \(command) [options]\(command.operands)", "",
        "options:",
      ]
    }
    for option in all where option.commands.contains(command) {
      let usage = "  " + option.usage
      let words = wrapped(option.explanation, width: 100 - indent)
      let first = usage.count < indent - 1
      if !first { lines.append(usage) }
      for (number, line) in words.enumerated() { lines.append(padded(number == 0 && first ? usage : "", to: indent) + line) }
    }
    lines += [
      "", "Options stand in the environment too: --web-port is BALLCONE_WEB_PORT. What stands on the command line wins.",
      "Exit code: \(command.exitCodes).",
    ]
    return lines.joined(separator: "\n")
  }

  /// The README's table of one command's options.
  static func table(for command: Command) -> String {
    var lines = ["| option | default | allowed | meaning |", "|---|---|---|---|"]
    for option in all where option.commands.contains(command) && option.environment != nil {
      let flags = (option.short.map { "`-\($0)`, " } ?? "") + "`--\(option.flag)`"
      let cells = [flags, option.initial.map { "`\($0)`" } ?? "–", option.bounds ?? "–", option.meaning]
      lines.append("| " + cells.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n")
  }

  private static var indent: Int { 30 }
  private static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
  private static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = [""]
    for word in text.split(separator: " ") {
      let last = lines.count - 1
      if lines[last].isEmpty {
        lines[last] = String(word)
      } else if lines[last].count + 1 + word.count <= width {
        lines[last] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
