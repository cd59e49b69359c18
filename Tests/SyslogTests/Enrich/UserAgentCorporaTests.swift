import Glibc
import Testing

@testable import Syslog

/// Measured against other projects' collections, where Enrich/corpora/fetch.py brought them.
@Suite(.enabled(if: Corpus.isThere)) struct UserAgentCorporaTests {
  @Test func `nobody of a crowd of people is called a robot`() {
    let (count, bots) = Corpus.bots(in: "real.txt")
    #expect(count > 800 && bots == 0)
  }

  @Test func `of browsers, one for each model, less than a thousandth is called a robot`() {
    let (count, bots) = Corpus.bots(in: "browsers.txt")
    #expect(count > 30_000 && Double(bots) < 0.001 * Double(count), "\(bots) of \(count)")
  }

  @Test func `robots of two collections are told`() {
    let (crawlers, toldCrawlers) = Corpus.bots(in: "crawlers.txt")
    #expect(crawlers > 2_000 && Double(toldCrawlers) >= 0.98 * Double(crawlers), "\(toldCrawlers) of \(crawlers)")
    let (bots, toldBots) = Corpus.bots(in: "bots.txt")
    #expect(bots > 1_200 && Double(toldBots) >= 0.97 * Double(bots), "\(toldBots) of \(bots)")
  }

  @Test func `robots of artificial intelligence are told with their class`() {
    let kinds = ["ai-training": BotKind.aiTraining, "ai-search": .aiSearch, "user-fetch": .aiUser, "dataset": .dataset]
    var told = 0, count = 0
    for line in Corpus.lines("ai.txt") {
      let parts = line.split(separator: UInt8(ascii: "|"), maxSplits: 1)
      let agent = Array(parts[1])
      count += 1
      if UserAgent.classify(agent.span).kind == kinds[string(parts[0])] { told += 1 }
    }
    #expect(count >= 70 && told >= 70, "\(told) of \(count)")
  }
}

private enum Corpus {
  static func path(_ name: String) -> String {
    #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined() + "/.build/corpora/" + name
  }
  static var isThere: Bool {
    ["real.txt", "browsers.txt", "crawlers.txt", "bots.txt", "ai.txt"].allSatisfy { unsafe access(path($0), R_OK) == 0 }
  }

  static func lines(_ name: String) -> [[UInt8]] {
    Fixture.read(path(name)).split(separator: UInt8(ascii: "\n")).map(Array.init)
  }

  static func bots(in name: String) -> (count: Int, bots: Int) {
    let lines = lines(name)
    return (lines.count, lines.count { UserAgent.classify($0.span).isBot })
  }
}
