import Glibc
import TSEngine
import Testing

@testable import Syslog

/// Against the tests of uap-core, the rules that most analytics use: browser and platform by name and major version.
///
/// `uap_names.tsv` says which of their names are ours (`browser|platform`, theirs, ours). What differs still stands in
/// `uap_differences.tsv` with the reason and how often, and nothing else may:
///
/// | reason | |
/// |---|---|
/// | engine | an app or an extinct browser that we count as the engine it uses, or a library we have no name for |
/// | robot | a robot that we call by another of its words; a robot's platform is not kept |
/// | version | they take the platform's or the build's number, or read one where the token we trust has none |
/// | darwin | CFNetwork and Darwin name a library of Apple's: iOS and macOS share it, so the platform is unknown |
/// | finer | they say "Other" of a platform that we name |
/// | tv | they take the maker of a TV set for its platform |
/// | system | phones' systems that ended before 2015, and disguises |
@Suite(.enabled(if: UapCore.isThere)) struct UapCoreTests {
  @Test func `browsers and platforms are what uap-core expects, but for the differences that are listed`() {
    var found: [UapCore.Difference: Int] = [:], agreed = ["browser": 0, "platform": 0], count = 0
    for what in ["browser", "platform"] {
      for line in UapCore.lines("uap_\(what)s.tsv") {
        count += 1
        if let difference = UapCore.difference(what, line) { found[difference, default: 0] += 1 } else { agreed[what]! += 1 }
      }
    }
    let listed = UapCore.listed
    for (difference, times) in found { #expect(listed[difference] == times, "not listed: \(difference) \(times)") }
    for (difference, times) in listed { #expect(found[difference] == times, "listed, but gone: \(difference)") }
    #expect(count == 1_876 && agreed["browser"]! >= 1_134 && agreed["platform"]! >= 205, "\(agreed) of \(count)")
  }
}

enum UapCore {
  struct Difference: Hashable { var what = "", theirs = "", ours = "" }

  static func path(_ name: String) -> String {
    #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined() + "/.build/corpora/" + name
  }
  static var isThere: Bool { ["uap_browsers.tsv", "uap_platforms.tsv"].allSatisfy { unsafe access(path($0), R_OK) == 0 } }

  static func lines(_ name: String) -> [[Substring]] { fields(Fixture.read(path(name))) }
  private static func fields(_ bytes: [UInt8]) -> [[Substring]] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false)
    }
  }

  private static let names = Dictionary(
    uniqueKeysWithValues: fields(Fixture.bytes("uap_names.tsv")).map { ("\($0[0]) \($0[1])", String($0[2])) })
  /// The same names may differ for more than one reason.
  static var listed: [Difference: Int] {
    let rows = fields(Fixture.bytes("uap_differences.tsv")).map {
      (Difference(what: String($0[0]), theirs: String($0[1]), ours: String($0[2])), Int($0[4])!)
    }
    return Dictionary(rows, uniquingKeysWith: +)
  }

  /// `line`: their family, major and minor version, and the agent. nil where we say the same.
  static func difference(_ what: String, _ line: [Substring]) -> Difference? {
    let agent = Array(line[3].utf8), result = UserAgent.agentClass(of: UserAgent.classify(agent.span), agent.span)
    let theirs = String(line[0]), wanted = names["\(what) \(theirs)"] ?? theirs
    if result.isBot {
      let bot = plain(result.bot), name = plain(wanted)
      if what == "browser", !bot.isEmpty, !name.isEmpty, bot.contains(name) || name.contains(bot) { return nil }
      return Difference(what: what, theirs: theirs, ours: what == "browser" ? "robot " + result.bot : "robot")
    }
    let (name, text) =
      what == "browser" ? (result.browser, result.browserVersion) : (result.platform, result.platformVersion)
    guard plain(name) == plain(wanted) else { return Difference(what: what, theirs: theirs, ours: name) }
    var major = String(line[1]), ours = text.dropFirst(name.count).drop { $0 == " " }
    if theirs.hasPrefix("Windows"), major == "8", !line[2].isEmpty {
      major = "8." + line[2]
    } else {
      ours = ours.prefix { $0 != "." }
    }
    // Distributions of Linux have their own versions, and ChromeOS the browser's.
    if ours == major || what == "platform" && ["Linux", "", "ChromeOS"].contains(wanted) { return nil }
    return Difference(what: what, theirs: major.isEmpty ? theirs : theirs + " " + major, ours: text)
  }

  /// ASCII letters and digits, in lower case.
  private static func plain(_ text: String) -> String {
    String(decoding: text.utf8.map { $0 &- 65 < 26 ? $0 | 32 : $0 }.filter { $0 &- 97 < 26 || $0 &- 48 < 10 }, as: UTF8.self)
  }
}
