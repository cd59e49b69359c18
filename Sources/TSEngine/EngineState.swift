/// All that the engine's lock guards.
final class EngineState {
  let options: EngineOptions
  let pool: PagePool
  private let codes: CommonLimit, sketchBytes: CommonLimit
  let labels: Labels
  let newCodes = NewCodes()
  /// Rows on their way to the disk; nil where nothing is journalled.
  var journal: JournalBuffer?
  let fold: Fold
  let closing: Closing
  let scratch = QueryScratch()
  private let taking = TakingBack()
  private(set) var series: [Series] = []
  private var byName: [String: ServiceID] = [:]
  private var calls = 0  // batches counted
  private var isClosingDue = false
  private(set) var changes = 0  // events counted since the start; what a snapshot compares

  init(_ options: EngineOptions) {
    Limits.check()
    self.options = options
    pool = PagePool(limitBytes: max(options.memoryBytes, Limits.smallestMemory) - Limits.processBytes)
    let bytes = pool.limitPages * PagePool.pageBytes
    (codes, sketchBytes) = (CommonLimit(bytes / 2 / Limits.bytesPerCode), CommonLimit(bytes / 4))
    labels = Labels(pool: pool)
    fold = Fold(pool: pool)
    closing = Closing(pool: pool)
    labels.tell(newCodes)
    closing.makeRoom = { [unowned self] in makeRoom() }
  }

  // MARK: Services

  func find(_ name: String) -> Series? { byName[name].map { series[Int($0.rawValue)] } }

  func service(named name: String) -> ServiceID {
    if let known = byName[name] { return known }
    if series.count >= Limits.services { return byName["~other"] ?? make("~other") }
    return make(name)
  }

  /// Ends a reading without the lock that `pool.pin` began, and frees what waited for it.
  func unpin(_ pin: Int) {
    pool.unpin(pin)
    guard pool.waitingBytes > 0 else { return }
    for series in series {
      series.minuteBlobs.freeWaiting()
      series.spanBlobs.freeWaiting()
      series.rowBlobs.freeWaiting()
    }
  }

  @discardableResult
  func make(_ name: String) -> ServiceID {
    let id = ServiceID(rawValue: UInt16(series.count))
    let shares = Series.Shares(codes: codes.join(), sketchBytes: sketchBytes.join())
    series.append(Series(id: id, name: name, labels: labels, pool: pool, options: options, shares: shares))
    byName[name] = id
    series[Int(id.rawValue)].tell(newCodes)
    return id
  }

  /// Forgets services; identifiers of the others change.
  func remove(_ names: Set<String>) {
    if names.isEmpty { return }
    series.removeAll { names.contains($0.name) }
    byName = [:]
    for (index, one) in series.enumerated() { byName[one.name] = ServiceID(rawValue: UInt16(index)) }
  }

  // MARK: Ingest

  /// Counts every event of the batch that the options admit (`EngineOptions.judge`).
  func ingest(_ batch: borrowing EventBatch, now: Int) {
    beginCall()
    advance(now: now)
    journal?.note(clock: now)
    for first in stride(from: 0, to: batch.count, by: prefetchedAtOnce) {
      let range = first..<min(batch.count, first &+ prefetchedAtOnce), hashes = pathHashes(batch, range)
      for index in range {
        let event = batch[index]
        guard options.admission(event.second, now: now) == .counted else { continue }
        append(event, of: batch, pathHash: hashes[index &- first])
      }
    }
    taking.step(self, turn: calls)
    checkSometimes(calls)
  }

  func beginCall() {
    makeMuchRoom()
    calls &+= 1
  }

  /// Hashes of some events' paths; what looking them up will touch is on its way.
  @inline(__always)
  private func pathHashes(_ batch: borrowing EventBatch, _ range: Range<Int>) -> InlineArray<32, UInt64> {
    var hashes = InlineArray<32, UInt64>(repeating: 0)
    for index in range {
      let event = batch[index]
      let hash = unsafe LabelDictionary.hash(batch.start(of: event.path), count: Int(event.path.count))
      hashes[index &- range.lowerBound] = hash
      series[Int(event.service.rawValue)].paths.prefetchSlot(hash)
    }
    for index in range {
      series[Int(batch[index].service.rawValue)].paths.prefetchEntry(hashes[index &- range.lowerBound])
    }
    for index in range {
      series[Int(batch[index].service.rawValue)].paths.prefetchString(hashes[index &- range.lowerBound])
    }
    return hashes
  }

  @inline(__always)
  private func append(_ event: Event, of batch: borrowing EventBatch, pathHash: UInt64) {
    let series = series[Int(event.service.rawValue)]
    let hour = event.second / 3_600
    let open = openBatch(of: series, hour: hour)
    let row = row(of: event, hour: hour, series, batch, pathHash)
    series.firstSecond = min(series.firstSecond, event.second)
    series.lastSecond = max(series.lastSecond, event.second)
    if let journal, !journal.isBroken { note(row, hour: hour, series, in: journal) }
    append(row, to: open, of: series)
  }

  /// Where rows of that hour go, which may close what lies before: ask for it first, since codes nobody refers to may go.
  @inline(__always)
  func openBatch(of series: Series, hour: Int) -> OpenBatch {
    if series.lastCall != calls { meet(series) }
    return series.batch(ofHour: hour, fold, closing)
  }

  /// Counts a row whose codes are the series' own.
  @inline(__always)
  func append(_ row: OpenBatch.Row, to open: OpenBatch, of series: Series) {
    open.append(row)
    changes += 1
    if open.isFull {
      series.flush(open, fold, closing)
    } else if open.count &- open.folded >= Limits.foldRows {
      if closing.isDeferred, series.wouldClose(open) {
        isClosingDue = true
      } else {
        fold.run(series, open, closing)
      }
    }
  }

  /// Rows wait for an hour to be closed; said once.
  func takeClosingDue() -> Bool {
    defer { isClosingDue = false }
    return isClosingDue
  }

  /// The first event of a site in this call: what it opens must find room.
  @inline(never)
  private func meet(_ series: Series) {
    series.lastCall = calls
    if !series.holdsOpen { makeMuchRoom() }
  }

  @inline(__always)
  private func row(
    of event: Event, hour: Int, _ series: Series, _ batch: borrowing EventBatch, _ pathHash: UInt64
  ) -> OpenBatch.Row {
    var row = OpenBatch.Row()
    row.minute = UInt8(truncatingIfNeeded: event.second / 60 - hour * 60)
    row.token = event.visitor.rawValue
    row.path = unsafe series.pathCode(
      batch.start(of: event.path), count: Int(event.path.count), hash: pathHash, isMissing: event.status / 100 == 4)
    row.agent = Int(event.agent.rawValue) < labels.agents.count ? event.agent.rawValue : 0
    row.referrer = unsafe series.referrerCode(
      batch.start(of: event.referrer), count: Int(event.referrer.count), source: event.source, channel: event.channel)
    row.host = 1
    if event.host.count > 0 {
      let host = unsafe series.hosts.code(batch.start(of: event.host), count: Int(event.host.count), extra: 0).code
      row.host = UInt16(truncatingIfNeeded: host)
    }
    row.campaign = 1
    if event.campaign.count > 0 {
      let campaign = unsafe series.campaigns.code(batch.start(of: event.campaign), count: Int(event.campaign.count), extra: 0)
        .code
      row.campaign = UInt16(truncatingIfNeeded: campaign)
    }
    row.country = event.country.rawValue
    row.status = event.status < 100 || event.status >= 600 ? 0 : event.status
    row.verb = event.method.rawValue << 4 | event.httpProtocol.rawValue
    row.bytes = event.bytes
    row.duration = event.durationMicroseconds
    return row
  }

  // MARK: Time and room

  /// Moves the rings with the clock.
  func advance(now: Int) {
    let minutes = now / 60 - options.keepMinutes + 1, hours = now / 3_600 - options.keepHours + 1
    if minutes == closing.minutesFrom { return }
    (closing.minutesFrom, closing.hoursFrom) = (minutes, hours)
    let days = options.keepDays.map { now / 86_400 - $0 } ?? 0
    for series in series { series.expire(minutesBefore: minutes, hoursBefore: hours, daysBefore: days) }
  }

  /// Closes what the clock has left behind; once a second is plenty.
  func tick(now: Int) {
    closePast(now: now)
    journal?.note(tick: now)
    for turn in series.indices { taking.step(self, turn: turn) }
    checkSometimes(calls, every: 1)
    makeMuchRoom()
  }

  /// Two minutes of grace, since logs arrive late by seconds and reopening costs a merge.
  func closePast(now: Int) {
    advance(now: now)
    for series in series { series.closeBefore(hour: (now - 120) / 3_600, fold, closing) }
  }

  func foldAll() { for series in series { series.foldAll(fold, closing) } }

  /// Drops the least valuable thing: rows, then minutes, hours, days; each of the service that holds most pages in all. So
  /// services end up with equal parts where there is not enough for all, and a flood at one costs the others rows at most.
  func makeRoom() -> Bool { makeRoom(downTo: .days) }

  private func makeRoom(downTo last: Series.Closed) -> Bool {
    for kind in Series.Closed.allCases where kind.rawValue <= last.rawValue {
      var most: Series?, pages = -1
      for series in series where series.holds(kind) {
        let held = series.heldPages
        if held > pages { (most, pages) = (series, held) }
      }
      if let most { return most.dropOldest(kind) }
    }
    return false
  }

  /// As `makeRoom`, between two batches: before days are given up, sites that were quiet longest close what they hold open,
  /// which later events reopen.
  private func makeMuchRoom() {
    while pool.comingPages < Limits.reservePages {
      if makeRoom(downTo: .hours) { continue }
      let open = series.filter(\.holdsOpen)
      if open.count > 1, let quietest = open.min(by: { $0.lastCall < $1.lastCall }) {
        quietest.closeAll(fold, closing)
      } else if !makeRoom() {
        return
      }
    }
  }
}
