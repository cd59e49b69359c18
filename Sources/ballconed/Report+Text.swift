extension Report {
  /// For a terminal, 80 columns.
  func text() -> String {
    let head = answers.first?.json
    var lines = ["\(service)   \(head?["from"]?.text ?? "") … \(head?["to"]?.text ?? "")", ""]
    for answer in answers {
      let rows = Self.rows(of: answer)
      if answer.section.name == "total" {
        let figures = zip(answer.section.metrics, rows.first?.values ?? []).map { "\(Self.label($0)) \(Self.figure($1, $0))" }
        lines.append(figures.joined(separator: "   "))
        lines += ["(people; bots stand in the last two lists)", ""]
        continue
      }
      guard !rows.isEmpty else { continue }
      let columns = answer.section.metrics.map { Self.right(Self.label($0), 12) }.joined()
      lines.append(Self.left(answer.section.title, 44) + columns)
      for row in rows {
        let figures = zip(answer.section.metrics, row.values).map { Self.right(Self.figure($1, $0), 12) }.joined()
        lines.append(Self.left(Self.name(row.key, in: answer.section), 44) + figures)
      }
      lines.append("")
    }
    return lines.dropLast().joined(separator: "\n")
  }

  /// One row a line: `service,section,key,metric,value`, quoted where RFC 4180 asks for it.
  func csv() -> String {
    var lines: [String] = []
    for answer in answers {
      for row in Self.rows(of: answer) {
        for (metric, value) in zip(answer.section.metrics, row.values) {
          lines.append([service, answer.section.name, row.key, metric, value.text ?? ""].map(Self.cell).joined(separator: ","))
        }
      }
    }
    return lines.joined(separator: "\n")
  }
  static let csvHead = "service,section,key,metric,value"

  /// The API's answers, verbatim, by section.
  func json() -> String {
    let members = answers.map { "\"\($0.section.name)\":" + String(decoding: $0.text, as: UTF8.self) }
    // A service's name holds nothing that JSON would have to escape.
    return "{\"service\":\"\(service)\"," + members.joined(separator: ",") + "}"
  }

  private static func label(_ metric: String) -> String {
    switch metric {
    case "pageviews": "page views"
    case "bytes": "sent"
    case "error_rate": "errors"
    case "duration_p50": "p50"
    case "duration_p95": "p95"
    default: metric
    }
  }

  private static func name(_ key: String, in section: Section) -> String {
    if !key.isEmpty { return Log.printable(key) }
    return section.name == "source" ? "(direct)" : "(none)"
  }

  /// A number for people: `1,234`, `1.2 MiB`, `0.5 %`, `12 ms`; `-` where there is none.
  static func figure(_ value: JSONValue, _ metric: String) -> String {
    guard let number = value.double else { return "-" }
    switch metric {
    case "bytes": return sized(number)
    case "error_rate", "bot_share": return "\(fixed(number * 100, 1)) %"
    case _ where metric.hasPrefix("duration"):
      return number < 0.001
        ? "\(fixed(number * 1e6, 0)) µs" : number < 1 ? "\(fixed(number * 1e3, 0)) ms" : "\(fixed(number, 1)) s"
    default: return grouped(number)
    }
  }

  private static func sized(_ bytes: Double) -> String {
    var (value, unit) = (bytes, 0)
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while value >= 1_024, unit < units.count - 1 { (value, unit) = (value / 1_024, unit + 1) }
    return "\(fixed(value, unit == 0 ? 0 : 1)) \(units[unit])"
  }

  /// Rounded to `places` decimals, without the C library's locale.
  private static func fixed(_ value: Double, _ places: Int) -> String {
    let scale = places == 0 ? 1.0 : 10.0
    let rounded = (value * scale).rounded()
    guard let whole = Int(exactly: rounded) else { return "\(value)" }
    return places == 0 ? "\(whole)" : "\(whole / 10).\(abs(whole % 10))"
  }

  private static func grouped(_ value: Double) -> String {
    guard let whole = Int(exactly: value.rounded()) else { return "\(value)" }
    var digits = Array(String(abs(whole)))
    for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
    return (whole < 0 ? "-" : "") + String(digits)
  }

  /// A cell that a spreadsheet takes as data: log values may begin like a formula.
  private static func cell(_ text: String) -> String {
    let guarded = text.first.map { "=+@\t\r".contains($0) } == true ? "'" + text : text
    guard guarded.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return guarded }
    return "\"" + guarded.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  private static func left(_ text: String, _ width: Int) -> String {
    let cut = text.count < width ? text : String(text.prefix(width - 2)) + "…"
    return cut + String(repeating: " ", count: max(0, width - cut.count))
  }
  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
