/// Days, weeks and months of a zone as half-open ranges of Unix seconds. No zone is UTC.
///
/// A day begins at the first second whose local clock shows its date or a later one. So where clocks skip midnight it
/// begins at the change, where they show midnight twice at the first, and a date that was skipped whole (Apia,
/// 2011-12-30) is empty. Days lie end to end: every second is in exactly one.
package enum Calendar {
  /// Years 0000 … 9999; seconds outside are taken as the nearest inside.
  package static let seconds = -62_167_219_200...253_402_300_799

  private static func bounded(_ second: Int) -> Int { min(max(second, seconds.lowerBound), seconds.upperBound) }

  /// The local day number (since 1970-01-01) that `second` belongs to.
  package static func day(at second: Int, in zone: TimeZone? = nil) -> Int {
    let second = bounded(second)
    guard let zone else { return floorDivide(second, 86_400) }
    let day = floorDivide(second + zone.offset(at: second), 86_400)
    // Clocks set back over midnight show yesterday again; the day that has begun goes on.
    return start(ofDay: day + 1, in: zone) <= second ? day + 1 : day
  }

  /// The second at which a local day begins.
  package static func start(ofDay day: Int, in zone: TimeZone? = nil) -> Int {
    let midnight = day * 86_400
    guard let zone else { return midnight }
    let before = zone.offset(at: midnight - 86_400), after = zone.offset(at: midnight + 86_400)
    let early = midnight - max(before, after), late = midnight - min(before, after)
    if early + zone.offset(at: early) >= midnight { return early }
    // The clocks reach midnight at `late` or, when they jump over it, at the change before.
    var low = early, high = late
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if middle + zone.offset(at: middle) >= midnight { high = middle } else { low = middle }
    }
    return high
  }

  package static func startOfDay(at second: Int, in zone: TimeZone? = nil) -> Int {
    start(ofDay: day(at: second, in: zone), in: zone)
  }
  package static func nextDay(after second: Int, in zone: TimeZone? = nil) -> Int {
    next(after: second, in: zone) { day in day + 1 }
  }

  /// Weeks begin on Monday.
  package static func startOfWeek(at second: Int, in zone: TimeZone? = nil) -> Int {
    let day = day(at: second, in: zone)
    return start(ofDay: day - floorModulo(day + 3, 7), in: zone)
  }
  package static func nextWeek(after second: Int, in zone: TimeZone? = nil) -> Int {
    next(after: second, in: zone) { day in day - floorModulo(day + 3, 7) + 7 }
  }

  package static func startOfMonth(at second: Int, in zone: TimeZone? = nil) -> Int {
    let day = day(at: second, in: zone)
    return start(ofDay: day - CivilDate(day: day).day + 1, in: zone)
  }
  package static func nextMonth(after second: Int, in zone: TimeZone? = nil) -> Int {
    next(after: second, in: zone) { day in
      let date = CivilDate(day: day)
      return day - date.day + 1 + CivilDate.days(inMonth: date.month, date.year)
    }
  }

  /// The beginning of the first following day that lies after `second`: a skipped date is passed over.
  private static func next(after second: Int, in zone: TimeZone?, _ following: (Int) -> Int) -> Int {
    let second = bounded(second)
    var day = following(day(at: second, in: zone)), found = start(ofDay: day, in: zone)
    while found <= second {
      day = following(day)
      found = start(ofDay: day, in: zone)
    }
    return found
  }

  /// Hours since Monday 00:00 of the local clock, 0 … 167.
  package static func hourOfWeek(at second: Int, in zone: TimeZone? = nil) -> Int {
    let second = bounded(second), local = second + (zone?.offset(at: second) ?? 0)
    return floorModulo(floorDivide(local, 3_600) + 72, 168)
  }
}
