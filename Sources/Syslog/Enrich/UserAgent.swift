package import TSEngine

/// What a User-Agent says, as plain numbers: nothing was allocated for it.
package struct UserAgentResult: Hashable, Sendable {
  static let absent = UInt16.max

  var browser: UInt16 = 0, platform: UInt16 = 0  // in the automaton's names, 0: unknown
  var browserMajor = absent, browserMinor = absent
  var platformMajor = absent, platformMinor = absent, platformPatch = absent
  var platformFixed: UInt16 = 0  // a version that the token itself says, in the automaton's names
  var robot: UInt16 = 0  // a robot's canonical name, in the automaton's names
  var nameStart: UInt8 = 0, nameCount: UInt8 = 0  // else its name stands there in the User-Agent
  package var device = Device.unknown
  package var kind = BotKind.none

  package var isBot: Bool { kind != .none }
}

/// Understands User-Agents by the tokens they hold: one pass, then decisions of fixed cost. There is no regular expression
/// in it, so no User-Agent is slow: 0.5 µs, the worst that an evolutionary search found below 2 (EPYC, release build).
///
/// Decisions, in order:
///
/// 1. a robot known by name (rules N); 2. a word of robots (R) outside a phone's model;
/// 3. not `Mozilla/` nor `Opera/`, and neither a browser nor a device in it: a robot, named by its first word;
/// 4. `Mozilla/` without browser, device or usable platform, or nothing at all: a robot. Everything else is people.
package enum UserAgent {
  /// What stands behind is not read: longer ones are hostile or boring.
  package static let maxBytes = 256

  package static func classify(_ userAgent: Span<UInt8>) -> UserAgentResult {
    let automaton = UserAgentAutomaton.shared
    let bytes = userAgent.extracting(0..<min(userAgent.count, maxBytes))
    let tokens = UserAgentTokens(bytes, automaton)
    var result = UserAgentResult()
    result.kind = botKind(bytes, tokens, automaton)
    if result.isBot {
      result.device = .bot
      name(&result, bytes, tokens, automaton)
      return result  // a robot's browser is a costume
    }
    if tokens.platform != UserAgentTokens.none { setPlatform(&result, bytes, tokens, automaton.rules[tokens.platform]) }
    if tokens.browser != UserAgentTokens.none { setBrowser(&result, bytes, tokens, automaton) }
    result.device = device(tokens, result, automaton)
    return result
  }

  private static func botKind(_ bytes: Span<UInt8>, _ tokens: UserAgentTokens, _ automaton: UserAgentAutomaton) -> BotKind {
    if tokens.namedRobot != UserAgentTokens.none { return automaton.rules[tokens.namedRobot].bot }
    if tokens.robotEnd >= 0 { return automaton.rules[tokens.robot].bot }
    if bytes.isEmpty || bytes.count == 1 && bytes[0] == UInt8(ascii: "-") { return .other }
    let hasBrowser = tokens.browser != UserAgentTokens.none
    if isMozilla(bytes) {
      let hasPlatform = tokens.platform != UserAgentTokens.none && bytes.count >= 40
      return hasBrowser || hasPlatform || tokens.devices != 0 ? .none : .other
    }
    return hasBrowser && !automaton.rules[tokens.browser].isWeak || tokens.devices != 0 ? .none : .tool
  }

  /// `Mozilla/…` or `Opera/…`, as every browser begins since 1994.
  static func isMozilla(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count >= 8 else { return false }
    return bytes[0] == UInt8(ascii: "M") && bytes[1] == UInt8(ascii: "o") && bytes[7] == UInt8(ascii: "/")
      || bytes[0] == UInt8(ascii: "O") && bytes[1] == UInt8(ascii: "p") && bytes[5] == UInt8(ascii: "/")
  }

  private static func setPlatform(
    _ result: inout UserAgentResult, _ bytes: Span<UInt8>, _ tokens: UserAgentTokens, _ rule: UserAgentRule
  ) {
    (result.platform, result.platformFixed) = (rule.name, rule.fixedVersion)
    guard rule.fixedVersion == 0, !rule.hasNoVersion else { return }
    let version = Version(bytes, at: tokens.platformEnd)
    (result.platformMajor, result.platformMinor) = (version.major, version.minor)
    if rule.keepsMore { result.platformPatch = version.patch }
  }

  private static func setBrowser(
    _ result: inout UserAgentResult, _ bytes: Span<UInt8>, _ tokens: UserAgentTokens, _ automaton: UserAgentAutomaton
  ) {
    let rule = automaton.rules[tokens.browser]
    result.browser = rule.name
    let carried = tokens.versionEnd >= 0
    let version: Version =
      switch rule.source {
      case .token: Version(bytes, at: tokens.browserEnd)
      case .carrier: Version(bytes, at: carried ? tokens.versionEnd : tokens.browserEnd)
      case .carrierOnly: carried ? Version(bytes, at: tokens.versionEnd) : Version()
      case .trident: Version(bytes, at: tokens.browserEnd).trident
      case .chrome: Version(afterChrome: bytes)
      }
    result.browserMajor = version.major
    if rule.keepsMore { result.browserMinor = version.minor }
    // Chrome never says Version/ on Android; the view that apps embed does.
    if carried, rule.name == automaton.chrome, result.platform == automaton.android { result.browser = automaton.webView }
  }

  private static func device(_ tokens: UserAgentTokens, _ result: UserAgentResult, _ automaton: UserAgentAutomaton) -> Device {
    if tokens.has(.console) { return .console }
    if tokens.has(.tv) { return .tv }
    if tokens.has(.tablet) { return .tablet }
    if tokens.has(.mobile) { return .mobile }
    return automaton.usualDevice[Int(result.platform)]
  }
}
