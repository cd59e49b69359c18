internal import TSEngine

/// What is known of a client without its User-Agent.
package struct KnownClient: Sendable {
  var agent = AgentClass()
  var country: Country?
}

/// A row of Ballcone's table (FIELD.md, "Stored row") as a message that the parser of JSON reads, and as a client.
struct BallconeRow {
  /// Where each column stands; -1 where there is none.
  struct Columns {
    static let names = [
      "datetime", "ip", "path", "host", "status", "length", "generation_time", "referer", "country_iso_code",
      "platform_name", "platform_version", "browser_name", "browser_version", "is_robot",
    ]
    private let places: [Int]
    let count: Int

    /// nil without the three columns that make a request.
    init?(_ header: [[UInt8]]) {
      let found = header.map { String(decoding: $0, as: UTF8.self).lowercased() }
      places = Self.names.map { found.firstIndex(of: $0) ?? -1 }
      count = header.count
      if places[..<3].contains(-1) { return nil }
    }

    subscript(name: Int, row: [[UInt8]]) -> [UInt8] {
      let place = places[name]
      return place < 0 || place >= row.count ? [] : row[place]
    }
  }
  private let columns: Columns, row: [[UInt8]]
  init(_ columns: Columns, _ row: [[UInt8]]) { (self.columns, self.row) = (columns, row) }
  private func bytes(_ name: String) -> [UInt8] {
    columns[Columns.names.firstIndex(of: name)!, row]
  }
  private func text(_ name: String) -> String { String(decoding: bytes(name), as: UTF8.self) }

  /// The path was decoded when it was stored: `%` stands for itself there.
  func message() -> [UInt8] {
    var out = Array("{\"v\":1".utf8)
    for (key, name) in [
      ("t", "datetime"), ("a", "ip"), ("u", "path"), ("h", "host"), ("c", "status"), ("b", "length"),
      ("d", "generation_time"), ("r", "referer"),
    ] {
      let value = bytes(name)
      if value.isEmpty { continue }
      out += ",\"\(key)\":\"".utf8
      for byte in value {
        switch byte {
        case UInt8(ascii: "%") where key == "u": out += "%25".utf8
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
        case 0..<32:
          let digits = Array("0123456789abcdef".utf8)
          out += "\\u00".utf8
          out += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        default: out.append(byte)
        }
      }
      out.append(UInt8(ascii: "\""))
    }
    out.append(UInt8(ascii: "}"))
    return out
  }

  /// httpagentparser's words in ours.
  private static let names = [
    "Mac OS": "macOS", "Macintosh": "macOS", "iPhone OS": "iOS", "iPhone": "iOS", "iPad": "iOS",
    "Microsoft Internet Explorer": "Internet Explorer", "MSEdge": "Edge", "ChromeiOS": "Chrome", "ChromeOS": "ChromeOS",
    "Chrome OS": "ChromeOS",
  ]
  private static let devices: [String: Device] = [
    "Windows": .desktop, "Linux": .desktop, "macOS": .desktop, "ChromeOS": .desktop, "iOS": .mobile, "Android": .mobile,
  ]

  func client() -> KnownClient {
    var client = KnownClient()
    let country = Country(code: text("country_iso_code").uppercased())
    if country != .unknown { client.country = country }
    let browser = name("browser_name"), platform = name("platform_name")
    if ["true", "t", "1"].contains(text("is_robot").lowercased()) {
      (client.agent.isBot, client.agent.device) = (true, .bot)
      client.agent.bot = browser.isEmpty ? "~other" : browser
      return client
    }
    (client.agent.browser, client.agent.platform) = (browser, platform)
    client.agent.browserVersion = Self.version(browser, text("browser_version"))
    client.agent.platformVersion = Self.version(platform, text("platform_version"))
    client.agent.device = Self.devices[platform] ?? .unknown
    return client
  }

  private func name(_ column: String) -> String {
    let stored = text(column).filter { !$0.isNewline }.prefix(64)
    return Self.names[String(stored)] ?? String(stored)
  }

  /// `Chrome 120` of `120.0.6099.109`: versions are shown by their first number, and a name without one stands alone.
  private static func version(_ name: String, _ text: String) -> String {
    let first = text.prefix { $0 != "." && $0 != "_" }
    if first.isEmpty || first.count > 16 || name.isEmpty { return name }
    // DuckDB's "NT 10.0" and the like carry the name already.
    return first.hasPrefix(name) ? String(first) : "\(name) \(first)"
  }
}
