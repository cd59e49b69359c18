/// Writes families and samples in one of two formats:
///
/// ```
/// # HELP ballconed_messages_received_total Messages that came in; …      Prometheus text 0.0.4
/// # TYPE ballconed_messages_received_total counter
/// ballconed_messages_received_total{input="udp"} 9
///
/// # TYPE ballconed_messages_received counter                             OpenMetrics 1.0: a counter's family has no _total,
/// # HELP ballconed_messages_received Messages that came in; …            units are said, and the end is marked
/// ballconed_messages_received_total{input="udp"} 9
/// # EOF
/// ```
/// All bounds of our histogram have a fraction, so `le` reads the same in both and series do not split.
struct ExpositionText {
  enum Format: Sendable {
    case text, openMetrics
    var contentType: String {
      switch self {
      case .text: "text/plain; version=0.0.4; charset=utf-8"
      case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
      }
    }

    /// The more wanted of the two by `Accept`, text when equal, unknown or absent. Never JSON, whatever `*/*` allows.
    init(accept: String?) {
      guard let accept else {
        self = .text
        return
      }
      var text = 0.0, open = 0.0
      for item in Negotiation.items(accept) {
        let version = item.parameter("version")
        if item.value.equalsIgnoringCase("application/openmetrics-text") {
          if version == nil || version == "1.0.0" || version == "0.0.1" { open = max(open, item.quality) }
        } else if item.value.equalsIgnoringCase("text/plain") {
          if version == nil || version == "0.0.4" { text = max(text, item.quality) }
        } else if item.value == "*/*" || item.value.equalsIgnoringCase("text/*") {
          text = max(text, item.quality)
        }
      }
      self = open > 0 && open >= text ? .openMetrics : .text
    }
  }

  let format: Format
  private(set) var bytes: [UInt8] = []

  init(_ format: Format) {
    self.format = format
    bytes.reserveCapacity(16 << 10)
  }

  /// Begins a family; its samples must follow at once.
  mutating func begin(_ family: MetricFamily) {
    var name = family.name
    if format == .openMetrics, family.kind == .counter { name.removeLast("_total".count) }
    let help = "# HELP \(name) \(Self.escaped(family.help, quotes: format == .openMetrics))\n"
    let type = "# TYPE \(name) \(family.kind.rawValue)\n"
    switch format {
    case .text: bytes.append(contentsOf: (help + type).utf8)
    case .openMetrics:
      let unit = family.unit.map { "# UNIT \(name) \($0)\n" } ?? ""
      bytes.append(contentsOf: (type + unit + help).utf8)
    }
  }

  /// - Parameter labels: names of the catalogue's grammar, values of any kind.
  mutating func sample(_ name: String, _ labels: [(name: String, value: String)] = [], _ value: Double) {
    bytes.append(contentsOf: name.utf8)
    for (index, label) in labels.enumerated() {
      bytes.append(UInt8(ascii: index == 0 ? "{" : ","))
      bytes.append(contentsOf: label.name.utf8)
      bytes.append(contentsOf: "=\"".utf8)
      bytes.append(contentsOf: Self.escaped(label.value, quotes: true).utf8)
      bytes.append(UInt8(ascii: "\""))
    }
    if !labels.isEmpty { bytes.append(UInt8(ascii: "}")) }
    bytes.append(UInt8(ascii: " "))
    bytes.append(contentsOf: Self.number(value).utf8)
    bytes.append(UInt8(ascii: "\n"))
  }
  mutating func sample(_ family: MetricFamily, _ labels: [(name: String, value: String)] = [], _ value: Double) {
    sample(family.name, labels, value)
  }

  /// A family of one sample.
  mutating func single(_ family: MetricFamily, _ value: Double) {
    begin(family)
    sample(family, [], value)
  }

  mutating func finish() -> [UInt8] {
    if format == .openMetrics { bytes.append(contentsOf: "# EOF\n".utf8) }
    return bytes
  }

  /// Backslash, line feed and, where asked, quotation mark: with these no log line can forge a sample (RELIABILITY S10).
  static func escaped(_ text: String, quotes: Bool) -> String {
    guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || quotes && $0 == 0x22 }) else { return text }
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\"" where quotes: out += "\\\""
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return value == value.rounded() && abs(value) < 0x1p53 ? String(Int(value)) : value.description
  }
}
