/// The minute being filled: a tally and the visitors of both audiences.
final class OpenMinute {
  var number = -1  // Unix minute, -1 for none
  let tally: Tally
  let visitors: [OpenVisitors]  // people, bots

  init(pool: PagePool) {
    tally = Tally(pool: pool)
    visitors = (0..<2).map { _ in OpenVisitors(limit: OpenVisitors.minuteLimit, pool: pool) }
  }

  func clear() {
    number = -1
    tally.clear()
    for visitors in visitors { visitors.clear() }
  }

  func removeAll() {
    clear()
    for visitors in visitors { visitors.removeAll() }
  }
}

/// What an open hour and an open day have in common. A reopened bucket starts empty: it is an increment that closing
/// merges into the closed form, so that late events need no path of their own.
class OpenSpan {
  var number = -1  // Unix hour or day, -1 for none
  let tally: Tally
  let visitors: [OpenVisitors]  // people, bots
  let counters: [OpenCounters]  // by `Physical`

  init(pool: PagePool) {
    tally = Tally(pool: pool)
    visitors = (0..<2).map { _ in OpenVisitors(limit: OpenVisitors.spanLimit, pool: pool) }
    counters = Physical.allCases.map { OpenCounters($0, pool: pool) }
  }

  func clear() {
    number = -1
    tally.clear()
    for visitors in visitors { visitors.clear() }
    for counter in counters { counter.clear() }
  }

  /// As `clear`, and gives memory back: the site may have gone quiet.
  func removeAll() {
    clear()
    for visitors in visitors { visitors.removeAll() }
    for counter in counters { counter.removeAll() }
  }
}

extension OpenSpan {
  /// Whether every counter has seen every request, that of entries some: what a snapshot says is not believed.
  var addsUp: Bool {
    let requests = tally.requests(0) &+ tally.requests(1)
    return Physical.allCases.allSatisfy { column in
      var counted = 0, isSound = true
      counters[column.rawValue].forEach { _, cell in
        counted += Int(cell.requests)
        isSound =
          isSound && !cell.isEmpty && cell.timed <= cell.requests && cell.pageviews <= cell.requests
          && cell.errors <= cell.requests
      }
      return isSound && (column == .entry ? counted <= requests : counted == requests)
    }
  }
}

final class OpenHour: OpenSpan {}

/// The open day also keeps the visitors of every value.
final class OpenDay: OpenSpan {
  /// The sketches' words of one dimension, by key.
  final class Words {
    var column: SparseColumn<UInt64>
    init(_ dimension: Dimension, pool: PagePool) { column = SparseColumn(capacity: dimension.codes * 2, pool: pool) }
  }
  var sketches: ValueSketches
  let words: [Words]  // by `Dimension`

  init(pool: PagePool, sketches share: CommonLimit.Share) {
    sketches = ValueSketches(pool: pool, capacityBytes: Limits.valueSketchBytes, share: share)
    words = Dimension.allCases.map { Words($0, pool: pool) }
    super.init(pool: pool)
  }

  override func clear() {
    super.clear()
    sketches.removeAll()
    for word in words { word.column.removeAll() }
  }
}
