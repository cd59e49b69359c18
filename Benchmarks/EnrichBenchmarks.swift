import Syslog
import TSEngine

/// What enrichment costs an event: the agent on a miss and on a hit, the country, the referrer, the address's text.
enum EnrichBenchmarks {
  static func run() {
    agents()
    addresses()
    referrers()
    if let path = CountryLookup.usualPath {
      countries(path)
    } else {
      Report.text("enrich: no country database, see make geoip")
    }
  }

  /// The best of five rounds, each of `count` operations.
  private static func report(_ name: String, _ count: Int, _ body: () -> Int) {
    var best = Double.infinity, checksum = 0
    for _ in 0..<5 {
      let start = Clock.cpu()
      checksum = body()
      best = min(best, Clock.cpu() - start)
    }
    Report.line("enrich: \(name)", nanoseconds: best * 1e9 / Double(count), checksum: checksum)
  }

  private static func engine() -> Engine { Engine(EngineOptions(), accounting: Accounting()) { 1_700_000_000 } }

  private static func agents() {
    let texts = (0..<1_000).map { number in
      let (major, kind) = (100 + number / 8, number % 8)
      let engine = "AppleWebKit/537.36 (KHTML, like Gecko)"
      let text =
        switch kind {
        case 0: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) \(engine) Chrome/\(major).0.0.0 Safari/537.36"
        case 1: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) \(engine) Chrome/\(major).0.0.0 Safari/537.36"
        case 2: "Mozilla/5.0 (Linux; Android 10; K) \(engine) Chrome/\(major).0.0.0 Mobile Safari/537.36"
        case 3: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:\(major).0) Gecko/20100101 Firefox/\(major).0"
        case 4:
          "Mozilla/5.0 (iPhone; CPU iPhone OS 17_\(number % 7) like Mac OS X) \(engine) Version/\(major).1 Mobile Safari/604"
        case 5: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) \(engine) Chrome/\(major).0.0.0 Safari/537.36 Edg/\(major).0.0.0"
        case 6: "Mozilla/5.0 (compatible; Googlebot/2.\(major); +http://www.google.com/bot.html)"
        default: "curl/8.\(major).0"
        }
      return Array(text.utf8)
    }
    report("user agent, parsed", 100_000) {
      var sum = 0
      for _ in 0..<100 { for text in texts { sum &+= Int(UserAgent.classify(text.span).device.rawValue) } }
      return sum
    }
    let worst = Array(String(repeating: "bb10", count: 64).utf8)
    report("user agent, the worst known", 10_000) {
      var sum = 0
      for _ in 0..<10_000 { sum &+= Int(UserAgent.classify(worst.span).device.rawValue) }
      return sum
    }
    let engine = engine()
    var cache = UserAgentCache()
    report("user agent, seen before", 1_000_000) {
      var sum = 0
      for _ in 0..<1_000 {
        for text in texts { sum &+= cache.agent(of: text.span, isLogged: true, engine: engine).isBot ? 1 : 0 }
      }
      return sum
    }
    Report.text("enrich: user agents parsed for that: \(cache.misses)")
  }

  private static func addresses() {
    let texts = (0..<1_000).map { number -> [UInt8] in
      let text =
        number % 4 == 0 ? "2a00:1450:\(number)::\(number % 99)" : "\(number % 223 + 1).\(number % 256).\(number % 99).7"
      return Array(text.utf8)
    }
    report("address, parsed", 1_000_000) {
      var sum: UInt64 = 0
      for _ in 0..<1_000 { for text in texts { sum &+= Address.parse(text.span)?.visitorWords().1 ?? 0 } }
      return Int(truncatingIfNeeded: sum)
    }
  }

  private static func referrers() {
    let texts = (0..<200).map { number in
      Array((number % 3 == 0 ? "https://www.google.com/search?q=\(number)" : "https://site\(number).example/page").utf8)
    }
    let own = Array("example.org".utf8)
    let tags = CampaignTags()
    var classifier = ReferrerClassifier(engine: engine())
    report("referrer, seen before", 200_000) {
      var sum = 0
      for _ in 0..<1_000 {
        for text in texts {
          sum &+= Int(classifier.classify(referrer: text.span, ownHost: own.span, campaign: tags).channel.rawValue)
        }
      }
      return sum
    }
  }

  private static func countries(_ path: String) {
    let start = Clock.cpu()
    guard let table = try? CountryTable(path: path) else { return Report.text("enrich: cannot read \(path)") }
    let ranges = table.rangeCounts
    let milliseconds = ((Clock.cpu() - start) * 1e4).rounded() / 10
    Report.text("enrich: \(path) read in \(milliseconds) ms, \(ranges.v4) and \(ranges.v6) ranges")
    var state: UInt64 = 88_172_645_463_325_252
    func random() -> UInt64 {  // Marsaglia 2003, xorshift
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
    let prefixes: [UInt64] = [0x2001, 0x2400, 0x2401, 0x2404, 0x2600, 0x2607, 0x2800, 0x2a00, 0x2a01, 0x2a02, 0x2c0f]
    let v4 = (0..<100_000).map { _ in Address(v4: UInt32(truncatingIfNeeded: random() >> 16)) }
    let v6 = (0..<100_000).map { number in Address(high: prefixes[number % prefixes.count] << 48 | random() >> 16, low: 1) }
    for (name, list) in [("IPv4", v4), ("IPv6", v6)] {
      report("country of \(name)", list.count) {
        var sum = 0
        for address in list { sum &+= Int(table.country(of: address).rawValue) }
        return sum
      }
    }
  }
}
