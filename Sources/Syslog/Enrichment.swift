internal import TSEngine

/// Turns what a request says of its client into codes: the one place that calls Enrich/.
struct Enrichment: ~Copyable {
  private let engine: Engine
  private let countries: CountryLookup?
  private let visitorIncludesAgent: Bool
  private var table: CountryTable?
  private var agents = UserAgentCache()
  private var referrers: ReferrerClassifier

  /// - Parameter visitorIncludesAgent: `--visitor ip+ua`: one address with two browsers is two visitors.
  init(engine: Engine, countries: CountryLookup?, visitorIncludesAgent: Bool) {
    (self.engine, self.countries, self.visitorIncludesAgent) = (engine, countries, visitorIncludesAgent)
    referrers = ReferrerClassifier(engine: engine)
    table = countries?.current()
  }

  /// Takes over a country table that was reloaded; once a batch is often enough.
  mutating func refresh() { table = countries?.current() }

  /// Agent, country and visitor.
  @inline(__always)
  mutating func client(_ address: Address, agent: Span<UInt8>, agentIsLogged: Bool, into event: inout Event) {
    let client = agents.agent(of: agent, isLogged: agentIsLogged, engine: engine)
    event.agent = client.id
    event.country = table?.country(of: address) ?? (address.isLocal ? .local : .unknown)
    let words = address.visitorWords()
    // The multiplier spreads it over the word, which for IPv6 is the subnet's.
    let agentWord = visitorIncludesAgent ? UInt64(client.word) &* 0x9e37_79b9_7f4a_7c15 : 0
    event.visitor = VisitorToken(hash: engine.options.visitorKey.hash(words.0, words.1 ^ agentWord))
  }

  /// Source and channel. Returns where the host lies in `referrer`.
  @inline(__always)
  mutating func referrer(
    _ referrer: Span<UInt8>, ownHost: Span<UInt8>, campaign: borrowing CampaignTags, into event: inout Event
  ) -> Range<Int> {
    let found = referrers.classify(referrer: referrer, ownHost: ownHost, campaign: campaign)
    (event.source, event.channel) = (found.source, found.channel)
    return found.host
  }
}
