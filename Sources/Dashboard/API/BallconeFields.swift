internal import TSEngine

/// The columns of Ballcone's tables, and what became of them here.
enum BallconeField: String, CaseIterable {
  case datetime, host, path, status, length, generationTime = "generation_time", referer, ip, countryISOCode =
    "country_iso_code"
  case platformName = "platform_name", platformVersion = "platform_version"
  case browserName = "browser_name", browserVersion = "browser_version", isRobot = "is_robot"

  init(named name: String) throws(APIError) {
    guard let field = Self(rawValue: name) else {
      let known = Self.allCases.map(\.rawValue).joined(separator: " ")
      throw APIError("unknown_field", status: 404, "cannot find the field: got “\(name.shortened)”, want one of \(known)")
    }
    self = field
  }

  /// The dimension that holds it; nil for what is measured, for addresses, and for the bot flag, which is an audience.
  var dimension: Dimension? {
    switch self {
    case .host: .host
    case .path: .path
    case .status: .status
    case .referer: .referrer
    case .countryISOCode: .country
    case .platformName: .platform
    case .platformVersion: .platformVersion
    case .browserName: .browser
    case .browserVersion: .browserVersion
    case .datetime, .length, .generationTime, .ip, .isRobot: nil
    }
  }

  func notKept(for what: String, want: String) -> APIError {
    APIError("field_not_kept", cannot: what, got: rawValue, want: want)
  }

  /// A value in its natural type: numbers for `status`, `null` for what Ballcone stored as NULL.
  func write(_ label: String, to json: inout JSONWriter) {
    if self == .status, let code = Int(label) { return json.integer(code) }
    if isNull(label) { json.null() } else { json.string(label) }
  }
  /// What Ballcone stored as NULL, which SQL's COUNT(DISTINCT …) passes over.
  func isNull(_ label: String) -> Bool { label.isEmpty || self == .countryISOCode && label == Country.unknown.code }
}
