import TSEngine

/// What the table says of a host, a campaign's source and a medium. Called for new ones only, so it may allocate.
enum Referrer {
  /// No host of the table has more labels, so no host's further ones are looked at.
  static let maxLabels = 7

  /// Reads the table, so that the first message need not.
  static func prepare() { _ = (ReferrerSources.hosts, ReferrerSources.stems, ReferrerSources.words) }

  /// The longest entry that `host` is or lies under.
  static func known(host: Span<UInt8>) -> ReferrerSources.Source? {
    let labels = text(host.extracting(lastLabels(host))).split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count > 1 else { return nil }
    let suffix = publicSuffixLabels(labels)
    for first in labels.indices.dropLast() {
      if let source = ReferrerSources.hosts[labels[first...].joined(separator: ".")] { return source }
      guard first < labels.count - suffix else { continue }
      if let source = ReferrerSources.stems[labels[first..<labels.count - suffix].joined(separator: ".")] { return source }
    }
    return nil
  }

  /// `utm_source=google`, `ref=news.ycombinator.com`.
  static func known(campaignSource: Span<UInt8>) -> ReferrerSources.Source? {
    let word = text(campaignSource)
    return ReferrerSources.words[word] ?? known(host: campaignSource)
  }

  /// webmail.example.org, mail.example.org: somebody's own mail program in the browser.
  static func looksLikeMail(_ host: Span<UInt8>) -> Bool {
    host.starts(with: "webmail.") || host.starts(with: "mail.") || host.starts(with: "roundcube.")
  }

  enum Medium: Equatable {
    case absent
    case referral  // says nothing that the referrer does not
    case known(Channel)
    case unknown
  }

  static func channel(medium: Span<UInt8>) -> Medium {
    guard medium.count > 0 else { return .absent }
    switch text(medium) {
    case "referral", "link", "web", "website", "(none)", "none", "direct": return .referral
    case "organic", "search", "seo": return .known(.search)
    case "email", "e-mail", "e_mail", "mail", "newsletter": return .known(.mail)
    case "social", "social-network", "social-media", "social_media", "sm", "social network", "social media", "organic_social":
      return .known(.social)
    case "cpc", "ppc", "cpm", "cpv", "cpa", "cpp", "display", "banner", "ads", "ad", "sem", "retargeting", "remarketing":
      return .known(.paid)
    case let other where other.hasPrefix("paid"): return .known(.paid)  // paid_social, paidsearch
    case "ai", "ai-assistant", "llm": return .known(.ai)
    default: return .unknown
    }
  }

  private static func lastLabels(_ host: Span<UInt8>) -> Range<Int> {
    var start = host.count, dots = 0
    while start > 0 {
      if host[start - 1] == UInt8(ascii: ".") { dots += 1 }
      if dots == maxLabels { break }
      start -= 1
    }
    return start..<host.count
  }

  /// How many labels the public suffix of a name takes: `com` 1, `co.uk` 2. The list of public suffixes is 200 KB and not
  /// needed: hosts that matter here stand under a country or `co.`, `com.`, `net.`, `org.` of one.
  private static func publicSuffixLabels(_ labels: [Substring]) -> Int {
    guard labels.count > 2, labels[labels.count - 1].utf8.count == 2 else { return 1 }
    return ["co", "com", "net", "org", "ne", "or"].contains(labels[labels.count - 2]) ? 2 : 1
  }

  private static func text(_ bytes: Span<UInt8>) -> String {
    String(decoding: bytes.indices.map { bytes[$0].lowercasedASCII }, as: UTF8.self)
  }
}
