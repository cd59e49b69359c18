/// Counting the rows of a journal again. Their sums are right and their meaning is still not trusted: every code, size and
/// number is checked before it is used.
extension EngineState {
  /// Applies the payload of a frame. What is wrong with it, or nil; what stands before that place stays counted.
  @unsafe func replay(_ cursor: inout ByteCursor) -> String? {
    var context = JournalBuffer.Context(), target: Series?, open: OpenBatch?, sinceRoom = 0
    beginCall()
    while unsafe !cursor.isAtEnd {
      let tag = unsafe cursor.byte()
      if tag & JournalCoding.rowBit != 0 {
        guard let target, let row = unsafe JournalCoding.row(tag, &context, &cursor), isValid(row, of: target) else {
          return "a row that does not add up"
        }
        append(row, to: open ?? openBatch(of: target, hour: context.hour), of: target)
        open = nil
        sinceRoom += 1
        if sinceRoom == EventBatch.capacity {
          beginCall()
          sinceRoom = 0
        }
        continue
      }
      let isSound: Bool
      switch JournalCoding.Operation(rawValue: tag) {
      case .place:
        let service = unsafe cursor.varint(), hour = unsafe cursor.varint()
        isSound = service < UInt64(series.count) && hour < 1 << 40
        if isSound {
          target = series[Int(service)]
          context.hour = Int(hour)
          open = openBatch(of: series[Int(service)], hour: Int(hour))
        }
      case .service: isSound = unsafe replayService(&cursor)
      case .code: isSound = unsafe replayCode(&cursor)
      case .agent: isSound = unsafe replayAgent(&cursor)
      case .clock: isSound = unsafe replayTime(&cursor) { advance(now: $0) }
      case .tick: isSound = unsafe replayTime(&cursor) { closePast(now: $0) }
      case .takenBack: isSound = unsafe replayTakenBack(&cursor)
      case .thinned: isSound = unsafe replayThinned(&cursor)
      case .bounds: isSound = unsafe replayBounds(&cursor)
      case nil: return "operation \(tag)"
      }
      let isCut = unsafe cursor.isExhausted
      if !isSound || isCut { return "operation \(tag) that does not add up" }
    }
    return nil
  }

  /// The end of a replay: counters that tell of the process begin with it.
  func endReplay() {
    foldAll()
    for series in series { series.totals.clear() }
  }

  private func isValid(_ row: OpenBatch.Row, of series: Series) -> Bool {
    row.minute < 60 && Int(row.path) < series.paths.count && Int(row.agent) < labels.agents.count
      && Int(row.referrer) < series.referrers.count && Int(row.host) < series.hosts.count
      && Int(row.campaign) < series.campaigns.count && row.status < Limits.statusCodes
      && Int(row.verb >> 4) < Method.allCases.count && Int(row.verb & 15) < HTTPProtocol.allCases.count
      && Int(row.country) < Country.codes.count && !series.paths.isFree(row.path) && !series.referrers.isFree(row.referrer)
      && !series.hosts.isFree(UInt32(row.host)) && !series.campaigns.isFree(UInt32(row.campaign))
  }

  @unsafe private func replayTime(_ cursor: inout ByteCursor, _ body: (Int) -> Void) -> Bool {
    let now = unsafe cursor.varint()
    guard now < 1 << 40 else { return false }
    body(Int(now))
    return true
  }

  @unsafe private func replayService(_ cursor: inout ByteCursor) -> Bool {
    let number = unsafe cursor.varint(), name = unsafe cursor.string(limit: 64)
    guard number == UInt64(series.count), number <= UInt64(Limits.services), find(name) == nil,
      Series.isValid(name) || name == "~other"
    else { return false }
    make(name)
    return true
  }

  @unsafe private func replayCode(_ cursor: inout ByteCursor) -> Bool {
    let kind = unsafe NewCodes.Kind(rawValue: UInt8(truncatingIfNeeded: cursor.varint()))
    let service = unsafe cursor.varint(), code = unsafe cursor.varint(), extra = unsafe cursor.varint()
    let length = unsafe cursor.varint()
    guard let kind, kind != .agents, kind.isShared || service < UInt64(series.count),
      length <= UInt64(LabelDictionary.maxStringBytes), let start = unsafe cursor.skip(Int(length))
    else { return false }
    let id = kind.isShared ? 0 : UInt16(service)
    var host: UInt64 = 0
    if kind == .referrers {
      host = unsafe cursor.varint()
      guard extra >> 8 < UInt64(labels.names.count), Channel(rawValue: UInt8(truncatingIfNeeded: extra)) != nil,
        host < UInt64(series[Int(id)].referrerHosts.count), !series[Int(id)].referrerHosts.isFree(UInt32(host))
      else { return false }
    } else if extra != 0 {
      return false
    }
    let isNew = withDictionary(kind, id) { dictionary in
      unsafe dictionary.assign(code, start, Int(length), UInt32(extra))
    }
    guard isNew else { return false }
    if kind == .paths { unsafe series[Int(id)].notePath(UInt32(code), start, Int(length)) }
    if kind == .referrers { series[Int(id)].setHost(UInt32(host), ofReferrer: UInt32(code)) }
    return true
  }

  @unsafe private func replayTakenBack(_ cursor: inout ByteCursor) -> Bool {
    let kind = unsafe NewCodes.Kind(rawValue: UInt8(truncatingIfNeeded: cursor.varint()))
    let service = unsafe cursor.varint(), count = unsafe cursor.varint()
    guard let kind, !kind.isShared, service < UInt64(series.count), count <= UInt64(JournalCoding.mostCodes) else {
      return false
    }
    var codes = Set<Int>()
    for _ in 0..<count { unsafe codes.insert(Int(truncatingIfNeeded: cursor.varint())) }
    guard unsafe !cursor.isExhausted else { return false }
    // What was taken back was in nothing open once all rows before had been counted.
    series[Int(service)].foldAll(fold, closing)
    // All of them, or the journal is about another state.
    return withDictionary(kind, UInt16(service)) { $0.takeBack { code, _ in codes.contains(code) } } == Int(count)
  }

  @unsafe private func replayThinned(_ cursor: inout ByteCursor) -> Bool {
    let service = unsafe cursor.varint(), isDay = unsafe cursor.varint() == 1
    let number = unsafe cursor.varint(), values = unsafe cursor.varint()
    guard service < UInt64(series.count), number < 1 << 40, 1...UInt64(Limits.dayValues) ~= values,
      unsafe !cursor.isExhausted
    else { return false }
    series[Int(service)].foldAll(fold, closing)
    closing.thin(isDay ? .day(Int(number)) : .hour(Int(number)), of: series[Int(service)], to: Int(values))
    return true
  }

  @unsafe private func replayAgent(_ cursor: inout ByteCursor) -> Bool {
    let code = unsafe cursor.varint()
    guard let row = unsafe labels.row(&cursor) else { return false }
    return labels.agents.assign(code, row)
  }

  @unsafe private func replayBounds(_ cursor: inout ByteCursor) -> Bool {
    let service = unsafe cursor.varint()
    var numbers: [Int] = []
    for _ in 0..<6 { unsafe numbers.append(Int(cursor.fixed(Int64.self))) }
    guard service < UInt64(series.count), numbers.allSatisfy({ $0 >= 0 }), numbers[2...].allSatisfy({ $0 < 1 << 40 }) else {
      return false
    }
    let series = series[Int(service)]
    series.firstSecond = min(series.firstSecond, numbers[0])
    series.lastSecond = max(series.lastSecond, numbers[1])
    series.dropRows(before: numbers[2])
    series.dropMinutes(before: numbers[3])
    series.dropHours(before: numbers[4])
    series.dropDays(before: numbers[5])
    return true
  }
}
