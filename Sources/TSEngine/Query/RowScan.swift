/// One query's pass over rows: what filters leave, as sums of a range or by group.
///
/// Blocks and batches are read in parts that begin at a multiple of 64 rows. In each part every filtered column makes or
/// narrows a mask, the mask becomes a list of row numbers, and each number asked for is one loop over a gathered column.
@safe
final class RowScan {
  private let series: Series
  private let scratch: QueryScratch
  private var mask: FilterMask
  private let audience: Audience
  private let parts: RowParts
  private var rows = 0..<0  // of the part being read, from a multiple of 64
  private(set) var scannedRows = 0
  /// Taken inside the gate: the table may move when it grows, and what it moves out of stays.
  private let agents: UnsafePointer<AgentTable.Row>
  /// Whether it reads the list of rows without the gate; else, rows that are few, as they are now.
  private let isLong: Bool

  /// - Parameter audience: whom sums are about; `parts` with `.bots` count both beside.
  init(
    _ filters: [Filter], having dimension: Dimension?, audience: Audience, parts: RowParts, isLong: Bool, _ series: Series,
    _ scratch: QueryScratch
  ) {
    (self.series, self.scratch, self.parts, self.isLong) = (series, scratch, parts, isLong)
    unsafe agents = UnsafePointer(series.labels.agents.rows.start)
    if isLong {
      scratch.pin(series.pool)
      scratch.rows.fill(series)
    }
    mask = FilterMask(
      filters, audience: audience, keepsAudienceApart: parts.contains(.bots), series, scratch)
    self.audience = mask.audienceApart ?? .all
    if let dimension { mask.restrict(toRowsWith: dimension) }
    if parts.contains(.pageviews) { Self.preparePageviews(series, scratch) }
    if parts.contains(.errors) { Self.prepareErrors(scratch) }
  }

  /// GET, 2xx or 304, not static (DESIGN.md, fine print).
  private static func preparePageviews(_ series: Series, _ scratch: QueryScratch) {
    let verbs = unsafe scratch.lookup(.verb, .pageviews), statuses = unsafe scratch.lookup(.status, .pageviews)
    let paths = unsafe scratch.lookup(.path, .pageviews)
    for verb in 0..<256 { unsafe verbs[verb] = verb >> 4 == Int(Method.get.rawValue) ? 1 : 0 }
    for status in 0..<Limits.statusCodes { unsafe statuses[status] = 200..<300 ~= status || status == 304 ? 1 : 0 }
    let isStatic = unsafe series.pathIsStatic.start
    precondition(series.pathIsStatic.count >= series.paths.count)
    for path in 0..<series.paths.count { unsafe paths[path] = isStatic[path] ^ 1 }
  }
  private static func prepareErrors(_ scratch: QueryScratch) {
    let table = unsafe scratch.lookup(.bytes, .pageviews)  // a table no column uses
    for status in 0..<Limits.statusCodes { unsafe table[status] = status >= 500 ? 1 : 0 }
  }

  // MARK: Parts

  /// The blocks and batches that hold rows of `range`, widened to whole minutes, in order of hours.
  @inline(__always)
  private func forEachPart(_ range: Range<Int>, _ body: (RowSource, Range<Int>) -> Void) {
    let minutes =
      floorDivide(range.lowerBound, 60)..<max(floorDivide(range.lowerBound, 60), floorDivide(range.upperBound + 59, 60))
    guard !minutes.isEmpty else { return }
    let hours = floorDivide(minutes.lowerBound, 60)...floorDivide(minutes.upperBound - 1, 60)
    let list = isLong ? scratch.rows : scratch.rowsOfNow
    if !isLong { list.take(series, hours: hours) }
    // No closures around the loop: `body` is only fast where it is inlined.
    let engine = isLong ? scratch.engine : nil
    engine?.leaveGate()
    for index in list.first(hour: hours.lowerBound)..<list.count {
      let source = unsafe list[index]
      guard unsafe hours.contains(source.hour) else { continue }
      let rows = unsafe source.rows(minutes: minutes)
      if !rows.isEmpty { unsafe body(source, rows) }
    }
    engine?.enterGate()
  }

  /// Chooses the rows of a part that pass; `chosen` then holds their numbers relative to `rows`. Returns how many.
  ///
  /// Columns narrow a mask until a quarter of the rows is left; the other columns are then looked up for those rows alone.
  @inline(__always)
  private func choose(_ source: RowSource, _ wanted: Range<Int>) -> Int {
    rows = (wanted.lowerBound & ~63)..<wanted.upperBound
    scannedRows &+= wanted.count
    let skipped = wanted.lowerBound &- rows.lowerBound, buffers = scratch.buffers, columns = mask.columns
    var selection = Selection.all, index = 0
    while index < columns.count {
      unsafe narrow(&selection, source, columns[index], mask.lookup(columns[index]), buffers.mask)
      if selection == .none { return 0 }
      index &+= 1
      if selection == .some, index < columns.count, hits(from: skipped) &* 4 < rows.count { break }
    }
    var count = list(from: skipped, selection)
    while index < columns.count {
      if count == 0 { return 0 }
      count = unsafe keep(count, source, columns[index], mask.lookup(columns[index]))
      index &+= 1
    }
    return count
  }

  /// Rows the mask has chosen.
  @inline(__always) private func hits(from skipped: Int) -> Int {
    let mask = unsafe scratch.buffers.mask
    var sum = 0
    for row in skipped..<rows.count { unsafe sum &+= Int(mask[row]) }
    return sum
  }

  /// Writes the chosen rows' numbers.
  @inline(__always) private func list(from skipped: Int, _ selection: Selection) -> Int {
    let chosen = unsafe scratch.buffers.chosen, mask = unsafe scratch.buffers.mask
    if selection == .all {
      for row in skipped..<rows.count { unsafe chosen[row &- skipped] = UInt16(truncatingIfNeeded: row) }
      return rows.count &- skipped
    }
    var count = 0
    for row in skipped..<rows.count {
      unsafe chosen[count] = UInt16(truncatingIfNeeded: row)
      unsafe count &+= Int(mask[row])
    }
    return count
  }

  /// Keeps of the chosen rows those whose code passes.
  @inline(__always)
  private func keep(_ count: Int, _ source: RowSource, _ column: RowBlock.Column, _ lookup: UnsafePointer<UInt8>) -> Int {
    let codes = unsafe gather(source, column, count), chosen = unsafe scratch.buffers.chosen
    var kept = 0
    for index in 0..<count {
      unsafe chosen[kept] = chosen[index]
      unsafe kept &+= Int(lookup[Int(codes[index])])
    }
    return kept
  }

  @inline(__always)
  private func narrow(
    _ selection: inout Selection, _ source: RowSource, _ column: RowBlock.Column, _ lookup: UnsafePointer<UInt8>,
    _ mask: UnsafeMutablePointer<UInt8>
  ) {
    switch selection {
    case .none: break
    case .all: selection = unsafe source.select(column, lookup, rows, and: false, into: mask, scratch.buffers)
    case .some:
      if unsafe source.select(column, lookup, rows, and: true, into: mask, scratch.buffers) == .none { selection = .none }
    }
  }

  @inline(__always)
  private func gather(_ source: RowSource, _ column: RowBlock.Column, _ count: Int) -> UnsafeMutablePointer<UInt32> {
    let out = unsafe scratch.buffers.values
    unsafe source.gather(column, rows, chosen: scratch.buffers.chosen, count: count, into: out, scratch.buffers)
    return unsafe out
  }

  /// Keeps of the chosen rows those of the audience; `isBot` tells each of `count` of them.
  @inline(__always)
  private func keepAudience(_ count: Int, _ isBot: (Int) -> Bool) -> Int {
    let chosen = unsafe scratch.buffers.chosen, bots = audience == .bots
    var kept = 0
    for index in 0..<count {
      unsafe chosen[kept] = chosen[index]
      kept &+= isBot(index) == bots ? 1 : 0
    }
    return kept
  }

  // MARK: Sums of a range

  /// Adds the rows of `range` that pass.
  func add(_ range: Range<Int>, to sums: TallyAccumulator) {
    if parts.contains(.visitors), !sums.hasRequests { sums.tokens.begin() }
    unsafe forEachPart(range) { source, wanted in
      var count = unsafe choose(source, wanted)
      if count == 0 { return }
      if parts.contains(.bots) { unsafe countAudiences(source, &count, sums) }
      sums.requests += count
      if count == 0 { return }
      if parts.contains(.visitors) {
        let tokens = unsafe gather(source, .token, count), registers = unsafe sums.registers
        for index in 0..<count {
          unsafe HyperLogLog.insert(VisitorToken(rawValue: tokens[index]), into: registers, p: Limits.bucketPrecision)
        }
        var index = 0
        while index < count, sums.tokens.isComplete {
          unsafe sums.tokens.insert(tokens[index])
          index &+= 1
        }
      }
      if parts.contains(.bytes) { unsafe addBytes(source, count, sums) }
      if parts.contains(.latency) { unsafe addLatency(source, count, sums) }
      if parts.contains(.errors) { unsafe sums.errors += countFlags(source, count, isErrors: true) }
      if parts.contains(.pageviews) { unsafe sums.pageviews += countFlags(source, count, isErrors: false) }
    }
  }

  /// Puts the visitors of the rows of `range` that pass into a set.
  func addVisitors(_ range: Range<Int>, to set: TokenSet) {
    unsafe forEachPart(range) { source, wanted in
      let count = unsafe choose(source, wanted)
      if count == 0 || !set.isComplete { return }
      let tokens = unsafe gather(source, .token, count)
      for index in 0..<count { unsafe set.insert(tokens[index]) }
    }
  }

  @inline(__always)
  private func countAudiences(_ source: RowSource, _ count: inout Int, _ sums: TallyAccumulator) {
    let codes = unsafe gather(source, .agent, count), rows = unsafe agents
    var bots = 0
    for index in 0..<count { unsafe bots &+= Int(rows[Int(codes[index])].isBot) }
    sums.allRequests += count
    sums.botRequests += bots
    if audience != .all { count = keepAudience(count) { unsafe rows[Int(codes[$0])].isBot != 0 } }
  }

  @inline(__always)
  private func addBytes(_ source: RowSource, _ count: Int, _ sums: TallyAccumulator) {
    let codes = unsafe gather(source, .bytes, count)
    var bytes: UInt64 = 0
    for index in 0..<count { unsafe bytes &+= UInt64(RowBlock.bytes(code: codes[index])) }
    sums.bytes += Int(bytes)
  }

  @inline(__always)
  private func addLatency(_ source: RowSource, _ count: Int, _ sums: TallyAccumulator) {
    let codes = unsafe gather(source, .duration, count), histogram = unsafe sums.histogram
    var timed = 0, microseconds = 0
    let middles = RowBlock.microseconds
    for index in 0..<count {
      let code = unsafe Int(codes[index])
      if code == 0 { continue }
      unsafe histogram[code &- 1] &+= 1
      timed &+= 1
      microseconds &+= middles[code]
    }
    sums.timed += timed
    sums.microseconds += microseconds
  }

  /// How many of the chosen rows are pageviews or errors; their flags, one a chosen row, are in `mask2` afterwards.
  @inline(__always)
  private func countFlags(_ source: RowSource, _ count: Int, isErrors: Bool) -> Int {
    let flags = unsafe scratch.buffers.mask2
    if isErrors {
      let statuses = unsafe gather(source, .status, count), isError = unsafe scratch.lookup(.bytes, .pageviews)
      for index in 0..<count { unsafe flags[index] = isError[Int(statuses[index])] }
    } else {
      let verbs = unsafe gather(source, .verb, count), isGet = unsafe scratch.lookup(.verb, .pageviews)
      for index in 0..<count { unsafe flags[index] = isGet[Int(verbs[index])] }
      let statuses = unsafe gather(source, .status, count), isGood = unsafe scratch.lookup(.status, .pageviews)
      for index in 0..<count { unsafe flags[index] &= isGood[Int(statuses[index])] }
      let paths = unsafe gather(source, .path, count), isPage = unsafe scratch.lookup(.path, .pageviews)
      for index in 0..<count { unsafe flags[index] &= isPage[Int(paths[index])] }
    }
    var sum = 0
    for index in 0..<count { unsafe sum &+= Int(flags[index]) }
    return sum
  }

  // MARK: Sums by group

  /// Adds the rows of `range` that pass to the group of their code of `column`: `scratch.groupByCode` says which.
  func add(_ range: Range<Int>, by column: RowBlock.Column, to groups: RowGroups) {
    unsafe forEachPart(range) { source, wanted in
      var count = unsafe choose(source, wanted)
      if count == 0 { return }
      if parts.contains(.bots) { unsafe countAudiences(source, &count, by: column, groups) }
      if count == 0 { return }
      let group = unsafe groupsOfChosen(source, column, count)
      for index in 0..<count { unsafe groups.requests[Int(group[index])] &+= 1 }
      if parts.contains(.bytes) {
        let codes = unsafe gather(source, .bytes, count)
        for index in 0..<count { unsafe groups.bytes[Int(group[index])] &+= UInt64(RowBlock.bytes(code: codes[index])) }
      }
      if parts.contains(.latency) {
        let codes = unsafe gather(source, .duration, count), middles = RowBlock.microseconds
        for index in 0..<count {
          let code = unsafe Int(codes[index]), to = unsafe Int(group[index])
          unsafe groups.timed[to] &+= code == 0 ? 0 : 1
          unsafe groups.microseconds[to] &+= UInt64(middles[code])
        }
      }
      if parts.contains(.errors) {
        _ = unsafe countFlags(source, count, isErrors: true)
        for index in 0..<count { unsafe groups.errors[Int(group[index])] &+= UInt32(scratch.buffers.mask2[index]) }
      }
      if parts.contains(.pageviews) {
        _ = unsafe countFlags(source, count, isErrors: false)
        for index in 0..<count { unsafe groups.pageviews[Int(group[index])] &+= UInt32(scratch.buffers.mask2[index]) }
      }
    }
  }

  /// The group of each chosen row, in `others`.
  @inline(__always)
  private func groupsOfChosen(_ source: RowSource, _ column: RowBlock.Column, _ count: Int) -> UnsafeMutablePointer<UInt32> {
    let group = unsafe scratch.buffers.others, map = unsafe scratch.groupByCode
    unsafe source.gather(column, rows, chosen: scratch.buffers.chosen, count: count, into: group, scratch.buffers)
    for index in 0..<count { unsafe group[index] = UInt32(map[Int(group[index])]) }
    return unsafe group
  }

  @inline(__always)
  private func countAudiences(_ source: RowSource, _ count: inout Int, by column: RowBlock.Column, _ groups: RowGroups) {
    let group = unsafe groupsOfChosen(source, column, count)
    let codes = unsafe gather(source, .agent, count), rows = unsafe agents
    for index in 0..<count {
      let to = unsafe Int(group[index])
      unsafe groups.all[to] &+= 1
      unsafe groups.bots[to] &+= UInt32(rows[Int(codes[index])].isBot)
    }
    if audience != .all { count = keepAudience(count) { unsafe rows[Int(codes[$0])].isBot != 0 } }
  }

  // MARK: Visitors and latency of the values shown

  /// Adds the visitors of the values shown, `scratch.groupByCode` being slot + 1, and their latency where asked for.
  func add(_ range: Range<Int>, by column: RowBlock.Column, to slots: ValueSlots, histograms: UnsafeMutablePointer<UInt32>?) {
    let p = slots.precision
    unsafe forEachPart(range) { source, wanted in
      var count = unsafe choose(source, wanted)
      if count > 0, audience != .all {
        let codes = unsafe gather(source, .agent, count), rows = unsafe agents
        count = keepAudience(count) { unsafe rows[Int(codes[$0])].isBot != 0 }
      }
      if count == 0 { return }
      let group = unsafe groupsOfChosen(source, column, count)
      if parts.contains(.visitors) {
        let tokens = unsafe gather(source, .token, count)
        for index in 0..<count where unsafe group[index] != 0 {
          let registers = unsafe slots.registers(slot: Int(group[index]) &- 1)
          unsafe HyperLogLog.insert(VisitorToken(rawValue: tokens[index]), into: registers, p: p)
        }
      }
      guard let histograms = unsafe histograms else { return }
      let codes = unsafe gather(source, .duration, count)
      for index in 0..<count where unsafe group[index] != 0 && codes[index] != 0 {
        unsafe histograms[(Int(group[index]) &- 1) &* LatencyHistogram.count &+ Int(codes[index]) &- 1] &+= 1
      }
    }
  }
}
