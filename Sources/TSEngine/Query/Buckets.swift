/// The buckets of an answer: whole steps of the zone's clock that touch the range, the first and last cut to it.
struct Buckets {
  /// Rows no answer exceeds: a month of minutes fits.
  static let limit = 50_000
  /// Where each bucket begins on the clock, ascending; empty for one bucket without a time.
  private(set) var starts: [Int] = []
  private let range: Range<Int>

  init(_ range: Range<Int>, step: Step, zone: TimeZone?) throws(QueryError) {
    self.range = range
    guard step != .all, !range.isEmpty else { return }
    let shortest = [60, 3_600, 82_800, 7 * 86_400 - 3_600, 28 * 86_400 - 3_600, 0][Int(step.rawValue)]
    guard range.count / shortest <= Self.limit else {
      throw .range("cannot answer: got \(range.count / shortest) buckets, want at most \(Self.limit)")
    }
    var at = Self.start(of: step, at: range.lowerBound, zone)
    while at < range.upperBound {
      starts.append(at)
      at = Self.next(step, after: at, zone)
    }
  }

  var count: Int { range.isEmpty ? 0 : max(1, starts.count) }
  /// What a row says about its bucket.
  func time(_ index: Int) -> Int? { starts.isEmpty ? nil : starts[index] }
  /// The seconds of a bucket inside the range.
  func seconds(_ index: Int) -> Range<Int> {
    if starts.isEmpty { return range }
    let end = index + 1 < starts.count ? starts[index + 1] : range.upperBound
    return max(starts[index], range.lowerBound)..<min(end, range.upperBound)
  }

  /// The beginning of the zone's hour; zones may lie half an hour off.
  static func startOfHour(at second: Int, _ zone: TimeZone?) -> Int {
    let offset = zone?.offset(at: second) ?? 0
    return floorDivide(second + offset, 3_600) * 3_600 - offset
  }

  private static func start(of step: Step, at second: Int, _ zone: TimeZone?) -> Int {
    switch step {
    case .minute, .all: floorDivide(second, 60) * 60
    case .hour: startOfHour(at: second, zone)
    case .day: Calendar.startOfDay(at: second, in: zone)
    case .week: Calendar.startOfWeek(at: second, in: zone)
    case .month: Calendar.startOfMonth(at: second, in: zone)
    }
  }

  private static func next(_ step: Step, after start: Int, _ zone: TimeZone?) -> Int {
    switch step {
    case .minute, .all: return start + 60
    case .hour: return nextHour(after: start, zone)
    case .day: return Calendar.nextDay(after: start, in: zone)
    case .week: return Calendar.nextWeek(after: start, in: zone)
    case .month: return Calendar.nextMonth(after: start, in: zone)
    }
  }

  static func nextHour(after start: Int, _ zone: TimeZone?) -> Int {
    // Where clocks shift by half an hour, one hour is shorter than the others; none is longer.
    let next = startOfHour(at: start + 3_600, zone)
    return next > start ? next : start + 3_600
  }
}
