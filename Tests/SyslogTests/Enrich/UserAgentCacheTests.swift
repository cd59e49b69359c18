import TSEngine
import Testing

@testable import Syslog

@Suite struct UserAgentCacheTests {
  private let engine = Engine(EngineOptions(), accounting: Accounting()) { 1_700_000_000 }
  private static let chrome = utf8(
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36")

  /// Whether `agent` is taken for a robot.
  private func isBot(_ cache: inout UserAgentCache, _ agent: [UInt8], isLogged: Bool = true) -> Bool {
    cache.agent(of: agent.span, isLogged: isLogged, engine: engine).isBot
  }

  @Test func `an agent that the format does not have is nobody's fault`() {
    var cache = UserAgentCache()
    let empty: [UInt8] = [], dash = utf8("-")
    #expect(!isBot(&cache, empty, isLogged: false))
    #expect(!isBot(&cache, dash, isLogged: false))
    #expect(isBot(&cache, empty))
    #expect(isBot(&cache, dash))
  }

  @Test func `the cache answers as parsing does`() {
    var cache = UserAgentCache()
    let rows = Fixture.lines("agents_people.txt") + Fixture.lines("agents_bots.txt")
    for _ in 0..<3 {
      for row in rows {
        let plain = UserAgent.classify(row.span).isBot
        #expect(isBot(&cache, row) == plain)
      }
    }
    #expect(!isBot(&cache, Self.chrome))
  }

  @Test func `an agent longer than 256 bytes is the one it begins with`() {
    var cache = UserAgentCache()
    let long = Self.chrome + [UInt8](repeating: 32, count: 256 - Self.chrome.count)
    #expect(!isBot(&cache, long))
    #expect(!isBot(&cache, long + utf8("Googlebot")))
  }

  @Test func `hashes of different lengths, keys and bytes differ`() {
    var seen: Set<UInt64> = []
    for count in 0...300 { seen.insert(KeyedHash.hash([UInt8](repeating: 0, count: count).span, 3, 5)) }
    for index in 0..<256 {
      var bytes = [UInt8](repeating: 65, count: 256)
      bytes[index] = 66
      seen.insert(KeyedHash.hash(bytes.span, 3, 5))
    }
    #expect(seen.count == 557)
    #expect(KeyedHash.hash(Self.chrome.span, 3, 5) != KeyedHash.hash(Self.chrome.span, 3, 7))
    #expect(KeyedHash.hash(Self.chrome.span, 3, 5) != KeyedHash.hash(Self.chrome.span, 9, 5))
  }
}
