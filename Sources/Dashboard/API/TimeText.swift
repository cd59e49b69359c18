internal import TSEngine

/// Moments as people write them into an address.
enum TimeText {
  static let day = 86_400  // seconds of a UTC day
  /// A hundred years: further back nobody's log reaches.
  private static let longest = 36_525 * day

  /// `2026-10-02`, the UTC day of a moment.
  static func date(_ second: Int) -> String { String(Timestamp.text(second).prefix(10)) }

  /// Reads a moment: Unix seconds, `now`, `-90m -24h -7d -4w` before now, a date, or a date and time of RFC 3339;
  /// without an offset it is local to `zone`, else UTC. Nil when it is none of them.
  static func parse(_ text: String, now: Int, zone: TimeZone?) -> Int? {
    guard text.utf8.count <= 40 else { return nil }
    if text == "now" { return now }
    if text.utf8.first == UInt8(ascii: "-") { return ago(text).map { now - $0 } }
    if !text.isEmpty, text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) {
      return Int(text).flatMap { Calendar.seconds.contains($0) ? $0 : nil }
    }
    if let date = Timestamp.date(text) { return Calendar.start(ofDay: date.dayNumber, in: zone) }
    if let moment = Timestamp.parse(withPlus(text)) { return moment }
    let whole = text.utf8.count == 16 ? text + ":00" : text  // `2026-10-02T12:00`
    return Timestamp.parse(whole + "Z").map { utc($0, zone) }
  }

  /// Seconds of `-24h`.
  private static func ago(_ text: String) -> Int? {
    let units: [UInt8: Int] = [
      UInt8(ascii: "s"): 1, UInt8(ascii: "m"): 60, UInt8(ascii: "h"): 3_600, UInt8(ascii: "d"): day, UInt8(ascii: "w"): 7 * day,
    ]
    let digits = text.utf8.dropFirst().dropLast()
    guard let last = text.utf8.last, let unit = units[last], !digits.isEmpty, digits.count <= 10,
      digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }), let count = Int(Substring(digits))
    else { return nil }
    let seconds = count * unit  // below 10^10 × 604,800: fits
    return seconds <= longest ? seconds : nil
  }

  /// A `+` of an address that was not encoded arrives as a blank.
  private static func withPlus(_ text: String) -> String {
    guard text.utf8.count >= 25, text.utf8.dropLast(5).last == UInt8(ascii: " ") else { return text }
    return text.dropLast(6) + "+" + text.suffix(5)
  }

  /// The moment a clock of `zone` shows `local`; one that a change of clocks skipped or doubled is read with either offset.
  private static func utc(_ local: Int, _ zone: TimeZone?) -> Int {
    guard let zone else { return local }
    let guess = local - zone.offset(at: local)
    return local - zone.offset(at: guess)
  }
}
