import Testing

@testable import Syslog

@Suite struct CampaignTagsTests {
  private func tags(_ query: String) -> (source: String, medium: String, campaign: String, isClick: Bool, isEmpty: Bool) {
    var tags = CampaignTags()
    tags.read(utf8(query).span)
    return (string(tags.source), string(tags.medium), string(tags.campaign), tags.hasClickID, tags.isEmpty)
  }

  @Test func `reads the three tags and decodes them`() {
    let found = tags("a=1&utm_source=news%20letter&utm_medium=e+mail&utm_campaign=%D0%BF&z=2")
    #expect(found == ("news letter", "e mail", "п", false, false))
  }

  @Test(arguments: [
    ("ref=hn", "hn"), ("source=hn", "hn"), ("ref=a&source=b", "b"), ("source=b&utm_source=c&ref=a", "c"),
    ("utm_source=&ref=a", "a"), ("?ref=q", "q"), ("utm_source=first&utm_source=second", "first"), ("xref=a", ""), ("ref", ""),
    ("ref=", ""), ("UTM_SOURCE=a", ""),
  ]) func `the source is utm_source, else source, else ref`(query: String, source: String) {
    #expect(tags(query).source == source)
  }

  @Test(arguments: ["gclid=x", "a=b&msclkid=1"]) func `a click identifier marks a paid visit`(query: String) {
    #expect(tags(query).isClick)
    #expect(!tags(query).isEmpty)
  }
  @Test(arguments: ["", "gclid=", "a=b&c", "&&&", "page=2"]) func `nothing of the kind is empty`(query: String) {
    #expect(tags(query).isEmpty)
    #expect(!tags(query).isClick)
  }

  @Test func `a value is cut at 128 bytes, at a character's edge`() {
    let found = tags("utm_campaign=" + String(repeating: "п", count: 100))
    #expect(found.campaign == String(repeating: "п", count: 64))
    #expect(tags("utm_campaign=a" + String(repeating: "п", count: 100)).campaign.utf8.count == 127)
  }

  @Test func `only the first 4 KiB of a query are read`() {
    let far = String(repeating: "a=1&", count: 1_100) + "utm_source=far"
    #expect(tags(far).isEmpty)
  }

  @Test func `nothing of the last query remains`() {
    var tags = CampaignTags()
    tags.read(utf8("utm_source=a&utm_medium=b&utm_campaign=c&gclid=1").span)
    tags.removeAll()
    #expect(tags.isEmpty && !tags.hasClickID)
    #expect(tags.source.count == 0 && tags.medium.count == 0 && tags.campaign.count == 0)
  }
}
