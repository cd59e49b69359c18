package import TSEngine

/// Says where a visit came from: the site, its name and the channel. Belongs to one thread and one engine.
///
/// Order: `utm_medium`, a paid click's id, the own host, the table of known hosts. `utm_source` or `ref` name the source
/// when there is no referrer: `?utm_source=chatgpt.com` is how links in mails, apps and assistants tell.
package struct ReferrerClassifier: ~Copyable {
  private let engine: Engine
  private var recent = RecentCache(capacity: 4_096, empty: (source: NameID.none, channel: Channel.direct))  // 64 KiB
  private var names = SourceNames()
  private let secret = (UInt64.random(in: 1...UInt64.max), UInt64.random(in: 1...UInt64.max))

  package init(engine: Engine) {
    self.engine = engine
    Referrer.prepare()
  }

  /// - Parameters:
  ///   - referrer: as sent; empty, `-`, other schemes and garbage are direct visits without a host.
  ///   - ownHost: the site's host, or its name where the log has no hosts; with or without `www.` and port.
  /// - Returns: where the host lies in `referrer` (not lower-cased, `www.` and port cut); empty when there is none.
  package mutating func classify(
    referrer: Span<UInt8>, ownHost: Span<UInt8>, campaign: borrowing CampaignTags
  ) -> (host: Range<Int>, source: NameID, channel: Channel) {
    let host = ReferrerHost.range(in: referrer)
    var (source, channel) = host.isEmpty ? (NameID.none, Channel.direct) : site(referrer.extracting(host), ownHost)
    if !campaign.isEmpty { apply(campaign, &source, &channel) }
    return (host, source, channel)
  }

  /// What is known of a host, by way of the cache.
  private mutating func site(_ host: Span<UInt8>, _ ownHost: Span<UInt8>) -> (NameID, Channel) {
    let own = ReferrerHost.site(ownHost, 0..<ownHost.count)
    let hash = KeyedHash.hash(host, secret.0, secret.1 ^ KeyedHash.hash(ownHost.extracting(own), secret.1, secret.0)) | 1
    if let known = recent.value(hash) { return known }
    var (source, channel) = (NameID.none, Channel.internal)
    var isFinal = true
    if !Self.equalIgnoringCase(host, ownHost.extracting(own)) {
      let hash = KeyedHash.hash(host, secret.1, secret.0)
      if let known = names.known(hash: hash) {
        (source, channel) = (known, Referrer.looksLikeMail(host) ? .mail : .other)
      } else if let known = Referrer.known(host: host) {
        (source, channel) = (engine.name(known.name), known.channel)
      } else {
        channel = Referrer.looksLikeMail(host) ? .mail : .other
        (source, isFinal) = names.number(of: host, hash: hash, engine)
      }
    }
    if isFinal { recent.insert((source, channel), hash) }
    return (source, channel)
  }

  private mutating func apply(_ campaign: borrowing CampaignTags, _ source: inout NameID, _ channel: inout Channel) {
    let wasDirect = channel == .direct
    if wasDirect, campaign.source.count > 0 {
      if let known = Referrer.known(campaignSource: campaign.source) {
        (source, channel) = (engine.name(known.name), known.channel)
      } else {
        let hash = KeyedHash.hash(campaign.source, secret.1, secret.0)
        (source, channel) = (names.number(of: campaign.source, hash: hash, engine).id, .campaign)
      }
    }
    switch Referrer.channel(medium: campaign.medium) {
    case .known(let medium): channel = medium
    case .unknown: channel = .campaign
    case .absent:
      let isPlain = channel == .other || channel == .direct
      if campaign.hasClickID {
        channel = .paid
      } else if isPlain, campaign.campaign.count > 0 {
        channel = .campaign
      }
    case .referral: break
    }
  }

  private static func equalIgnoringCase(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
    guard one.count == other.count else { return false }
    for index in one.indices where one[index].lowercasedASCII != other[index].lowercasedASCII { return false }
    return true
  }
}
