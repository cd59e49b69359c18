/// What `ballconed report` prints: a handful of questions of the JSON API, laid out for a terminal, a sheet or a program.
///
/// The answers come from a daemon over HTTP or from the same router inside this process: one way to a number.
struct Report {
  /// One question and its place in the report.
  struct Section {
    let name: String  // also the key of a row: `day` or a dimension
    let title: String
    let metrics: [String]
    var query: String  // what distinguishes it from the others
  }

  static let sections: [Section] = [
    Section(
      name: "total", title: "",
      metrics: ["visitors", "requests", "pageviews", "bytes", "error_rate", "duration_p50", "duration_p95"],
      query: "&audience=people"),
    Section(name: "day", title: "day", metrics: ["visitors", "requests", "bytes"], query: "&step=day&audience=people"),
    Section(name: "path", title: "page", metrics: ["visitors", "requests"], query: "&by=path&f=is,asset,page&audience=people"),
    Section(name: "source", title: "source", metrics: ["visitors", "requests"], query: "&by=source&audience=people"),
    Section(name: "country", title: "country", metrics: ["visitors", "requests"], query: "&by=country&audience=people"),
    Section(name: "browser", title: "browser", metrics: ["visitors", "requests"], query: "&by=browser&audience=people"),
    Section(name: "status", title: "status", metrics: ["requests", "bytes"], query: "&by=status&audience=all"),
    Section(name: "bot", title: "bot", metrics: ["requests", "bytes"], query: "&by=bot&audience=bots"),
  ]

  let service: String
  private(set) var answers: [(section: Section, json: JSONValue, text: [UInt8])] = []

  /// Asks all questions about one service.
  /// - Parameter get: the body of a path of the API.
  init(service: String, from: String, to: String?, get: (String) throws -> [UInt8]) throws {
    self.service = service
    for section in Self.sections {
      var path = "/api/v1/query?service=\(Self.encoded(service))&from=\(Self.encoded(from))&limit=10"
      if let to { path += "&to=" + Self.encoded(to) }
      path += "&metrics=" + section.metrics.joined(separator: ",") + section.query
      let body = try get(path)
      answers.append((section, try Self.checked(body), body))
    }
  }

  /// The parsed answer, or the API's own reason why there is none.
  static func checked(_ body: [UInt8]) throws(Failure) -> JSONValue {
    guard let json = JSONValue(body) else {
      let start = String(decoding: body.prefix(80), as: UTF8.self)
      throw Failure("cannot read the daemon's answer: got \(Log.quoted(start)), want JSON of ballconed")
    }
    if let message = json["error"]?["message"]?.text { throw Failure(message) }
    return json
  }

  /// RFC 3986 coding of a value in a query string.
  static func encoded(_ text: String) -> String {
    var out = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
        out.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        out += (byte < 16 ? "%0" : "%") + digits
      }
    }
    return out
  }

  /// Key (a day or a value) and metrics of each row.
  static func rows(of answer: (section: Section, json: JSONValue, text: [UInt8])) -> [(key: String, values: [JSONValue])] {
    let section = answer.section
    if section.name == "total" {
      return [("", section.metrics.map { answer.json["totals"]?[$0] ?? .null })]
    }
    return (answer.json["rows"]?.array ?? []).map { row in
      let key = section.name == "day" ? String((row["time"]?.text ?? "").prefix(10)) : row[section.name]?.text ?? ""
      return (key, section.metrics.map { row[$0] ?? .null })
    }
  }
}
