/// One thing that can be set. Parsing, `--help`, the environment and the README's table all read `Option.all`.
struct Option: Sendable {
  /// What a value looks like, and its bounds.
  enum Value: Sendable {
    case flag
    case text(String)  // the word that stands for it in `--help`
    case list(String)  // may be repeated; separated by commas in the environment
    case host
    case number(ClosedRange<Int>)
    case numberOr(String, ClosedRange<Int>)  // a number, or that word
    case seconds(ClosedRange<Int>)  // `5`, `90s`, `10m`, `48h`, `35d`
    case bytes(ClosedRange<Int>)  // `64MiB`
    case choice([String])
  }

  /// The key in code; its raw value is the flag, unless `flag` says otherwise.
  enum Name: String, CaseIterable, Sendable {
    case syslogHost = "syslog-host", syslogPort = "syslog-port", listen, allow, services
    case webHost = "web-host", webPort = "web-port", basePath = "base-path", publicHost = "public-host"
    case passwordFile = "password-file", insecure
    case data, memory, period, keepMinutes = "keep-minutes", keepHours = "keep-hours", keepDays = "keep-days"
    case exclude, query, pathRule = "path-rule", foldIDs = "fold-ids", trustedProxy = "trusted-proxy"
    case topLimit = "top-limit", days, geoip, visitor
    case service, importFormat = "import-format", to = "to", again, before, path
    case reportFormat = "report-format", fromURL = "from-url", reportFrom = "report-from", reportTo = "report-to"
    case address, version, help
  }

  let name: Name
  let short: String?
  let value: Value
  let initial: String?  // the default, as one would write it
  let meaning: String
  let commands: Set<Command>

  init(
    _ name: Name, short: String? = nil, _ value: Value, initial: String? = nil, _ meaning: String, _ commands: Set<Command>
  ) {
    (self.name, self.short, self.value, self.initial) = (name, short, value, initial)
    (self.meaning, self.commands) = (meaning, commands)
  }

  /// Without its dashes; two commands may use one flag for different things.
  var flag: String {
    switch name {
    case .importFormat, .reportFormat: "format"
    case .reportFrom: "from"
    case .reportTo: "to"
    default: name.rawValue
    }
  }

  /// `BALLCONE_SYSLOG_PORT`; version and help have none.
  var environment: String? {
    if name == .version || name == .help { return nil }
    return "BALLCONE_" + String(flag.map { $0 == "-" ? "_" : Character($0.uppercased()) })
  }

  /// The word behind the flag in `--help`; empty for a switch.
  var placeholder: String {
    switch value {
    case .flag: ""
    case .text(let word), .list(let word): word
    case .host: "HOST"
    case .number: "N"
    case .numberOr(let word, _): "\(word)|N"
    case .seconds: "TIME"
    case .bytes: "SIZE"
    case .choice(let words): words.joined(separator: "|")
    }
  }

  /// What is allowed, in the words of the option; nil where anything goes.
  var bounds: String? {
    switch value {
    case .number(let range): "\(range.lowerBound)…\(range.upperBound)"
    case .numberOr(let word, let range): "\(word) or \(range.lowerBound)…\(range.upperBound)"
    case .seconds(let range): "\(Unit.duration(range.lowerBound))…\(Unit.duration(range.upperBound))"
    case .bytes(let range): "\(Unit.size(range.lowerBound))…\(Unit.size(range.upperBound))"
    case .choice(let words): words.joined(separator: ", ")
    case .host: "an address or localhost"
    case .flag, .text, .list: nil
    }
  }
}
