extension Series {
  /// What a journal says of a service beside its rows.
  struct Bounds: Hashable {
    var first = Int.max, last = 0, rows = 0, minutes = 0, hours = 0, days = 0
    var numbers: [Int] { [first, last, rows, minutes, hours, days] }
  }
  var bounds: Bounds {
    Bounds(
      first: firstSecond, last: lastSecond, rows: rowsFrom, minutes: minutesFrom, hours: hoursFrom, days: daysFrom)
  }
}

/// Writing the journal's rows and operations; every function inside the gate.
extension EngineState {
  /// From now on each row is noted. What is in the state already is not.
  func beginJournal(_ bell: Bell) {
    let journal = JournalBuffer(pool: pool, bell: bell)
    journal.bounds = series.map(\.bounds)
    newCodes.removeAll()
    newCodes.isWanted = true
    self.journal = journal
  }

  /// Notes a row that is about to be counted.
  @inline(__always)
  func note(_ row: OpenBatch.Row, hour: Int, _ series: Series, in journal: JournalBuffer) {
    let context = journal.context
    if context.service != Int(series.id.rawValue) || context.hour != hour || !newCodes.isEmpty || !journal.hasRoom() {
      guard prepare(journal, series, hour) else { return }
    }
    journal.append(row)
  }

  /// Brings the block to where a row of that service and hour may follow; false when there is no room any more.
  @inline(never)
  private func prepare(_ journal: JournalBuffer, _ series: Series, _ hour: Int) -> Bool {
    // The place first: there the hour is opened, when the codes that follow are still nobody's.
    repeat {
      guard noteNewServices(journal), makeRoom(in: journal) else { return giveUpCodes() }
      unsafe journal.write { out in
        var out = unsafe OperationWriter(out)
        if let now = journal.tick { unsafe out.begin(.tick, now) }
        if let now = journal.clock { unsafe out.begin(.clock, now) }
        unsafe out.begin(.place, Int(series.id.rawValue))
        unsafe out.varint(hour)
        return unsafe out.count
      }
      journal.begin(service: Int(series.id.rawValue), hour: hour)
      guard noteNewCodes(journal), makeRoom(in: journal) else { return giveUpCodes() }
    } while journal.context.service < 0  // they went on in a block of their own
    return true
  }

  /// Codes are of no use without the rows; the next base has them all.
  private func giveUpCodes() -> Bool {
    newCodes.removeAll()
    newCodes.isWanted = false
    return false
  }

  private func makeRoom(in journal: JournalBuffer, strings bytes: Int = 0) -> Bool {
    if journal.hasRoom(strings: bytes) { return true }
    if journal.isBroken { return false }
    close(journal)
    return journal.hasRoom(strings: bytes)
  }

  /// Ends the block: all that it says of the services is as new as its rows.
  private func close(_ journal: JournalBuffer) {
    for (index, series) in series.enumerated() where index < journal.bounds.count {
      let bounds = series.bounds
      if bounds == journal.bounds[index] { continue }
      journal.bounds[index] = bounds
      unsafe journal.write { out in
        var out = unsafe OperationWriter(out)
        unsafe out.begin(.bounds, index)
        for number in bounds.numbers { unsafe out.fixed(Int64(number)) }
        return unsafe out.count
      }
    }
    journal.turn()
  }

  // MARK: Codes

  private func noteNewServices(_ journal: JournalBuffer) -> Bool {
    while journal.bounds.count < series.count {
      guard makeRoom(in: journal) else { return false }
      let index = journal.bounds.count, name = Array(series[index].name.utf8)
      unsafe journal.write { out in
        var out = unsafe OperationWriter(out)
        unsafe out.begin(.service, index)
        unsafe out.varint(name.count)
        unsafe out.bytes(name, name.count)
        return unsafe out.count
      }
      journal.bounds.append(Series.Bounds())
    }
    return true
  }

  private func noteNewCodes(_ journal: JournalBuffer) -> Bool {
    if newCodes.isEmpty { return true }
    // A referrer names the code of its host, which is given after its own.
    var at = 0, referrers: [(service: UInt16, code: UInt32)] = []
    let changes = newCodes.changes
    while at < changes.count {
      switch changes[at] {
      case .given(.referrers, let service, let code): referrers.append((service, code))
      case .given(let kind, let service, let code): guard note(kind, service, code, journal) else { return false }
      case .thinned(let service, let isDay, let number, let values):
        guard noteThinned(service, isDay, number, values, journal) else { return false }
      case .takenBack(let kind, let service, _):
        guard let end = noteTakenBack(kind, service, changes[at...], journal) else { return false }
        at = end
        continue
      }
      at += 1
    }
    for (service, code) in referrers { guard note(.referrers, service, code, journal) else { return false } }
    newCodes.removeAll()
    return true
  }

  private func note(_ kind: NewCodes.Kind, _ service: UInt16, _ code: UInt32, _ journal: JournalBuffer) -> Bool {
    if kind == .agents { return noteAgent(code, journal) }
    return withDictionary(kind, service) { dictionary in
      unsafe dictionary.withBytes(code) { text in
        guard makeRoom(in: journal, strings: text.count) else { return false }
        unsafe journal.write { out in
          var out = unsafe OperationWriter(out)
          unsafe out.begin(.code, Int(kind.rawValue))
          unsafe out.varint(Int(service))
          unsafe out.varint(Int(code))
          unsafe out.varint(Int(dictionary.extra(code)))
          unsafe out.varint(text.count)
          if let start = text.baseAddress { unsafe out.bytes(start, text.count) }
          if kind == .referrers { unsafe out.varint(Int(series[Int(service)].referrerHost[Int(code)])) }
          return unsafe out.count
        }
        return true
      }
    }
  }

  /// Codes that one dictionary took back, which come one after the other, as far as one operation holds them; where it ends.
  private func noteTakenBack(
    _ kind: NewCodes.Kind, _ service: UInt16, _ changes: ArraySlice<NewCodes.Change>, _ journal: JournalBuffer
  ) -> Int? {
    var codes: [UInt32] = []
    for change in changes.prefix(JournalCoding.mostCodes) {
      guard case .takenBack(kind, service, let code) = change else { break }
      codes.append(code)
    }
    guard makeRoom(in: journal, strings: codes.count * 5) else { return nil }
    unsafe journal.write { out in
      var out = unsafe OperationWriter(out)
      unsafe out.begin(.takenBack, Int(kind.rawValue))
      unsafe out.varint(Int(service))
      unsafe out.varint(codes.count)
      for code in codes { unsafe out.varint(Int(code)) }
      return unsafe out.count
    }
    return changes.startIndex + codes.count
  }

  private func noteThinned(
    _ service: UInt16, _ isDay: Bool, _ number: Int, _ values: Int, _ journal: JournalBuffer
  ) -> Bool {
    guard makeRoom(in: journal) else { return false }
    unsafe journal.write { out in
      var out = unsafe OperationWriter(out)
      unsafe out.begin(.thinned, Int(service))
      unsafe out.varint(isDay ? 1 : 0)
      unsafe out.varint(number)
      unsafe out.varint(values)
      return unsafe out.count
    }
    return true
  }

  private func noteAgent(_ code: UInt32, _ journal: JournalBuffer) -> Bool {
    guard makeRoom(in: journal) else { return false }
    let row = labels.agents.rows[Int(code)]
    unsafe journal.write { out in
      var out = unsafe OperationWriter(out)
      unsafe out.begin(.agent, Int(code))
      for name in [row.browser, row.browserVersion, row.platform, row.platformVersion, row.bot] { unsafe out.fixed(name) }
      unsafe out.fixed(row.device)
      unsafe out.fixed(row.isBot)
      return unsafe out.count
    }
    return true
  }

  /// The dictionary of a kind; `service` must be one there is unless the kind is shared.
  func withDictionary<R>(_ kind: NewCodes.Kind, _ service: UInt16, _ body: (inout LabelDictionary) -> R) -> R {
    switch kind {
    case .names: return body(&labels.names)
    case .agents: fatalError("BUG: agents have a table of their own")
    case .paths: return body(&series[Int(service)].paths)
    case .referrers: return body(&series[Int(service)].referrers)
    case .referrerHosts: return body(&series[Int(service)].referrerHosts)
    case .hosts: return body(&series[Int(service)].hosts)
    case .campaigns: return body(&series[Int(service)].campaigns)
    }
  }

  // MARK: Taking

  /// Makes what has been noted so far ready to be taken, whether its block is full or not.
  func closeJournal() { if let journal, !journal.isEmpty { close(journal) } }

  /// At the instant a base is pinned: what is left for the journal before it, and whether that is all. Later rows are the
  /// next journal's.
  func rotateJournal() -> (rest: [JournalBuffer.Block], isWhole: Bool) {
    guard let journal else { return ([], false) }
    let isWhole = !journal.isBroken && noteNewServices(journal) && noteNewCodes(journal)
    closeJournal()
    while journal.bounds.count < series.count { journal.bounds.append(Series.Bounds()) }
    newCodes.removeAll()
    newCodes.isWanted = true
    return (journal.rotate(), isWhole)
  }

  func stopJournal() {
    journal?.stop()
    newCodes.removeAll()
    newCodes.isWanted = false
  }
}

/// Operations at a block's end; the block has room for them.
@unsafe
private struct OperationWriter {
  private let start: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  init(_ start: UnsafeMutablePointer<UInt8>) { unsafe self.start = start }

  mutating func begin(_ operation: JournalCoding.Operation, _ number: Int) {
    unsafe fixed(operation.rawValue)
    unsafe varint(number)
  }
  mutating func varint(_ value: Int) {
    var rest = UInt64(value)
    while rest >= 128 {
      unsafe fixed(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    unsafe fixed(UInt8(rest))
  }
  mutating func fixed<T: FixedWidthInteger>(_ value: T) {
    unsafe UnsafeMutableRawPointer(start + count).storeBytes(of: value.littleEndian, as: T.self)
    unsafe count += MemoryLayout<T>.size
  }
  mutating func bytes(_ from: UnsafePointer<UInt8>, _ added: Int) {
    unsafe (start + count).update(from: from, count: added)
    unsafe count += added
  }
}
