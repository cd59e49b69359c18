import Testing

@testable import TSEngine

@Suite struct CalendarTests {
  private static func second(_ text: String) throws -> Int { try #require(Timestamp.parse(text), "\(text)") }

  @Test func `every day of 400 years comes back from its number`() {
    var date = CivilDate(year: 1800, month: 1, day: 1)
    for number in date.dayNumber..<CivilDate(year: 2201, month: 1, day: 1).dayNumber {
      #expect(CivilDate(day: number) == date)
      #expect(date.dayNumber == number)
      // The naive successor.
      let isLast =
        date.day == [31, CivilDate.isLeap(date.year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][date.month - 1]
      date = CivilDate(
        year: isLast && date.month == 12 ? date.year + 1 : date.year, month: isLast ? date.month % 12 + 1 : date.month,
        day: isLast ? 1 : date.day + 1)
    }
    #expect(CivilDate(year: 1970, month: 1, day: 1).dayNumber == 0)
    #expect(CivilDate(year: 2026, month: 10, day: 2).weekday == 4)  // a Friday
    #expect(CivilDate.isLeap(2000) && !CivilDate.isLeap(1900))
  }

  @Test(arguments: [
    // zone, moment, its day begins, and ends
    ("UTC", "2026-10-02T13:14:15Z", "2026-10-02T00:00:00Z", "2026-10-03T00:00:00Z"),
    ("Europe/Paris", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),  // 23 hours
    ("Europe/Paris", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),  // 25 hours
    ("Asia/Kathmandu", "2026-10-02T18:20:00Z", "2026-10-02T18:15:00Z", "2026-10-03T18:15:00Z"),
    ("America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),  // no midnight
    ("America/Sao_Paulo", "2018-02-18T02:30:00Z", "2018-02-17T02:00:00Z", "2018-02-18T03:00:00Z"),  // 23:30 again
    ("America/Havana", "2026-11-01T05:30:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),  // midnight twice
    ("America/St_Johns", "2006-10-29T02:45:00Z", "2006-10-29T02:30:00Z", "2006-10-30T03:30:00Z"),  // 23:01 again
    ("Pacific/Apia", "2011-12-30T09:00:00Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"),  // the 31st after the 29th
  ])
  func `a day begins when its date does`(name: String, moment: String, begins: String, ends: String) throws {
    let zone = try TimeZone(named: name), second = try Self.second(moment)
    #expect(Timestamp.text(Calendar.startOfDay(at: second, in: zone)) == begins)
    #expect(Timestamp.text(Calendar.nextDay(after: second, in: zone)) == ends)
  }

  @Test func `weeks begin on Monday, months on the first`() throws {
    let friday = try Self.second("2026-10-02T13:14:15Z")
    #expect(Timestamp.text(Calendar.startOfWeek(at: friday)) == "2026-09-28T00:00:00Z")
    #expect(Timestamp.text(Calendar.nextWeek(after: friday)) == "2026-10-05T00:00:00Z")
    #expect(Timestamp.text(Calendar.startOfMonth(at: friday)) == "2026-10-01T00:00:00Z")
    #expect(Timestamp.text(Calendar.nextMonth(after: friday)) == "2026-11-01T00:00:00Z")
    let paris = try TimeZone(named: "Europe/Paris")
    #expect(Timestamp.text(Calendar.startOfMonth(at: friday, in: paris)) == "2026-09-30T22:00:00Z")
    #expect(Timestamp.text(Calendar.nextMonth(after: friday, in: paris)) == "2026-10-31T23:00:00Z")
    #expect(Timestamp.text(Calendar.nextMonth(after: try Self.second("2024-01-31T23:00:00Z"))) == "2024-02-01T00:00:00Z")
    #expect(Timestamp.text(Calendar.nextMonth(after: try Self.second("2023-12-31T23:00:00Z"))) == "2024-01-01T00:00:00Z")
    #expect(Calendar.hourOfWeek(at: friday) == 4 * 24 + 13)
    #expect(Calendar.hourOfWeek(at: friday, in: paris) == 4 * 24 + 15)
    #expect(Calendar.hourOfWeek(at: try Self.second("2026-10-04T22:30:00Z"), in: paris) == 0)
  }

  @Test(arguments: [
    "UTC", "Europe/Paris", "America/Sao_Paulo", "America/Havana", "America/St_Johns", "Pacific/Apia", "Africa/Cairo",
    "Asia/Gaza", "Africa/Casablanca",
  ])
  func `days, weeks and months lie end to end`(name: String) throws {
    let zone = try TimeZone(named: name)
    var random = SplitMix(seed: 31)
    for _ in 0..<300 {
      let second = Int.random(in: 400_000_000..<2_000_000_000, using: &random)
      let parts = [
        (Calendar.startOfDay(at: second, in: zone), Calendar.nextDay(after: second, in: zone), 23 * 3_600...25 * 3_600),
        (Calendar.startOfWeek(at: second, in: zone), Calendar.nextWeek(after: second, in: zone), 143 * 3_600...169 * 3_600),
        (Calendar.startOfMonth(at: second, in: zone), Calendar.nextMonth(after: second, in: zone), 27 * 86_400...32 * 86_400),
      ]
      for (start, next, length) in parts {
        #expect(start <= second && second < next && length.contains(next - start), "\(name) \(second)")
      }
      let (start, next, _) = parts[0]
      for inside in [start, next - 1] {
        #expect(Calendar.startOfDay(at: inside, in: zone) == start, "\(name) \(second)")
        #expect(Calendar.nextDay(after: inside, in: zone) == next, "\(name) \(second)")
      }
      #expect(Calendar.startOfDay(at: next, in: zone) == next, "\(name) \(second)")
      #expect(floorDivide(start - 1 + zone.offset(at: start - 1), 86_400) < Calendar.day(at: start, in: zone))
    }
  }

  @Test func `seconds beyond all calendars do not trap`() throws {
    let zone = try TimeZone(named: "Europe/Paris")
    for second in [Int.min, Int.max, 1 << 60] {
      #expect(Calendar.startOfMonth(at: second, in: zone) <= Calendar.seconds.upperBound)
      _ = Calendar.hourOfWeek(at: second, in: zone)
      #expect(Timestamp.text(second).utf8.count == 20)
    }
  }

  @Test func `timestamps come back from their text`() {
    var random = SplitMix(seed: 32)
    for _ in 0..<2_000 {
      let second = Int.random(in: Calendar.seconds, using: &random)
      #expect(Timestamp.parse(Timestamp.text(second)) == second)
    }
    #expect(Timestamp.text(0) == "1970-01-01T00:00:00Z")
    #expect(Timestamp.text(-1) == "1969-12-31T23:59:59Z")
  }

  @Test(arguments: [
    "2026-10-02T00:00:00Z", "2026-10-02t02:00:00.25+02:00", "2026-10-02 00:00:00z", "2026-10-01T18:30:00-05:30",
    "2026-10-01T23:59:60Z",
  ])
  func `all forms of RFC 3339 are read`(text: String) { #expect(Timestamp.parse(text) == 1_790_899_200) }

  @Test(arguments: [
    "", "2026-10-02", "2026-10-02T00:00:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-10-02T24:00:00Z",
    "2026-10-02T00:60:00Z", "2026-10-02T00:00:00.Z", "2026-10-02T00:00:00+0200", "2026-10-02T00:00:00Zx",
    "2026-1０-02T00:00:00Z",
    "2026-10-02T00:00:00+24:00", "20261002T000000Z00000",
  ])
  func `what is none is refused`(text: String) { #expect(Timestamp.parse(text) == nil) }

  @Test func `dates are read alone`() {
    #expect(Timestamp.date("2024-02-29") == CivilDate(year: 2024, month: 2, day: 29))
    #expect(Timestamp.date("2023-02-29") == nil)
    #expect(Timestamp.date("2023-02-2") == nil)
  }
}
