extension Series {
  /// The text of a dimension's code.
  func label(_ dimension: Dimension, _ code: Int) -> String {
    switch dimension {
    case .path, .entry: paths.string(UInt32(code))
    case .referrer: referrerHosts.string(UInt32(code))
    case .host: hosts.string(UInt32(code))
    case .campaign: campaigns.string(UInt32(code))
    case .source, .browser, .browserVersion, .platform, .platformVersion, .bot: labels.names.string(UInt32(code))
    case .channel: Channel(rawValue: UInt8(code))?.name ?? "~other"
    case .country: Country(rawValue: UInt8(code)).code
    case .device: Device(rawValue: UInt8(code))?.name ?? "~other"
    case .status: code == 0 ? "000" : String(code)
    case .method: Method(rawValue: UInt8(code))?.name ?? "~other"
    case .httpProtocol: HTTPProtocol(rawValue: UInt8(code))?.name ?? "~other"
    case .asset: code == 0 ? "page" : "static"
    }
  }

  /// The dimension's code of a column's code.
  @inline(__always)
  func code(of dimension: Dimension, column code: Int) -> Int {
    switch dimension {
    case .path, .entry, .host, .campaign, .country, .status: code
    case .asset: Int(pathIsStatic[code])
    case .referrer: Int(referrerHost[code])
    case .source: Int(referrers.extra(UInt32(code)) >> 8)
    case .channel: Int(referrers.extra(UInt32(code)) & 0xff)
    case .browser: Int(labels.agents.rows[code].browser)
    case .browserVersion: Int(labels.agents.rows[code].browserVersion)
    case .platform: Int(labels.agents.rows[code].platform)
    case .platformVersion: Int(labels.agents.rows[code].platformVersion)
    case .bot: Int(labels.agents.rows[code].bot)
    case .device: Int(labels.agents.rows[code].device)
    case .method: code >> 4
    case .httpProtocol: code & 15
    }
  }
}
