import TSEngine

/// What one pass over a User-Agent found. Ends are offsets behind a token.
struct UserAgentTokens {
  static let none = Int.max

  private(set) var browser = none, browserEnd = 0  // rule of the highest priority
  private(set) var platform = none, platformEnd = 0
  private(set) var namedRobot = none
  private(set) var robot = none, robotEnd = -1  // the first one's rule
  private(set) var versionEnd = -1  // behind the last `version/`
  private(set) var devices: UInt8 = 0  // bit = Device.rawValue

  /// From behind `Android `, while a phone's model may go on; −1 outside. A phone may be called "M bot 54".
  private var modelAt = -1
  private var modelIsOver = false

  init(_ bytes: Span<UInt8>, _ automaton: UserAgentAutomaton) {
    let rules = automaton.rules
    automaton.scan(bytes) { index, end in see(rules[index], index, end, bytes) }
  }

  func has(_ device: Device) -> Bool { devices >> device.rawValue & 1 == 1 }

  @inline(__always)
  private mutating func see(_ rule: UserAgentRule, _ index: Int, _ end: Int, _ bytes: Span<UInt8>) {
    switch rule.kind {
    case .browser: if index < browser { (browser, browserEnd) = (index, end) }
    case .platform:
      if index < platform { (platform, platformEnd) = (index, end) }
      if rule.isSpecial, modelAt < 0, !modelIsOver { modelAt = end }
    case .device: devices |= 1 << rule.device.rawValue
    case .version:
      if rule.isSpecial { endModel() } else { versionEnd = end }
    case .robot:
      if modelAt >= 0 { findModelEnd(before: end - Int(rule.length), bytes) }
      if modelAt < 0, robotEnd < 0 { (robot, robotEnd) = (index, end) }
    case .robotException:
      if robotEnd > end - Int(rule.length) { (robot, robotEnd) = (Self.none, -1) }
    case .namedRobot:
      if index < namedRobot { namedRobot = index }
      if robotEnd < 0 { (robot, robotEnd) = (index, end) }
    }
  }

  private mutating func endModel() { (modelAt, modelIsOver) = (-1, true) }

  /// A model ends at `)`. Each byte is looked at once, however many robots' words follow.
  private mutating func findModelEnd(before limit: Int, _ bytes: Span<UInt8>) {
    while modelAt < limit {
      if bytes[modelAt] == UInt8(ascii: ")") { return endModel() }
      modelAt += 1
    }
  }
}
