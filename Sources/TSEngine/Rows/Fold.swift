/// Turns appended rows into tallies, registers, counters and sketches: the only writer of those.
///
/// Every pass is a loop over one column of at most 1,024 rows, which are still in the second-level cache; the cursor
/// `OpenBatch.folded` makes each row count once. One for the whole engine; guarded by its lock.
final class Fold {
  private let bots: Column<UInt8>
  private let counts: Column<SIMD4<UInt32>>  // requests, pageviews, errors, timed
  private let sums: Column<SIMD2<UInt64>>  // bytes, microseconds
  private let latencies: Column<Int16>  // index of the histogram, -1 for none
  private let keys: Column<UInt32>
  private let registers: Column<UInt16>  // of the sketches by value
  private let ranks: Column<UInt8>

  init(pool: PagePool) {
    let rows = Limits.foldRows
    bots = Column(capacity: rows, count: rows, pool: pool)
    counts = Column(capacity: rows, count: rows, pool: pool)
    sums = Column(capacity: rows, count: rows, pool: pool)
    latencies = Column(capacity: rows, count: rows, pool: pool)
    keys = Column(capacity: rows, count: rows, pool: pool)
    registers = Column(capacity: rows, count: rows, pool: pool)
    ranks = Column(capacity: rows, count: rows, pool: pool)
  }

  /// Folds what `batch` has appended since the last time.
  /// - Parameter closing: closes the buckets that the batch's hour leaves behind.
  func run(_ series: Series, _ batch: OpenBatch, _ closing: Closing) {
    guard batch.folded < batch.count else { return }
    batch.sortByMinute(from: batch.folded)
    closing.open(hour: batch.hour, of: series)
    series.widen()
    while batch.folded < batch.count {
      let part = batch.folded..<min(batch.count, batch.folded + Limits.foldRows)
      measure(series, batch, part)
      foldMinutes(series, batch, part, closing)
      foldHour(series, batch, part)
      for column in Physical.allCases { count(series, batch, part, column) }
      for dimension in Dimension.allCases { sketch(series, batch, part, dimension) }
      batch.folded = part.upperBound
    }
  }

  /// What one row adds to every counter it meets.
  private func measure(_ series: Series, _ batch: OpenBatch, _ part: Range<Int>) {
    let agents = unsafe series.labels.agents.rows.start
    for row in part {
      let at = row &- part.lowerBound, status = unsafe Int(batch.status.start[row]), verb = unsafe batch.verb.start[row]
      let isStatic = unsafe series.pathIsStatic.start[Int(batch.path.start[row])]
      let isGet = verb &>> 4 == Method.get.rawValue
      let pageview: UInt32 = isGet && isStatic == 0 && (status >= 200 && status < 300 || status == 304) ? 1 : 0
      let error: UInt32 = status >= 500 ? 1 : 0
      let duration = unsafe batch.duration.start[row], isTimed = duration != Event.noDuration
      let bot = unsafe agents[Int(batch.agent.start[row])].isBot, bytes = unsafe batch.bytes.start[row]
      unsafe bots.start[at] = bot
      unsafe counts.start[at] = SIMD4(1, pageview, error, isTimed ? 1 : 0)
      unsafe sums.start[at] = SIMD2(UInt64(bytes), isTimed ? UInt64(duration) : 0)
      let latency = isTimed ? LatencyHistogram.index(ofMicroseconds: duration) : -1
      unsafe latencies.start[at] = Int16(truncatingIfNeeded: latency)
      note(series.totals, verb: verb, status: status, bytes: bytes, bot: bot, duration: duration, latency: latency)
    }
  }

  /// Since the start of the process, for the exposition.
  @inline(__always)
  private func note(_ totals: RunTotals, verb: UInt8, status: Int, bytes: UInt32, bot: UInt8, duration: UInt32, latency: Int) {
    unsafe totals.requests.start[Int(verb &>> 4) &* 6 &+ status / 100] &+= 1
    totals.bytes &+= Int(bytes)
    totals.bots &+= Int(bot)
    if latency >= 0 {
      totals.microseconds &+= Int(duration)
      unsafe totals.latency.start[latency] &+= 1
    }
  }

  @inline(__always) private func cell(_ at: Int) -> Cell {
    var cell = Cell()
    cell.counts = unsafe counts.start[at]
    cell.sums = unsafe sums.start[at]
    return cell
  }

  private func foldMinutes(_ series: Series, _ batch: OpenBatch, _ part: Range<Int>, _ closing: Closing) {
    let open = series.minute, from = max(closing.minutesFrom, series.minutesFrom)
    for row in part {
      let minute = unsafe batch.hour &* 60 &+ Int(batch.minute.start[row])
      if minute < from { continue }
      if minute != open.number {
        closing.closeMinute(series)
        open.number = minute
      }
      let at = row &- part.lowerBound, bot = unsafe Int(bots.start[at]), latency = unsafe Int(latencies.start[at])
      let status = unsafe Int(batch.status.start[row])
      open.tally.add(cell(at), audience: bot, status: status, latency: latency < 0 ? nil : latency)
      unsafe open.visitors[bot].add(batch.token.start[row])
    }
  }

  private func foldHour(_ series: Series, _ batch: OpenBatch, _ part: Range<Int>) {
    let hour = series.hour, shift = UInt32(VisitorToken.bits - Limits.valuePrecision)
    for row in part {
      let at = row &- part.lowerBound, bot = unsafe Int(bots.start[at]), latency = unsafe Int(latencies.start[at])
      let status = unsafe Int(batch.status.start[row])
      hour.tally.add(cell(at), audience: bot, status: status, latency: latency < 0 ? nil : latency)
      let token = unsafe VisitorToken(rawValue: batch.token.start[row])
      hour.visitors[bot].add(token.rawValue)
      unsafe registers.start[at] = UInt16(truncatingIfNeeded: token.rawValue &>> shift)
      unsafe ranks.start[at] = token.rank(Limits.valuePrecision)
    }
  }

  /// Keys of a column: `code << 1 | bot`.
  private func fillKeys(_ batch: OpenBatch, _ part: Range<Int>, _ column: Physical) {
    let low = part.lowerBound
    @inline(__always) @unsafe func fill<T: FixedWidthInteger>(_ codes: UnsafeMutablePointer<T>) {
      for row in part {
        let at = row &- low
        unsafe keys.start[at] = UInt32(truncatingIfNeeded: codes[row]) &<< 1 | UInt32(bots.start[at])
      }
    }
    switch column {
    case .path, .entry: unsafe fill(batch.path.start)
    case .referrer: unsafe fill(batch.referrer.start)
    case .agent: unsafe fill(batch.agent.start)
    case .host: unsafe fill(batch.host.start)
    case .campaign: unsafe fill(batch.campaign.start)
    case .country: unsafe fill(batch.country.start)
    case .status: unsafe fill(batch.status.start)
    case .verb: unsafe fill(batch.verb.start)
    }
  }

  private func isInternal(_ series: Series, _ batch: OpenBatch, _ row: Int) -> Bool {
    unsafe series.referrers.extra(batch.referrer.start[row]) & 0xff == UInt32(Channel.internal.rawValue)
  }

  private func count(_ series: Series, _ batch: OpenBatch, _ part: Range<Int>, _ column: Physical) {
    if column != .entry { fillKeys(batch, part, column) }  // entry follows path: the same keys
    let counter = series.hour.counters[column.rawValue], known = counter.count
    if counter.isLarge {
      countMany(series, batch, part, column, counter)
    } else {
      for at in 0..<part.count {
        if column == .entry, isInternal(series, batch, part.lowerBound &+ at) { continue }
        unsafe counter.add(cell(at), key: Int(keys.start[at]))
      }
    }
    if counter.count > known { noteUses(series, column, part.count) }
  }

  /// The same for a column of many values, whose cells are seldom in a cache.
  private func countMany(
    _ series: Series, _ batch: OpenBatch, _ part: Range<Int>, _ column: Physical, _ counter: OpenCounters
  ) {
    for first in stride(from: 0, to: part.count, by: prefetchedAtOnce) {
      let range = first..<min(part.count, first &+ prefetchedAtOnce)
      for at in range { unsafe counter.prefetchSlot(Int(keys.start[at])) }
      for at in range { unsafe counter.prefetchCell(Int(keys.start[at])) }
      for at in range {
        if column == .entry, isInternal(series, batch, part.lowerBound &+ at) { continue }
        unsafe counter.add(cell(at), key: Int(keys.start[at]))
      }
    }
  }

  /// Some key is the first of its hour: all codes of the part are noted, which is cheaper than to know which.
  private func noteUses(_ series: Series, _ column: Physical, _ count: Int) {
    @inline(__always) func note(_ dictionary: borrowing LabelDictionary) {
      for at in 0..<count { unsafe dictionary.meet(Int(keys.start[at] &>> 1)) }
    }
    switch column {
    case .path: note(series.paths)
    case .referrer: note(series.referrers)
    case .host: note(series.hosts)
    case .campaign: note(series.campaigns)
    case .entry, .agent, .country, .status, .verb: break  // entries are paths; the others are never taken back
    }
  }

  private func sketch(_ series: Series, _ batch: OpenBatch, _ part: Range<Int>, _ dimension: Dimension) {
    fillKeys(batch, part, dimension.physical)
    deriveKeys(series, part, dimension)
    let words = series.day.words[Int(dimension.rawValue)]
    if words.column.chunks > Self.fewChunks { return sketchMany(series, batch, part, dimension, words) }
    // Most dimensions have few values, whose words are all in one chunk.
    var chunk = unsafe words.column.chunk(of: Int(keys.start[0])), chunkIndex = unsafe keys.start[0] &>> 6
    for at in 0..<part.count where !isSkipped(series, batch, part.lowerBound &+ at, at, dimension) {
      let key = unsafe Int(keys.start[at])
      if key &>> 6 != chunkIndex {
        unsafe chunk = words.column.chunk(of: key)
        chunkIndex = UInt32(truncatingIfNeeded: key &>> 6)
      }
      unsafe series.day.sketches.add(
        chunk, key: key & 63, token: batch.token.start[part.lowerBound &+ at], register: Int(registers.start[at]),
        rank: ranks.start[at])
    }
  }
  private static let fewChunks = 4

  @inline(__always)
  private func isSkipped(_ series: Series, _ batch: OpenBatch, _ row: Int, _ at: Int, _ dimension: Dimension) -> Bool {
    if dimension == .entry { return isInternal(series, batch, row) }
    return dimension == .bot ? unsafe bots.start[at] == 0 : false
  }

  /// The same for a dimension of many values, whose words and sketches are seldom in a cache.
  private func sketchMany(
    _ series: Series, _ batch: OpenBatch, _ part: Range<Int>, _ dimension: Dimension, _ words: OpenDay.Words
  ) {
    let low = part.lowerBound
    unsafe withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<UInt64>.self, capacity: prefetchedAtOnce) { places in
      for first in stride(from: 0, to: part.count, by: prefetchedAtOnce) {
        let count = min(prefetchedAtOnce, part.count &- first)
        for at in 0..<count {
          let key = unsafe Int(keys.start[first &+ at]), place = unsafe words.column.chunk(of: key) + (key & 63)
          unsafe prefetch(place)
          unsafe places[at] = place
        }
        for at in 0..<count {
          unsafe series.day.sketches.prefetchVisitors(places[at].pointee, register: Int(registers.start[first &+ at]))
        }
        for at in 0..<count where !isSkipped(series, batch, low &+ first &+ at, first &+ at, dimension) {
          unsafe series.day.sketches.add(
            places[at], key: 0, token: batch.token.start[low &+ first &+ at], register: Int(registers.start[first &+ at]),
            rank: ranks.start[first &+ at])
        }
      }
    }
  }

  /// Maps a column's keys to those of a dimension that is a function of it.
  private func deriveKeys(_ series: Series, _ part: Range<Int>, _ dimension: Dimension) {
    if dimension.isStored { return }
    for at in 0..<part.count {
      let key = unsafe keys.start[at]
      let code = series.code(of: dimension, column: Int(key &>> 1))
      unsafe keys.start[at] = UInt32(truncatingIfNeeded: code) &<< 1 | key & 1
    }
  }
}
