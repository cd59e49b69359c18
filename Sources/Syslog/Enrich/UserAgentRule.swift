import TSEngine

/// One row of the table, ready for use.
struct UserAgentRule {
  enum Kind: UInt8 { case browser, version, platform, device, robot, robotException, namedRobot }

  /// How a browser's version is found.
  enum VersionSource: UInt8 {
    case token  // after the token
    case carrier  // after `version/`, else after the token
    case carrierOnly  // after `version/`, else none
    case trident  // after the token, + 4
    case chrome  // after `chrome/`

    init(rule extra: UInt8) {
      self =
        switch extra {
        case UInt8(ascii: "v"): .carrier
        case UInt8(ascii: "s"), UInt8(ascii: "w"), UInt8(ascii: "A"): .carrierOnly
        case UInt8(ascii: "t"): .trident
        case UInt8(ascii: "c"): .chrome
        default: .token
        }
    }
  }

  var kind = Kind.browser
  var length: UInt8 = 0  // bytes of the token
  var name: UInt16 = 0  // in the automaton's names
  var fixedVersion: UInt16 = 0  // of a platform, in the automaton's names
  var source = VersionSource.token
  var device = Device.unknown
  var bot = BotKind.none
  /// browser: too weak a sign to be a browser outside Mozilla/…
  var isWeak = false
  /// platform: Android, after which a phone's model stands; version: the end of that model; robot: an address
  var isSpecial = false
  /// robot: says what it does, not who it is
  var isGeneric = false
  /// platform: no version follows
  var hasNoVersion = false
  /// browser: its minor number is shown too (Safari 17.5); platform: its third number is (macOS 10.15.7)
  var keepsMore = false
}
