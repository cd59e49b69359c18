import TSEngine

/// `UserAgentRules.text`, read. A malformed row is our own mistake and traps at start.
struct UserAgentRuleTable {
  private(set) var rules: [UserAgentRule] = []
  private(set) var tokens: [ArraySlice<UInt8>] = []
  private(set) var names = [""]
  private var numbers = ["": UInt16(0)]

  init(_ text: StaticString) {
    let bytes = text.withUTF8Buffer { unsafe Array($0) }
    for row in bytes.split(separator: UInt8(ascii: "\n")) {
      var fields = row.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
      precondition((2...4).contains(fields.count) && fields[0].count == 1 && !fields[1].isEmpty)
      while fields.count < 4 { fields.append([]) }
      rules.append(rule(fields))
      tokens.append(fields[1].contains { $0 &- 65 < 26 } ? fields[1].map { $0 &- 65 < 26 ? $0 | 32 : $0 }[...] : fields[1])
    }
  }

  private mutating func rule(_ fields: [ArraySlice<UInt8>]) -> UserAgentRule {
    var rule = UserAgentRule()
    let extra = fields[3], name = String(decoding: fields[2], as: UTF8.self)
    rule.length = UInt8(fields[1].count)
    switch fields[0].first {
    case UInt8(ascii: "B"):
      rule.kind = .browser
      rule.name = number(of: name)
      rule.source = .init(rule: extra.first ?? 0)
      rule.isWeak = extra.first == UInt8(ascii: "w")
      rule.keepsMore = name == "Safari"
    case UInt8(ascii: "V"):
      rule.kind = .version
      rule.isSpecial = fields[2].first == UInt8(ascii: "-")
    case UInt8(ascii: "O"):
      rule.kind = .platform
      rule.name = number(of: name)
      rule.hasNoVersion = extra.first == UInt8(ascii: "-")
      if !rule.hasNoVersion { rule.fixedVersion = number(of: String(decoding: extra, as: UTF8.self)) }
      rule.isSpecial = name == "Android"
      rule.keepsMore = name == "macOS"
    case UInt8(ascii: "D"):
      rule.kind = .device
      rule.device = Self.device(name)
    case UInt8(ascii: "R"):
      rule.kind = .robot
      rule.bot = BotKind(rule: Substring(String(decoding: extra, as: UTF8.self)), isAI: false)
      rule.isGeneric = name == "~"
      rule.isSpecial = fields[1].starts(with: "http".utf8) || fields[1].starts(with: "//".utf8)
    case UInt8(ascii: "N"):
      rule.kind = .namedRobot
      rule.name = number(of: name)
      rule.bot = BotKind(rule: Substring(String(decoding: extra, as: UTF8.self)), isAI: true)
    case UInt8(ascii: "X"): rule.kind = .robotException
    default: preconditionFailure("a row of no kind")
    }
    return rule
  }

  private static func device(_ name: String) -> Device {
    switch name {
    case "mobile": return .mobile
    case "tablet": return .tablet
    case "tv": return .tv
    case "console": return .console
    default: preconditionFailure("a device of no kind")
    }
  }

  mutating func number(of name: String) -> UInt16 {
    if let number = numbers[name] { return number }
    let number = UInt16(names.count)
    names.append(name)
    numbers[name] = number
    return number
  }
}
