/// Freezes what is open into blobs, merging it with the blob that is already there.
///
/// One for the whole engine (it owns the scratch); guarded by its lock.
@safe
final class Closing {
  private let pool: PagePool
  let builder: TableBuilder
  var out = ByteWriter(capacity: 64 << 20)
  private let frozenBytes: UnsafeMutablePointer<UInt8>
  /// Unix minute, hour from which closed buckets are stored at all; moved by the engine with the clock.
  var minutesFrom = 0, hoursFrom = 0
  /// Makes room in the pool; false when nothing is left to drop.
  var makeRoom: () -> Bool = { false }
  private(set) var lostBuckets = 0
  /// Whether ingestion leaves closing to `EngineState.tick` where it can.
  var isDeferred = false

  init(pool: PagePool) {
    self.pool = pool
    builder = TableBuilder(pool: pool)
    unsafe frozenBytes = .allocate(capacity: ValueSketches.maxFrozenBytes)
  }
  deinit { unsafe frozenBytes.deallocate() }

  /// Makes `hour` and its day the open ones.
  func open(hour: Int, of series: Series) {
    if series.hour.number == hour { return }
    if series.hour.number >= 0 { closeHour(series) }
    let day = hour / 24
    if series.day.number != day {
      if series.day.number >= 0 { closeDay(series) }
      series.day.number = day
    }
    series.hour.number = hour
  }

  func closeMinute(_ series: Series) {
    let open = series.minute
    guard open.number >= 0 else { return }
    let old = series.minutes.find(open.number) ?? .none
    if !old.isNone {
      var cursor = unsafe ByteCursor(series.minuteBlobs.address(old), count: old.count)
      unsafe open.tally.add(from: &cursor)
      for visitors in open.visitors { unsafe visitors.add(from: &cursor) }
    }
    out.removeAll()
    open.tally.encode(into: &out)
    for visitors in open.visitors { visitors.encode(into: &out) }
    makeRoomForOutput()
    // Room may have been made of this very ring; and a bucket that found none leaves its ring without a beginning before it.
    if open.number >= series.minutesFrom {
      if let blob = store(in: &series.minuteBlobs) {
        series.minuteBlobs.free(series.minutes.set(open.number, blob))
      } else {
        series.dropMinutes(before: open.number + 1)
      }
    }
    open.clear()
  }

  /// Freezes the hour and hands its counters on to its day.
  func closeHour(_ series: Series) {
    closeMinute(series)
    let hour = series.hour, day = series.day
    precondition(day.number == hour.number / 24)
    series.widen()
    // The day first: encoding merges the hour's older closed form into it, which the day has already.
    day.tally.add(hour.tally)
    for audience in 0..<2 { day.visitors[audience].add(hour.visitors[audience]) }
    for column in Physical.allCases { day.counters[column.rawValue].add(hour.counters[column.rawValue]) }
    // One an hour, so that no close takes long.
    if let least = day.counters.max(by: { $0.unsorted < $1.unsorted }), least.unsorted > 0 { least.sortCells() }
    if hour.number >= max(hoursFrom, series.hoursFrom) {
      let old = series.hours.find(hour.number) ?? .none
      encode(hour, of: series, old: old, values: Limits.hourValues, day: nil)
      makeRoomForOutput()
      if hour.number >= series.hoursFrom {
        if let blob = store(in: &series.spanBlobs) {
          series.spanBlobs.free(series.hours.set(hour.number, blob))
        } else {
          series.dropHours(before: hour.number + 1)
        }
      }
    }
    hour.clear()
  }

  /// - Precondition: the open hour is closed.
  func closeDay(_ series: Series) {
    let day = series.day
    precondition(series.hour.number < 0)
    series.widen()
    let old = series.days.find(day.number) ?? .none
    encode(day, of: series, old: old, values: Limits.dayValues, day: day)
    makeRoomForOutput()
    if day.number >= series.daysFrom {
      if let blob = store(in: &series.spanBlobs) {
        series.spanBlobs.free(series.days.set(day.number, blob))
      } else {
        series.dropDays(before: day.number + 1)
      }
    }
    day.removeAll()
  }

  /// Packs the rows of a folded batch; without room for them they are given up.
  func pack(_ batch: OpenBatch, of series: Series) {
    out.removeAll()
    RowBlock.pack(batch, into: &out)
    makeRoomForOutput()
    guard let blob = store(in: &series.rowBlobs) else {
      series.dropRows(before: batch.hour + 1)  // this hour's rows are no longer complete
      return
    }
    if batch.hour < series.rowsFrom {  // making room went past this hour
      series.rowBlobs.free(blob)
      return
    }
    let place = series.blocks.lastIndex { $0.hour <= batch.hour }.map { $0 + 1 } ?? 0
    series.blocks.insert(Series.Block(hour: batch.hour, count: batch.count, blob: blob), at: place)
    series.blockRows += batch.count
  }

  /// Copies what was written into a log. Room is made before, since making it frees blobs of the same logs.
  func store(in log: inout BlobLog) -> BlobRef? {
    let blob = unsafe log.append(out.start, count: out.count)
    if blob == nil { lostBuckets += 1 }
    return blob
  }

  func makeRoomForOutput() {
    let pages = BlobLog.mostPages(for: out.count)
    while pool.comingPages < pages, makeRoom() {}
  }

  // MARK: Hour and day

  private func encode(_ span: OpenSpan, of series: Series, old: BlobRef, values: Int, day: OpenDay?) {
    let before = unsafe old.isNone ? nil : SpanBlob(series.spanBlobs.address(old), count: old.count)
    out.removeAll()
    unsafe SpanBlob.begin(&out)
    if let before = unsafe before {
      var cursor = unsafe before.cursor(.tally)
      unsafe span.tally.add(from: &cursor)
      for audience in 0..<2 {
        let sketch = unsafe before.section(audience == 0 ? .people : .bots)
        unsafe span.visitors[audience].addFrozen(sketch.start, count: sketch.count)
      }
    }
    span.tally.encode(into: &out)
    unsafe SpanBlob.end(.tally, &out)
    for audience in 0..<2 {
      span.visitors[audience].freeze(into: &out)
      unsafe SpanBlob.end(audience == 0 ? .people : .bots, &out)
    }
    for dimension in Dimension.allCases {
      unsafe encodeTable(dimension, span, of: series, before: before, values: values, day: day)
      unsafe SpanBlob.end(.table(dimension), &out)
    }
  }

  @unsafe private func encodeTable(
    _ dimension: Dimension, _ span: OpenSpan, of series: Series, before: SpanBlob?, values: Int, day: OpenDay?
  ) {
    let codes = series.codes(of: dimension), counter = span.counters[dimension.physical.rawValue]
    if unsafe before == nil, dimension.isStored {
      builder.begin(counter)
    } else {
      builder.begin(codes: codes)
      counter.forEach { key, cell in
        if dimension == .bot, key & 1 == 0 { return }
        builder.add(cell, key: series.code(of: dimension, column: key >> 1) << 1 | key & 1)
      }
      if let before = unsafe before { unsafe addTable(dimension, of: before, codes: codes, day: day) }
    }
    builder.write(
      limit: values, sketched: day == nil ? 0 : Limits.dayVisitorValues, hasOther: dimension.hasOther, into: &out
    ) { key, sketches in
      guard let day else { return false }
      let word = day.words[Int(dimension.rawValue)].column[key]
      if word == 0 { return false }
      let count = unsafe day.sketches.freeze(word, into: frozenBytes)
      if count == 0 { return false }
      sketches.varint(UInt64(count))
      unsafe sketches.bytes(frozenBytes, count: count)
      return true
    }
  }

  /// Adds the table this one replaces, with the visitors of its values.
  @unsafe private func addTable(_ dimension: Dimension, of before: SpanBlob, codes: Int, day: OpenDay?) {
    let table = unsafe before.section(.table(dimension))
    unsafe builder.add(table.start, count: table.count)
    guard let day else { return }
    let words = day.words[Int(dimension.rawValue)]
    unsafe TopTable.forEach(table.start, count: table.count) { key, cell, sketch in
      guard key < codes * 2 else { return }
      if let sketch {
        unsafe day.sketches.addFrozen(
          table.start + sketch.lowerBound, count: sketch.count, words.column.chunk(of: key), key: key & 63)
      } else if !cell.isEmpty {
        // Its first visitors were not kept: the later ones alone would pass for all of them.
        words.column.set(key, 0)
      }
    }
  }
}
