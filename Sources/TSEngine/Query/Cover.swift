/// Puts any range together from days, hours and minutes: at most 118 minutes and 46 hours beside the days.
///
/// The finest kept bucket at a place decides where an edge may lie. Minutes serve an hour only when all sixty are kept,
/// hours a day only when all of it is, so that edges of neighbouring buckets agree and every event is in exactly one piece.
/// ```
///     days only      │      hours and days       │    minutes, hours, days
///  ──────────────────┼───────────────────────────┼────────────────────────► time
///               hoursFrom                   minutesFrom
///        to a whole day               to a whole hour
/// ```
struct Cover {
  private let minutesFrom: Int, hoursFrom: Int  // seconds: a whole hour, a whole day

  /// - Parameters: the Unix minute and hour from which those rings are complete.
  init(minutesFrom: Int, hoursFrom: Int) {
    let hours = (max(0, minutesFrom) + 59) / 60, days = (max(0, hoursFrom) + 23) / 24
    self.hoursFrom = days * 86_400
    // Minutes that reach farther back than hours have to serve whole days.
    self.minutesFrom = hours >= days * 24 ? hours * 3_600 : min(days, (hours + 23) / 24) * 86_400
  }
  private init(minuteSeconds: Int, hourSeconds: Int) { (minutesFrom, hoursFrom) = (minuteSeconds, hourSeconds) }

  /// Seconds of the finest kept bucket at a place.
  private func unit(at second: Int) -> Int { second >= minutesFrom ? 60 : second >= hoursFrom ? 3_600 : 86_400 }

  /// The last possible edge at or before `second`.
  func edge(before second: Int) -> Int { floorDivide(second, unit(at: second)) * unit(at: second) }
  /// The first possible edge at or after `second`.
  func edge(after second: Int) -> Int {
    let before = edge(before: second)
    return before == second ? second : before + unit(at: before)
  }
  /// Unix seconds: hours serve from here on, or minutes where those reach farther back.
  var hoursKeptFrom: Int { min(minutesFrom, hoursFrom) }

  /// Whether tables of hours and days answer exactly this range.
  func isWholeHours(_ range: Range<Int>) -> Bool {
    [range.lowerBound, range.upperBound].allSatisfy { $0 % 86_400 == 0 || $0 % 3_600 == 0 && $0 >= hoursFrom }
  }
  /// As `edge(before:)` for tables, which minutes have none of.
  func hourEdge(before second: Int) -> Int { withoutMinutes.edge(before: second) }
  func hourEdge(after second: Int) -> Int { withoutMinutes.edge(after: second) }
  private var withoutMinutes: Cover { Cover(minuteSeconds: .max, hourSeconds: hoursFrom) }

  /// The pieces of a range but for a run of whole days inside it.
  func forEachPiece(_ range: Range<Int>, except days: Range<Int>?, _ body: (Piece) -> Void) {
    guard let days else { return forEachPiece(range, body) }
    forEachPiece(range.lowerBound..<days.lowerBound * 86_400, body)
    forEachPiece(days.upperBound * 86_400..<range.upperBound, body)
  }

  /// The pieces of a range between possible edges, in order.
  func forEachPiece(_ range: Range<Int>, _ body: (Piece) -> Void) {
    var at = range.lowerBound
    while at < range.upperBound {
      if at % 86_400 == 0, at + 86_400 <= range.upperBound {
        body(.day(at / 86_400))
        at += 86_400
      } else if at % 3_600 == 0, at + 3_600 <= range.upperBound, at >= hoursFrom {
        body(.hour(at / 3_600))
        at += 3_600
      } else {
        body(.minute(at / 60))
        at += 60
      }
    }
  }
}
