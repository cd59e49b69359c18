/// RFC 3339 text ↔ Unix seconds.
///
/// ```
///  2026-10-02T00:00:00Z     2026-10-02t02:00:00.25+02:00     2026-10-02 00:00:00z     all the same second
/// ```
package enum Timestamp {
  /// `2026-10-02T00:00:00Z`; seconds beyond year 0 … 9999 are written as the nearest inside.
  package static func text(_ second: Int) -> String {
    let second = min(max(second, Calendar.seconds.lowerBound), Calendar.seconds.upperBound)
    let day = floorDivide(second, 86_400), time = second - day * 86_400, date = CivilDate(day: day)
    return unsafe String(unsafeUninitializedCapacity: 20) { out in
      func put(_ value: Int, _ at: Int, _ width: Int) {
        var rest = value
        for place in (at..<at + width).reversed() {
          unsafe out[place] = UInt8(48 + rest % 10)
          rest /= 10
        }
      }
      put(date.year, 0, 4)
      put(date.month, 5, 2)
      put(date.day, 8, 2)
      put(time / 3_600, 11, 2)
      put(time / 60 % 60, 14, 2)
      put(time % 60, 17, 2)
      for (place, mark) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "Z")] as [(Int, Unicode.Scalar)] {
        unsafe out[place] = UInt8(ascii: mark)
      }
      return 20
    }
  }

  /// The second of a timestamp with an offset; fractions are cut. Nil for anything else, dates that do not exist included.
  package static func parse(_ text: some StringProtocol) -> Int? {
    let bytes = Array(text.utf8.prefix(64))
    guard bytes.count >= 20, let date = date(bytes[..<10]) else { return nil }
    guard bytes[10] | 32 == UInt8(ascii: "t") || bytes[10] == 32, bytes[13] == 58, bytes[16] == 58,
      let hour = number(bytes[11..<13], 0...23), let minute = number(bytes[14..<16], 0...59),
      let second = number(bytes[17..<19], 0...60)  // a leap second is the next one
    else { return nil }
    var rest = bytes[19...]
    if rest.first == UInt8(ascii: ".") {
      let fraction = rest.dropFirst().prefix { $0 &- 48 < 10 }
      guard !fraction.isEmpty else { return nil }
      rest = rest.dropFirst(1 + fraction.count)
    }
    guard let east = offset(rest) else { return nil }
    return date.dayNumber * 86_400 + hour * 3_600 + minute * 60 + second - east
  }

  /// `2026-10-02`, if there is such a day.
  package static func date(_ text: some StringProtocol) -> CivilDate? { date(Array(text.utf8.prefix(16))[...]) }

  private static func date(_ bytes: ArraySlice<UInt8>) -> CivilDate? {
    let start = bytes.startIndex
    guard bytes.count == 10, bytes[start + 4] == 45, bytes[start + 7] == 45,
      let year = number(bytes[start..<start + 4], 0...9_999), let month = number(bytes[start + 5..<start + 7], 1...12),
      let day = number(bytes[start + 8..<start + 10], 1...CivilDate.days(inMonth: month, year))
    else { return nil }
    return CivilDate(year: year, month: month, day: day)
  }

  /// `Z` or `±hh:mm`, in seconds east.
  private static func offset(_ bytes: ArraySlice<UInt8>) -> Int? {
    if bytes.count == 1, bytes.first! | 32 == UInt8(ascii: "z") { return 0 }
    let start = bytes.startIndex
    guard bytes.count == 6, bytes[start] == 43 || bytes[start] == 45, bytes[start + 3] == 58,
      let hours = number(bytes[start + 1..<start + 3], 0...23), let minutes = number(bytes[start + 4..<start + 6], 0...59)
    else { return nil }
    return (hours * 3_600 + minutes * 60) * (bytes[start] == 43 ? 1 : -1)
  }

  private static func number(_ digits: ArraySlice<UInt8>, _ range: ClosedRange<Int>) -> Int? {
    var value = 0
    for digit in digits {
      guard digit &- 48 < 10 else { return nil }
      value = value * 10 + Int(digit - 48)
    }
    return range ~= value ? value : nil
  }
}
