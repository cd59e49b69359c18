/// What requests can be grouped and filtered by.
///
/// Most are functions of a stored code, so that nine stored columns carry all of them:
/// agent → browser … bot, referrer → source, channel, path → entry, asset.
package enum Dimension: UInt8, CaseIterable, Sendable {
  case path, entry, referrer, source, channel, campaign, host, country
  case browser, browserVersion, platform, platformVersion, device, bot
  case status, method, httpProtocol, asset

  /// The name in URLs, JSON and SQL.
  package var name: String {
    switch self {
    case .path: "path"
    case .entry: "entry"
    case .referrer: "referrer"
    case .source: "source"
    case .channel: "channel"
    case .campaign: "campaign"
    case .host: "host"
    case .country: "country"
    case .browser: "browser"
    case .browserVersion: "browser_version"
    case .platform: "platform"
    case .platformVersion: "platform_version"
    case .device: "device"
    case .bot: "bot"
    case .status: "status"
    case .method: "method"
    case .httpProtocol: "protocol"
    case .asset: "asset"
    }
  }

  package init?(name: some StringProtocol) {
    guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }
}

/// HTTP methods as a closed list: an unknown verb is `~other`, so that a scanner cannot grow anything.
package enum Method: UInt8, CaseIterable, Sendable {
  case other, get, head, post, put, delete, connect, options, trace, patch
  package var name: String {
    switch self {
    case .other: "~other"
    case .get: "GET"
    case .head: "HEAD"
    case .post: "POST"
    case .put: "PUT"
    case .delete: "DELETE"
    case .connect: "CONNECT"
    case .options: "OPTIONS"
    case .trace: "TRACE"
    case .patch: "PATCH"
    }
  }
}

/// Protocol versions as a closed list.
package enum HTTPProtocol: UInt8, CaseIterable, Sendable {
  case other, http09, http10, http11, http2, http3
  package var name: String {
    switch self {
    case .other: "~other"
    case .http09: "HTTP/0.9"
    case .http10: "HTTP/1.0"
    case .http11: "HTTP/1.1"
    case .http2: "HTTP/2.0"
    case .http3: "HTTP/3.0"
    }
  }
}

package enum Device: UInt8, CaseIterable, Sendable {
  case unknown, desktop, mobile, tablet, tv, console, bot
  package var name: String {
    switch self {
    case .unknown: "Other"
    case .desktop: "Desktop"
    case .mobile: "Mobile"
    case .tablet: "Tablet"
    case .tv: "TV"
    case .console: "Console"
    case .bot: "Bot"
    }
  }
}

/// Where a visit came from, in a handful of words.
package enum Channel: UInt8, CaseIterable, Sendable {
  case direct, search, social, ai, mail, `internal`, paid, campaign, other
  package var name: String {
    switch self {
    case .direct: "Direct"
    case .search: "Search"
    case .social: "Social"
    case .ai: "AI assistant"
    case .mail: "Mail"
    case .internal: "Internal"
    case .paid: "Paid"
    case .campaign: "Campaign"
    case .other: "Other sites"
    }
  }
}

/// An ISO 3166-1 alpha-2 code in one byte: 0 is unknown (`ZZ`), 1 private or local space (`XL`), then the codes in
/// alphabetical order. Pure: the same byte on every machine and in every file.
package struct Country: Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = Int(rawValue) < Self.codes.count ? rawValue : 0 }
  package static let unknown = Country(rawValue: 0)
  package static let local = Country(rawValue: 1)

  /// The country of two ASCII capitals; unknown codes become `.unknown`.
  package init(code: some StringProtocol) {
    self.rawValue = UInt8(Self.codes.firstIndex { $0 == code } ?? 0)
  }

  package var code: String { Self.codes[Int(rawValue)] }

  package static let codes: [String] = [
    "ZZ", "XL",
    "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX", "AZ", "BA", "BB", "BD", "BE",
    "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS", "BT", "BV", "BW", "BY", "BZ", "CA", "CC", "CD",
    "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN", "CO", "CR", "CU", "CV", "CW", "CX", "CY", "CZ", "DE", "DJ", "DK", "DM",
    "DO", "DZ", "EC", "EE", "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK", "FM", "FO", "FR", "GA", "GB", "GD", "GE", "GF",
    "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS", "GT", "GU", "GW", "GY", "HK", "HM", "HN", "HR", "HT", "HU",
    "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR", "IS", "IT", "JE", "JM", "JO", "JP", "KE", "KG", "KH", "KI", "KM", "KN",
    "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC", "LI", "LK", "LR", "LS", "LT", "LU", "LV", "LY", "MA", "MC", "MD", "ME",
    "MF", "MG", "MH", "MK", "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS", "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA",
    "NC", "NE", "NF", "NG", "NI", "NL", "NO", "NP", "NR", "NU", "NZ", "OM", "PA", "PE", "PF", "PG", "PH", "PK", "PL", "PM",
    "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS", "RU", "RW", "SA", "SB", "SC", "SD", "SE", "SG", "SH", "SI",
    "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS", "ST", "SV", "SX", "SY", "SZ", "TC", "TD", "TF", "TG", "TH", "TJ", "TK",
    "TL", "TM", "TN", "TO", "TR", "TT", "TV", "TW", "TZ", "UA", "UG", "UM", "US", "UY", "UZ", "VA", "VC", "VE", "VG", "VI",
    "VN", "VU", "WF", "WS", "XK", "YE", "YT", "ZA", "ZM", "ZW",
  ]
}
