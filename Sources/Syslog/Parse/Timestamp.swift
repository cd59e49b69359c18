/// Unix seconds from the times servers write: ISO 8601 with any offset, `24/Nov/2026:03:59:02 +0000`, and epoch seconds,
/// whole, fractional, or in a finer unit.
///
/// Logs repeat the same minute thousands of times, so the last one is kept: sixteen bytes compared instead of a calendar.
struct TimestampReader: Sendable {
  private var low: UInt64 = 0, high: UInt64 = 0, last: UInt8 = 0  // the text up to the minute
  private var minuteStart = 0  // its seconds, as if the zone were UTC
  // The ten digits of an epoch second, and what they are; at first what no text has.
  private var epochLow: UInt64 = 0, epochHigh: UInt64 = 1 << 16, epochStart = 0

  /// The second `text` means, or nil when it is no time between 1970 and 9999.
  @inline(__always)
  mutating func read(_ text: Span<UInt8>) -> Int? {
    guard text.count >= 19 else { return epochSecond(text) }
    guard text.count <= 64 else { return nil }
    let isLocal = text[2] == UInt8(ascii: "/")
    guard isLocal || text[4] == UInt8(ascii: "-") else { return Self.epoch(text) }
    let minuteEnd = isLocal ? 17 : 16  // "24/Nov/2026:03:59", "2026-11-24T03:59"
    let final = isLocal ? text[16] : 0
    if text.word(at: 0) != low || text.word(at: 8) != high || final != last {
      guard let start = isLocal ? Self.localMinute(text) : Self.isoMinute(text) else { return nil }
      (low, high, last, minuteStart) = (text.word(at: 0), text.word(at: 8), final, start)
    }
    guard text[minuteEnd] == UInt8(ascii: ":"), let second = Self.twoDigits(text, minuteEnd &+ 1), second <= 60 else {
      return nil
    }
    guard let offset = Self.zone(text, from: minuteEnd &+ 3) else { return nil }
    let result = minuteStart &+ second &- offset  // four-digit years
    return result >= 0 ? result : nil
  }

  /// `2026-11-24T03:59`, or with a space for the `T`.
  private static func isoMinute(_ text: Span<UInt8>) -> Int? {
    guard text[7] == UInt8(ascii: "-"), text[10] | 0x20 == UInt8(ascii: "t") || text[10] == UInt8(ascii: " "),
      text[13] == UInt8(ascii: ":"), let century = twoDigits(text, 0), let year = twoDigits(text, 2),
      let month = twoDigits(text, 5), let day = twoDigits(text, 8), let hour = twoDigits(text, 11),
      let minute = twoDigits(text, 14)
    else { return nil }
    return minuteStart(century * 100 + year, month, day, hour, minute)
  }

  /// `24/Nov/2026:03:59`.
  private static func localMinute(_ text: Span<UInt8>) -> Int? {
    guard text[6] == UInt8(ascii: "/"), text[11] == UInt8(ascii: ":"), text[14] == UInt8(ascii: ":"),
      let day = twoDigits(text, 0), let month = month(text.word(at: 3)), let century = twoDigits(text, 7),
      let year = twoDigits(text, 9), let hour = twoDigits(text, 12), let minute = twoDigits(text, 15)
    else { return nil }
    return minuteStart(century * 100 + year, month, day, hour, minute)
  }

  /// 1…12 of the three letters a word begins with.
  static func month(_ word: UInt64) -> Int? {
    switch word & 0xff_ffff {
    case 0x6e_614a: 1  // Jan, its first letter in the lowest byte
    case 0x62_6546: 2
    case 0x72_614d: 3
    case 0x72_7041: 4
    case 0x79_614d: 5
    case 0x6e_754a: 6
    case 0x6c_754a: 7
    case 0x67_7541: 8
    case 0x70_6553: 9
    case 0x74_634f: 10
    case 0x76_6f4e: 11
    case 0x63_6544: 12
    default: nil
    }
  }

  private static func minuteStart(_ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int) -> Int? {
    guard (1...12).contains(month), day >= 1, day <= daysIn(month, of: year), hour < 24, minute < 60 else { return nil }
    return ((days(year, month, day) * 24 + hour) * 60 + minute) * 60
  }

  private static func daysIn(_ month: Int, of year: Int) -> Int {
    if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
  }

  /// Days since 1970-01-01 (Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil), years 0…9999.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// Seconds east of UTC of what follows the seconds: a fraction, then nothing, `Z`, `+01`, `+0100`, `+01:00`.
  @inline(__always)
  private static func zone(_ text: Span<UInt8>, from start: Int) -> Int? {
    var i = start
    if i < text.count, text[i] == UInt8(ascii: ".") || text[i] == UInt8(ascii: ",") {
      i &+= 1
      while i < text.count, text[i].isDigit { i &+= 1 }
    }
    if i < text.count, text[i] == UInt8(ascii: " ") { i &+= 1 }
    if i == text.count { return 0 }
    let sign = text[i]
    if sign | 0x20 == UInt8(ascii: "z") { return i &+ 1 == text.count ? 0 : nil }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), let hours = twoDigits(text, i &+ 1), hours < 24 else {
      return nil
    }
    i &+= 3
    if i < text.count, text[i] == UInt8(ascii: ":") { i &+= 1 }
    var minutes = 0
    if i < text.count {
      guard let two = twoDigits(text, i), two < 60, i &+ 2 == text.count else { return nil }
      minutes = two
    }
    let seconds = (hours &* 60 &+ minutes) &* 60
    return sign == UInt8(ascii: "-") ? -seconds : seconds
  }

  /// `1795492742.083`, as nginx writes `$msec`: of the seconds seen last only the fraction is looked at.
  @inline(__always)
  private mutating func epochSecond(_ text: Span<UInt8>) -> Int? {
    guard text.count == 14, text[10] == UInt8(ascii: ".") else { return Self.epoch(text) }
    let high = text.word(at: 8)
    guard text.word(at: 0) == epochLow, high & 0xffff == epochHigh, text[11].isDigit, text[12].isDigit, text[13].isDigit
    else {
      guard let second = Self.epoch(text) else { return nil }
      (epochLow, epochHigh, epochStart) = (text.word(at: 0), high & 0xffff, second)
      return second
    }
    return epochStart
  }

  /// Seconds since the epoch, or milliseconds, microseconds, nanoseconds, told by size: 10^11 s is the year 5138, 10^11 ms
  /// is 1973.
  private static func epoch(_ text: Span<UInt8>) -> Int? {
    var i = 0, value = 0
    while i < text.count, text[i].isDigit {
      guard i < 19 else { return nil }  // 2026 in nanoseconds has 19 digits, and fits
      value = value &* 10 &+ Int(text[i] &- UInt8(ascii: "0"))
      i &+= 1
    }
    guard i > 0 else { return nil }
    if i < text.count, text[i] == UInt8(ascii: ".") {
      i &+= 1
      while i < text.count, text[i].isDigit { i &+= 1 }
    }
    guard i == text.count else { return nil }
    while value >= 100_000_000_000 { value /= 1_000 }
    return value
  }

  @inline(__always)
  private static func twoDigits(_ text: Span<UInt8>, _ index: Int) -> Int? {
    guard index &+ 1 < text.count, text[index].isDigit, text[index &+ 1].isDigit else { return nil }
    return Int(text[index] &- 48) &* 10 &+ Int(text[index &+ 1] &- 48)
  }
}
