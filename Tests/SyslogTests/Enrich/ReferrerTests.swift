import TSEngine
import Testing

@testable import Syslog

@Suite struct ReferrerTests {
  private static func host(_ referrer: String) -> String {
    let bytes = utf8(referrer)
    return string(bytes[ReferrerHost.range(in: bytes.span)])
  }

  private static func known(_ host: String) -> ReferrerSources.Source? { Referrer.known(host: utf8(host).span) }
  private static func known(campaign: String) -> ReferrerSources.Source? {
    Referrer.known(campaignSource: utf8(campaign).span)
  }

  @Test(arguments: [
    ("https://example.org/a?b=c#d", "example.org"), ("http://example.org", "example.org"),
    ("https://example.org?x", "example.org"),
    ("https://example.org#x", "example.org"), ("HTTPS://Example.ORG/", "Example.ORG"),
    ("https://www.example.org/", "example.org"),
    ("https://WWW.example.org/", "example.org"), ("https://www2.example.org/", "www2.example.org"), ("https://www./", "www"),
    ("https://example.org:8443/", "example.org"), ("https://example.org./", "example.org"),
    ("https://example.org.:80/", "example.org"),
    ("https://user:secret@example.org/", "example.org"), ("https://a@b@example.org:1/", "example.org"),
    ("https://example.org\\@evil.example/", "example.org"), ("https://example.org/@evil.example", "example.org"),
    ("android-app://com.google.android.gm/", "com.google.android.gm"), ("https://localhost:3000/", "localhost"),
    ("http://127.0.0.1:8080/x", "127.0.0.1"), ("http://[2001:db8::1]:80/", "[2001:db8::1]"),
    ("http://[2001:db8::1]/", "[2001:db8::1]"),
    ("https://xn--bcher-kva.example/", "xn--bcher-kva.example"), ("https://bücher.example/", "bücher.example"),
    ("https://under_score.example/", "under_score.example"),
    ("", ""), ("-", ""), ("javascript:alert(1)", ""), ("data:text/html,x", ""), ("ftp://example.org/", ""),
    ("example.org/a", ""),
    ("//example.org/a", ""), ("https://", ""), ("https:///", ""), ("https://?", ""), ("https://exa mple.org/", ""),
    ("https://example.org<script>/", ""), ("https://ex\"ample.org/", ""), ("https://./", ""), ("https://../", ""),
    ("https://.a/", ""),
    ("http://1.2.3/", ""), ("http://[::1/", ""), ("http://[x]/", ""), ("https://a%00b/", ""), ("https:/example.org", ""),
    (" https://a.b", ""),
    ("about:blank", ""), ("http\u{1a}//example.org/", ""), ("http:\u{0f}/example.org/", ""), ("httpx://example.org/", ""),
    ("http:/", ""), ("https://@/", ""), ("https://:80/", ""),
  ])
  func `a referrer's host is found, and nothing in what is none`(referrer: String, host: String) {
    #expect(Self.host(referrer) == host)
  }

  @Test func `a host longer than any can be is none`() {
    #expect(Self.host("https://" + String(repeating: "a", count: 253) + "/").count == 253)
    #expect(Self.host("https://" + String(repeating: "a", count: 254) + "/") == "")
    #expect(Self.host("https://" + String(repeating: "a", count: 70_000)) == "")
    #expect(Self.host("https://" + String(repeating: "@", count: 70_000)) == "")
  }

  @Test(arguments: [
    ("chatgpt.com", "ChatGPT", Channel.ai), ("chat.openai.com", "ChatGPT", .ai), ("gemini.google.com", "Gemini", .ai),
    ("perplexity.ai", "Perplexity", .ai), ("claude.ai", "Claude", .ai), ("copilot.microsoft.com", "Copilot", .ai),
    ("chat.deepseek.com", "DeepSeek", .ai), ("chat.mistral.ai", "Mistral", .ai), ("grok.com", "Grok", .ai),
    ("you.com", "You.com", .ai),
    ("google.com", "Google", .search), ("google.de", "Google", .search), ("google.co.uk", "Google", .search),
    ("google.com.br", "Google", .search), ("images.google.fr", "Google", .search), ("bing.com", "Bing", .search),
    ("cn.bing.com", "Bing", .search), ("duckduckgo.com", "DuckDuckGo", .search), ("search.yahoo.com", "Yahoo", .search),
    ("fr.search.yahoo.com", "Yahoo", .search), ("yandex.ru", "Yandex", .search), ("yandex.com.tr", "Yandex", .search),
    ("ya.ru", "Yandex", .search),
    ("baidu.com", "Baidu", .search), ("m.baidu.com", "Baidu", .search), ("ecosia.org", "Ecosia", .search),
    ("kagi.com", "Kagi", .search),
    ("search.brave.com", "Brave", .search), ("startpage.com", "Startpage", .search),
    ("com.google.android.googlequicksearchbox", "Google", .search),
    ("search.naver.com", "Naver", .search), ("search.seznam.cz", "Seznam", .search),
    ("facebook.com", "Facebook", .social), ("l.facebook.com", "Facebook", .social), ("m.facebook.com", "Facebook", .social),
    ("t.co", "X", .social), ("x.com", "X", .social), ("old.reddit.com", "Reddit", .social),
    ("news.ycombinator.com", "Hacker News", .social),
    ("lobste.rs", "Lobsters", .social), ("mastodon.social", "Mastodon", .social), ("lnkd.in", "LinkedIn", .social),
    ("bsky.app", "Bluesky", .social), ("youtube.com", "YouTube", .social), ("vk.com", "VK", .social),
    ("t.me", "Telegram", .social),
    ("l.instagram.com", "Instagram", .social), ("tieba.baidu.com", "Baidu Tieba", .social),
    ("mail.google.com", "Gmail", .mail), ("com.google.android.gm", "Gmail", .mail), ("mail.yahoo.co.jp", "Yahoo Mail", .mail),
    ("outlook.live.com", "Outlook", .mail), ("mail.yandex.ru", "Yandex Mail", .mail), ("e.mail.ru", "Mail.ru Mail", .mail),
    ("github.com", "GitHub", .other), ("en.wikipedia.org", "Wikipedia", .other), ("news.google.com", "Google News", .other),
    ("docs.google.com", "Google Docs", .other), ("GOOGLE.com", "Google", .search),
  ])
  func `known hosts have a name and a channel`(host: String, name: String, channel: Channel) {
    let known = Self.known(host)
    #expect(known?.name == name)
    #expect(known?.channel == channel)
  }

  @Test(arguments: [
    "example.org", "google.example.org", "google.example.de", "google.gov.uk.example", "google.com.evil.example",
    "notgoogle.com", "google", "com", "x.com.example",
    "phoenix.com",
    "notx.com", "facebook.com.evil.tk", "chatgpt.com.example", "", "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.google",
    "[2001:db8::1]",
  ])
  func `other hosts are not taken for known ones`(host: String) {
    #expect(Self.known(host) == nil)
  }

  @Test func `every row of the table is found under its own patterns`() {
    #expect(ReferrerSources.hosts.count + ReferrerSources.stems.count >= 200)
    let all = Array(ReferrerSources.hosts.keys) + ReferrerSources.stems.keys.map { "\($0).co.uk" }
    #expect(all.allSatisfy { $0.split(separator: ".").count <= Referrer.maxLabels })
    #expect(Self.known("a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.google.com")?.name == "Google")
    for (host, source) in ReferrerSources.hosts {
      #expect(Self.known(host)?.name == source.name, "\(host)")
    }
    for (stem, source) in ReferrerSources.stems {
      #expect(Self.known("a.\(stem).example")?.name == source.name, "\(stem)")
    }
    for (word, source) in ReferrerSources.words {
      #expect(Self.known(campaign: word)?.name == source.name)
    }
  }

  // MARK: The classifier

  private static func classify(
    _ referrer: String, own: String = "example.org", query: String = ""
  ) -> (host: String, channel: Channel) {
    let engine = Engine(EngineOptions(), accounting: Accounting()) { 1_700_000_000 }
    var classifier = ReferrerClassifier(engine: engine), tags = CampaignTags()
    tags.read(utf8(query).span)
    let bytes = utf8(referrer)
    let first = classifier.classify(referrer: bytes.span, ownHost: utf8(own).span, campaign: tags)
    let second = classifier.classify(referrer: bytes.span, ownHost: utf8(own).span, campaign: tags)
    #expect(first.host == second.host && first.source == second.source && first.channel == second.channel)
    return (string(bytes[first.host]), first.channel)
  }

  @Test(arguments: [
    ("", "", "", Channel.direct), ("-", "", "", .direct), ("javascript:x", "", "", .direct),
    ("https://www.google.com/", "", "google.com", .search), ("https://gemini.google.com/app", "", "gemini.google.com", .ai),
    ("https://example.org/a", "", "example.org", .internal), ("https://www.example.org/a", "", "example.org", .internal),
    ("https://EXAMPLE.org:8443/a", "", "EXAMPLE.org", .internal),
    ("https://blog.example.org/a", "", "blog.example.org", .other),
    ("https://other.example/a", "", "other.example", .other),
    ("https://webmail.other.example/", "", "webmail.other.example", .mail),
    ("https://www.google.com/", "gclid=abc", "google.com", .paid), ("", "msclkid=abc", "", .paid),
    ("https://www.google.com/", "utm_medium=email", "google.com", .mail),
    ("https://www.google.com/", "utm_medium=cpc", "google.com", .paid),
    ("https://www.google.com/", "utm_medium=organic&gclid=abc", "google.com", .search),
    ("https://www.google.com/", "utm_medium=billboard", "google.com", .campaign), ("", "utm_medium=paid_social", "", .paid),
    ("https://www.google.com/", "utm_medium=referral", "google.com", .search),
    ("https://other.example/", "utm_medium=social", "other.example", .social),
    ("https://example.org/", "utm_medium=email", "example.org", .mail),
    ("", "utm_source=chatgpt.com", "", .ai), ("", "utm_source=google", "", .search),
    ("", "ref=news.ycombinator.com", "", .social),
    ("", "utm_source=newsletter", "", .mail), ("", "utm_source=flyer", "", .campaign), ("", "ref=friend", "", .campaign),
    ("https://other.example/", "utm_source=flyer", "other.example", .other),
    ("https://other.example/", "utm_campaign=may", "other.example", .campaign),
    ("https://www.google.com/", "utm_campaign=may", "google.com", .search), ("", "utm_campaign=may", "", .campaign),
    ("https://example.org/", "ref=main", "example.org", .internal),
    ("https://example.org/", "utm_campaign=may", "example.org", .internal),
  ])
  func `the channel follows from referrer and campaign`(referrer: String, query: String, host: String, channel: Channel) {
    let found = Self.classify(referrer, query: query)
    #expect(found.host == host)
    #expect(found.channel == channel)
  }

  @Test func `the own host is the own host however it is written`() {
    for own in ["example.org", "www.example.org", "EXAMPLE.ORG", "example.org:443", "example.org."] {
      #expect(Self.classify("https://example.org/", own: own).channel == .internal, "\(own)")
      #expect(Self.classify("https://www.example.org/", own: own).channel == .internal, "\(own)")
      #expect(Self.classify("https://example.com/", own: own).channel == .other, "\(own)")
    }
    #expect(Self.classify("https://example.org/", own: "").channel == .other)
  }

  @Test func `one referrer is internal to its own site and not to another`() {
    let engine = Engine(EngineOptions(), accounting: Accounting()) { 1_700_000_000 }
    var classifier = ReferrerClassifier(engine: engine)
    let tags = CampaignTags(), referrer = utf8("https://one.example/")
    for _ in 0..<3 {
      #expect(
        classifier.classify(referrer: referrer.span, ownHost: utf8("one.example").span, campaign: tags).channel == .internal)
      #expect(classifier.classify(referrer: referrer.span, ownHost: utf8("two.example").span, campaign: tags).channel == .other)
    }
  }

  @Test func `no bytes trap`() {
    var random = SplitMix(seed: 3)
    let engine = Engine(EngineOptions(), accounting: Accounting()) { 1_700_000_000 }
    var classifier = ReferrerClassifier(engine: engine)
    let tags = CampaignTags()
    let pieces = [
      "https://", "http://", "android-app://", "www.", "google", ".com", "@", ":", "[", "]", "::", "/", "?", "#", "\\", ".",
      "%", "80",
    ]
    for round in 0..<20_000 {
      var bytes: [UInt8] = utf8(round % 3 == 0 ? "" : "https://")
      for _ in 0..<random.next() % 12 {
        bytes +=
          random.next() % 4 == 0 ? [UInt8(truncatingIfNeeded: random.next())] : utf8(pieces.randomElement(using: &random)!)
      }
      let found = classifier.classify(referrer: bytes.span, ownHost: utf8("google.com").span, campaign: tags)
      #expect(found.host.upperBound <= bytes.count)
    }
  }
}
