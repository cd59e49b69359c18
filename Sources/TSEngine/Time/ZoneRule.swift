/// The rule for all years after a zone's listed times: the `TZ` string of POSIX.1 (8.3) with hours of RFC 8536 (−167 … 167).
///
/// ```
///  CET-1CEST,M3.5.0,M10.5.0/3
///  │  │ │    │      └ summer ends: October, last (5), Sunday (0), at 3:00 of the clocks then shown
///  │  │ │    └ summer begins: March, last Sunday, at 2:00 where no hour is said
///  │  │ └ summer time: one hour ahead where no offset is said
///  │  └ offset, west positive: UTC+1
///  └ standard time; a name in <> may have digits: <+0330>-3:30
///
///  Jn  day 1 … 365, 29 February never counted       n  day 0 … 365, 29 February counted
/// ```
struct ZoneRule: Sendable {
  private let standard: Int
  private let summer: (offset: Int, begins: Change, ends: Change)?

  private enum Day { case weekday(month: Int, week: Int, day: Int), julian(Int), ordinal(Int) }
  private struct Change { let day: Day, seconds: Int }

  init?(_ text: ArraySlice<UInt8>) {
    var text = Parser(rest: text)
    guard text.name(), let west = text.clock() else { return nil }
    standard = -west
    if text.rest.isEmpty {
      summer = nil
      return
    }
    guard text.name() else { return nil }
    var offset = standard + 3_600
    if text.rest.first != UInt8(ascii: ",") {
      guard let west = text.clock() else { return nil }
      offset = -west
    }
    guard text.take(","), let begins = text.change(), text.take(","), let ends = text.change(), text.rest.isEmpty else {
      return nil
    }
    summer = (offset, begins, ends)
  }

  func offset(at second: Int) -> Int {
    guard let summer else { return standard }
    let year = CivilDate(day: floorDivide(second + standard, 86_400)).year
    // Each change is told in the clocks before it.
    let begins = Self.moment(summer.begins, year) - standard, ends = Self.moment(summer.ends, year) - summer.offset
    let isSummer = begins < ends ? begins <= second && second < ends : !(ends <= second && second < begins)
    return isSummer ? summer.offset : standard
  }

  /// Local seconds since 1970 of a change in `year`.
  private static func moment(_ change: Change, _ year: Int) -> Int {
    let newYear = CivilDate(year: year, month: 1, day: 1).dayNumber
    let day: Int
    switch change.day {
    case .ordinal(let number): day = newYear + number
    case .julian(let number): day = newYear + number - 1 + (number >= 60 && CivilDate.isLeap(year) ? 1 : 0)
    case .weekday(let month, let week, let weekday):
      let first = CivilDate(year: year, month: month, day: 1).dayNumber
      let sunday = floorModulo(first + 4, 7)  // 0 is a Sunday; day 0 was a Thursday
      var found = first + floorModulo(weekday - sunday, 7) + (week - 1) * 7
      while found >= first + CivilDate.days(inMonth: month, year) { found -= 7 }
      day = found
    }
    return day * 86_400 + change.seconds
  }

  private struct Parser {
    var rest: ArraySlice<UInt8>

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest = rest.dropFirst()
      return true
    }

    mutating func name() -> Bool {
      let before = rest.count
      if take("<") {
        rest = rest.drop { $0 != UInt8(ascii: ">") }
        return take(">")
      }
      rest = rest.drop { ($0 | 32) &- 97 < 26 }
      return rest.count < before
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int? {
      let digits = rest.prefix { $0 &- 48 < 10 }
      guard 1...3 ~= digits.count else { return nil }
      rest = rest.dropFirst(digits.count)
      let value = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
      return range ~= value ? value : nil
    }

    /// `[+-]h[:m[:s]]` in seconds.
    mutating func clock() -> Int? {
      let sign = take("-") ? -1 : 1
      _ = sign == 1 && take("+")
      guard var seconds = number(0...167).map({ $0 * 3_600 }) else { return nil }
      for unit in [60, 1] where take(":") {
        guard let part = number(0...59) else { return nil }
        seconds += part * unit
      }
      return sign * seconds
    }

    mutating func change() -> Change? {
      let day: Day
      if take("M") {
        guard let month = number(1...12), take("."), let week = number(1...5), take("."), let weekday = number(0...6) else {
          return nil
        }
        day = .weekday(month: month, week: week, day: weekday)
      } else if take("J") {
        guard let number = number(1...365) else { return nil }
        day = .julian(number)
      } else {
        guard let number = number(0...365) else { return nil }
        day = .ordinal(number)
      }
      guard take("/") else { return Change(day: day, seconds: 7_200) }
      return clock().map { Change(day: day, seconds: $0) }
    }
  }
}
