import TSEngine
import Testing

@testable import Dashboard

@Suite struct TimeTextTests {
  static let accepted: [(String, Int)] = [
    ("2026-10-02", 1_790_899_200), ("2026-10-02T14:00:30+02:00", 1_790_942_430), ("2026-10-02T14:00:30 02:00", 1_790_942_430),
    ("2026-10-02t07:00:30.999-05:00", 1_790_942_430), ("2026-10-02 12:00", 1_790_942_400), ("1790942430", 1_790_942_430),
    ("now", fakeNow),
    ("-90m", fakeNow - 5_400), ("-24h", fakeNow - 86_400), ("-7d", fakeNow - 604_800), ("-4w", fakeNow - 2_419_200),
    ("2016-12-31T23:59:60Z", 1_483_228_800), ("0000-01-01", -62_167_219_200),
  ]
  @Test(arguments: accepted) func `people write moments in many ways`(text: String, second: Int) {
    #expect(TimeText.parse(text, now: fakeNow, zone: nil) == second)
  }

  @Test(arguments: [
    "", "-", "-h", "-5", "-5y", "-1.5h", "--5h", "-99999999999d", "yesterday", "2026-13-01", "2026-02-29", "2026-10-02T",
    "2026-10-02T25:00",
    "2026-10-02T12:00:30Zx", "2026-10-02T12:00:30+25:00", "2026-10-02T12:00Z", "99999999999999", "12e3", "2026-10-02T12:00:30.",
    "20261002",
    "2026-10-02T12:00:30.5+", "９", "1790942430Z", String(repeating: "1", count: 100),
  ]) func `anything else is no moment`(text: String) {
    // Eight digits alone are Unix seconds of 1970.
    #expect(TimeText.parse(text, now: fakeNow, zone: nil) == (text == "20261002" ? 20_261_002 : nil))
  }

  @Test func `without an offset a moment is local to the zone`() throws {
    let zone = try TimeZone(named: "Europe/Berlin")
    #expect(TimeText.parse("2026-07-01", now: 0, zone: zone) == TimeText.parse("2026-06-30T22:00:00Z", now: 0, zone: nil))
    #expect(
      TimeText.parse("2026-12-01T00:00", now: 0, zone: zone) == TimeText.parse("2026-11-30T23:00:00Z", now: 0, zone: nil))
    #expect(TimeText.parse("2026-07-01T00:00:00Z", now: 0, zone: zone) == TimeText.parse("2026-07-01", now: 0, zone: nil))
  }
}
