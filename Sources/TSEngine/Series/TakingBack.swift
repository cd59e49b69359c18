/// Finds the codes of paths, referrers, hosts and campaigns that nothing refers to any more, and takes them back.
///
/// ```
///  who may hold a code        how it is known
///  tables of hours and days   marked, a few tables a step
///  rows                       a code was last met in the hour of its newest row or later: older than the oldest row is in none
///  the open hour and day      what they hold was met since the day began
/// ```
/// A pass is due once a day, and every six hours while a dictionary is nearly full. What closes during a pass holds only
/// codes that were marked or met since it began. The end of a pass needs a moment without readers, who know codes by what
/// they meant; it is tried again at the next call.
///
/// When a dictionary is nearly full, as a site is with 10⁵ new paths a day, what is old knows fewer names: closed tables are
/// thinned by one of four degrees, a higher one each time that the one before was not enough, and the oldest rows go until a
/// quarter of the codes is free. One day of rows stays, or six hours where that frees nothing.
/// ```
///  degree             1        2        3        4
///  hours before yesterday  32       16       8        8 values
///  days older than         –        7: 256   7: 64    1: 64 values
/// ```
///
/// Guarded by the engine's lock.
final class TakingBack {
  private static let spansAStep = 16, fewCodes = 256
  private static let everyHours = 6
  private static let hourValues = [0, 32, 16, 8, 8], dayValues = [0, 0, 256, 64, 64], dayAge = [0, 0, 7, 7, 1]
  private var pass: Pass?

  /// Codes of one kind that tables refer to.
  private struct Marks {
    private var words: [UInt64]
    init(count: Int) { words = Array(repeating: 0, count: count / 64 + 1) }
    mutating func insert(_ code: Int) { if code >> 6 < words.count { words[code >> 6] |= 1 << UInt64(code & 63) } }
    /// Codes made after the pass began are not known, and stay.
    func contains(_ code: Int) -> Bool { code >> 6 >= words.count || words[code >> 6] >> UInt64(code & 63) & 1 == 1 }
  }

  private struct Pass {
    let series: Series
    /// What was met in this hour or later stays.
    let usedFrom: Int
    let hour: Int
    var nextHour = 0, nextDay = 0  // tables from these on are still to be marked
    var paths: Marks, referrerHosts: Marks, hosts: Marks, campaigns: Marks

    init(_ series: Series) {
      self.series = series
      hour = Int(series.paths.hour)
      var from = hour
      if series.day.number >= 0 { from = min(from, series.day.number * 24) }
      if series.hour.number >= 0 { from = min(from, series.hour.number) }
      usedFrom = from
      paths = Marks(count: series.paths.count)
      referrerHosts = Marks(count: series.referrerHosts.count)
      hosts = Marks(count: series.hosts.count)
      campaigns = Marks(count: series.campaigns.count)
    }
  }

  /// Goes on with a pass, or begins one at the service whose turn it is; ≈ 50 µs, the end of a pass ≈ 10 ns a code.
  func step(_ state: EngineState, turn: Int) {
    if pass == nil {
      guard !state.series.isEmpty else { return }
      let series = state.series[turn % state.series.count]
      guard Self.isDue(series), mayFold(series, state.closing) else { return }
      series.foldAll(state.fold, state.closing)  // what is met is noted by folding
      series.thinning = Self.isNearlyFull(series) ? min(series.thinning + 1, Self.hourValues.count - 1) : 0
      pass = Pass(series)
    }
    // A log that is read faster than time passes: there is nobody to wait for.
    let isLate = Int(pass!.series.paths.hour) > pass!.hour
    while mark(state.closing, state.newCodes) { if !isLate { return } }
    if state.pool.isPinned || !mayFold(pass!.series, state.closing) { return }
    pass!.series.foldAll(state.fold, state.closing)
    takeBack()
    pass = nil
  }

  /// Not where folding would close an hour that is left to `tick`.
  private func mayFold(_ series: Series, _ closing: Closing) -> Bool {
    !closing.isDeferred || !series.batches.contains { series.wouldClose($0) }
  }

  private static func isNearlyFull(_ series: Series) -> Bool {
    series.paths.isNearlyFull || series.referrers.isNearlyFull || series.referrerHosts.isNearlyFull
      || series.hosts.isNearlyFull || series.campaigns.isNearlyFull
  }

  private static func isDue(_ series: Series) -> Bool {
    let hour = Int(series.paths.hour)
    if hour / 24 == series.takenBackHour / 24, hour - series.takenBackHour < everyHours { return false }
    guard series.paths.liveCount + series.referrers.liveCount > fewCodes else { return false }
    if hour / 24 > series.takenBackHour / 24 { return true }
    return isNearlyFull(series)
  }

  // MARK: Marking

  /// Marks some tables, thinned where that is due; false when none is left.
  private func mark(_ closing: Closing, _ codes: NewCodes) -> Bool {
    let series = pass!.series, degree = series.thinning
    var left = degree == 0 ? Self.spansAStep : Self.spansAStep / 4
    while left > 0, let hour = series.hours.next(from: pass!.nextHour) {
      if degree > 0, hour < pass!.hour - 24, closing.thin(.hour(hour), of: series, to: Self.hourValues[degree]) {
        codes.note(.thinned(service: series.id.rawValue, isDay: false, number: hour, values: Self.hourValues[degree]))
      }
      unsafe series.closed(.hour(hour)).map { unsafe mark($0) }
      pass!.nextHour = hour + 1
      left -= 1
    }
    while left > 0, let day = series.days.next(from: pass!.nextDay) {
      if Self.dayValues[degree] > 0, day < pass!.hour / 24 - Self.dayAge[degree],
        closing.thin(.day(day), of: series, to: Self.dayValues[degree])
      {
        codes.note(.thinned(service: series.id.rawValue, isDay: true, number: day, values: Self.dayValues[degree]))
      }
      unsafe series.closed(.day(day)).map { unsafe mark($0) }
      pass!.nextDay = day + 1
      left -= 1
    }
    return left == 0
  }

  @unsafe private func mark(_ span: SpanBlob) {
    unsafe mark(span, .path, &pass!.paths)
    unsafe mark(span, .entry, &pass!.paths)
    unsafe mark(span, .referrer, &pass!.referrerHosts)
    unsafe mark(span, .host, &pass!.hosts)
    unsafe mark(span, .campaign, &pass!.campaigns)
  }

  @unsafe private func mark(_ span: SpanBlob, _ dimension: Dimension, _ marks: inout Marks) {
    let table = unsafe span.section(.table(dimension))
    unsafe TopTable.forEachKey(table.start, count: table.count) { key in marks.insert(key >> 1) }
  }

  // MARK: Taking back

  private func takeBack() {
    var pass = self.pass!
    let series = pass.series
    // Referrers are in rows alone; tables know their hosts.
    giveWay(pass, series.paths) { pass.paths.contains($0) }
    giveWay(pass, series.referrers) { _ in false }
    let limit = Self.deadBefore(pass)
    series.paths.takeBack { code, lastUse in lastUse < limit && !pass.paths.contains(code) }
    series.referrers.takeBack { _, lastUse in lastUse < limit }
    series.hosts.takeBack { code, lastUse in lastUse < limit && !pass.hosts.contains(code) }
    series.campaigns.takeBack { code, lastUse in lastUse < limit && !pass.campaigns.contains(code) }
    series.referrers.forEachUse { code, _ in pass.referrerHosts.insert(Int(series.referrerHost[code])) }
    series.referrerHosts.takeBack { code, lastUse in lastUse < limit && !pass.referrerHosts.contains(code) }
    series.takenBackHour = pass.hour
  }

  /// A code that was not met since is in no row and in nothing open.
  private static func deadBefore(_ pass: Pass) -> Int {
    let series = pass.series
    var oldest = series.blocks.first?.hour ?? .max
    for batch in series.batches where batch.count > 0 { oldest = min(oldest, batch.hour) }
    return min(pass.usedFrom, oldest)
  }

  /// Gives up the oldest rows where they alone hold the codes of a dictionary that is nearly full.
  private func giveWay(_ pass: Pass, _ dictionary: borrowing LabelDictionary, isMarked: (Int) -> Bool) {
    guard dictionary.isNearlyFull else { return }
    let dead = Self.deadBefore(pass), wanted = dictionary.liveCount / 4
    for kept in [24, Self.everyHours] {
      let floor = min(pass.usedFrom, pass.hour - kept)
      var free = 0, held: [Int] = []
      dictionary.forEachUse { code, lastUse in
        if lastUse >= floor || isMarked(code) { return }
        if lastUse < dead { free += 1 } else { held.append(lastUse) }
      }
      if free >= wanted || held.isEmpty { continue }
      held.sort()
      pass.series.dropRows(before: held[min(held.count, wanted - free) - 1] + 1)
      if free + held.count >= wanted / 2 { return }
    }
  }
}

extension Series {
  /// A row of that hour is coming.
  func noteHour(_ hour: Int) {
    guard hour > Int(paths.hour) else { return }
    let hour = UInt32(hour)
    (paths.hour, referrers.hour, hosts.hour, campaigns.hour, referrerHosts.hour) = (hour, hour, hour, hour, hour)
  }
}
