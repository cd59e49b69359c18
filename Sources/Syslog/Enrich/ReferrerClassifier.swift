package import TSEngine

/// Says where a visit came from: the site, its name and the channel. Belongs to one thread and one engine.
///
/// Order: `utm_medium`, a paid click's id, the own host, the table of known hosts. `utm_source` or `ref` name the source
/// when there is no referrer: `?utm_source=chatgpt.com` is how links in mails, apps and assistants tell.
package struct ReferrerClassifier: ~Copyable {
  private let engine: Engine
  private var recent = RecentCache(capacity: 4_096, empty: Known())  // 64 KiB
  private var names = SourceNames()
  private let secret = (UInt64.random(in: 1...UInt64.max), UInt64.random(in: 1...UInt64.max))

  /// What was found behind `https://` up to the path, whoever's site was visited. Not private: the compiler (6.3) fails where
  /// another file's type owns this cache of a private one.
  struct Known {
    var source = NameID.none
    var channel = Channel.direct
    var lead: UInt8 = 0, count: UInt8 = 0  // where the host lies in it; no host: none
    var isNamed = false  // source and channel are known; an own host needs neither
  }

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
    var (host, source, channel) = (0..<0, NameID.none, Channel.direct)
    if referrer.count > 0 { (host, source, channel) = site(referrer, ownHost) }
    if !campaign.isEmpty { apply(campaign, &source, &channel) }
    return (host, source, channel)
  }

  /// What is known of the site that `referrer` names, by way of the cache: the same bytes up to the path mean the same host.
  @inline(__always)
  private mutating func site(_ referrer: Span<UInt8>, _ ownHost: Span<UInt8>) -> (Range<Int>, NameID, Channel) {
    let start = ReferrerHost.authorityStart(referrer)
    guard start > 0 else { return (0..<0, .none, .direct) }
    let end = referrer.index(of: UInt8(ascii: "/"), or: UInt8(ascii: "?"), from: start)
    let hash = KeyedHash.hash(referrer.extracting(start..<end), secret.0, secret.1) | 1
    var known = Known()
    if let recent = recent.value(hash) {
      known = recent
    } else {
      let host = ReferrerHost.range(in: referrer)
      guard host.isEmpty || host.upperBound - start <= 255 else { return unkeptSite(referrer, host, ownHost) }
      if !host.isEmpty { (known.lead, known.count) = (UInt8(host.lowerBound - start), UInt8(host.count)) }
      recent.insert(known, hash)
    }
    guard known.count > 0 else { return (0..<0, .none, .direct) }
    let host = start &+ Int(known.lead)..<start &+ Int(known.lead) &+ Int(known.count)
    if isOwn(referrer.extracting(host), ownHost) { return (host, .none, .internal) }
    if !known.isNamed {
      known.isNamed = name(referrer.extracting(host), &known.source, &known.channel)
      if known.isNamed { recent.insert(known, hash) }
    }
    return (host, known.source, known.channel)
  }

  /// The same for what is too long to be remembered.
  @inline(never)
  private mutating func unkeptSite(
    _ referrer: Span<UInt8>, _ host: Range<Int>, _ ownHost: Span<UInt8>
  ) -> (Range<Int>, NameID, Channel) {
    if isOwn(referrer.extracting(host), ownHost) { return (host, .none, .internal) }
    var (source, channel) = (NameID.none, Channel.other)
    _ = name(referrer.extracting(host), &source, &channel)
    return (host, source, channel)
  }

  /// Name and channel of a host that is not the own one. Returns whether they may be remembered.
  @inline(never)
  private mutating func name(_ host: Span<UInt8>, _ source: inout NameID, _ channel: inout Channel) -> Bool {
    let hash = KeyedHash.hash(host, secret.1, secret.0)
    channel = Referrer.looksLikeMail(host) ? .mail : .other
    if let known = names.known(hash: hash) {
      source = known
      return true
    }
    if let known = Referrer.known(host: host) {
      (source, channel) = (engine.name(known.name), known.channel)
      return true
    }
    let (id, isFinal) = names.number(of: host, hash: hash, engine)
    source = id
    return isFinal
  }

  @inline(__always)
  private func isOwn(_ host: Span<UInt8>, _ ownHost: Span<UInt8>) -> Bool {
    guard ownHost.count >= host.count else { return false }
    return Self.equalIgnoringCase(host, ownHost.extracting(ReferrerHost.site(ownHost, 0..<ownHost.count)))
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
