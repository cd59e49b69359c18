/// The inverse of `Series.encode`, for bytes whose checksums are right and whose meaning is still not trusted: every code,
/// size and number is checked before it is used. False leaves a series that must be thrown away.
extension Series {
  /// Sizes of the closed parts, in order, which stand in sections of their own.
  struct Layout {
    var minutes: [(number: Int, bytes: Int)] = [], hours: [(number: Int, bytes: Int)] = []
    var days: [(number: Int, bytes: Int)] = [], blocks: [(hour: Int, rows: Int, bytes: Int)] = []
  }

  @unsafe func restore(from cursor: inout ByteCursor) -> Layout? {
    guard unsafe paths.restore(from: &cursor), unsafe referrers.restore(from: &cursor),
      unsafe hosts.restore(from: &cursor), unsafe campaigns.restore(from: &cursor),
      unsafe referrerHosts.restore(from: &cursor), unsafe restoreReferrerHosts(&cursor)
    else { return nil }
    notePaths()
    var numbers: [Int] = []
    for _ in 0..<6 { unsafe numbers.append(Int(cursor.fixed(Int64.self))) }
    guard numbers.allSatisfy({ $0 >= 0 }) else { return nil }
    (rowsFrom, minutesFrom, hoursFrom, daysFrom, firstSecond, lastSecond) =
      (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])
    var layout = Layout()
    guard let minutes = unsafe Self.restoreIndex(&cursor), let hours = unsafe Self.restoreIndex(&cursor),
      let days = unsafe Self.restoreIndex(&cursor), let blocks = unsafe Self.restoreBlocks(&cursor)
    else { return nil }
    (layout.minutes, layout.hours, layout.days, layout.blocks) = (minutes, hours, days, blocks)
    guard (minutes.first?.number ?? .max) >= minutesFrom, (hours.first?.number ?? .max) >= hoursFrom,
      (days.first?.number ?? .max) >= daysFrom, days.count <= Self.mostDays
    else { return nil }
    widen()
    guard unsafe restoreMinute(&cursor), unsafe restore(hour, &cursor), unsafe restore(day, &cursor),
      hour.number < 0 || day.number == hour.number / 24, minute.number < 0 || minute.number / 60 == hour.number,
      hour.addsUp, day.addsUp, unsafe restoreVisitors(&cursor), unsafe restoreBatches(&cursor),
      unsafe cursor.remaining == 0, unsafe !cursor.isExhausted
    else { return nil }
    return layout
  }

  @unsafe private func restoreReferrerHosts(_ cursor: inout ByteCursor) -> Bool {
    referrerHost.grow(to: referrers.count)
    for code in 2..<max(2, referrers.count) {
      let host = unsafe cursor.varint(), extra = Int(referrers.extra(UInt32(code)))
      guard host < UInt64(referrerHosts.count), extra >> 8 < labels.names.count, extra & 0xff < Channel.allCases.count else {
        return false
      }
      referrerHost[code] = UInt32(host)
    }
    return unsafe !cursor.isExhausted
  }

  /// What is a function of the paths is made again.
  private func notePaths() {
    for code in 2..<max(2, UInt32(paths.count)) {
      unsafe paths.withBytes(code) { bytes in
        if let start = bytes.baseAddress { unsafe notePath(code, start, bytes.count) }
      }
    }
  }

  @unsafe private static func restoreIndex(_ cursor: inout ByteCursor) -> [(number: Int, bytes: Int)]? {
    let n = unsafe cursor.varint()
    guard n <= 100_000 else { return nil }
    var entries: [(number: Int, bytes: Int)] = [], number = 0
    for index in 0..<n {
      let gap = unsafe cursor.varint(), bytes = unsafe cursor.varint()
      guard gap < 1 << 40, index == 0 || gap > 0, bytes > 0, bytes <= UInt64(BlobRef.maxBytes) else { return nil }
      number += Int(gap)
      entries.append((number, Int(bytes)))
    }
    return entries
  }

  @unsafe private static func restoreBlocks(_ cursor: inout ByteCursor) -> [(hour: Int, rows: Int, bytes: Int)]? {
    let n = unsafe cursor.varint()
    guard n <= 10_000_000 else { return nil }
    var entries: [(hour: Int, rows: Int, bytes: Int)] = [], hour = 0
    for _ in 0..<n {
      let gap = unsafe cursor.varint(), rows = unsafe cursor.varint(), bytes = unsafe cursor.varint()
      guard gap < 1 << 40, rows > 0, rows <= UInt64(OpenBatch.capacity), bytes > 0, bytes <= UInt64(BlobRef.maxBytes) else {
        return nil
      }
      hour += Int(gap)
      entries.append((hour, Int(rows), Int(bytes)))
    }
    return entries
  }

  @unsafe private func restoreMinute(_ cursor: inout ByteCursor) -> Bool {
    let number = unsafe Int(cursor.fixed(Int64.self))
    guard number >= -1, number < 1 << 40 else { return false }
    minute.number = number
    if number < 0 { return true }
    unsafe minute.tally.add(from: &cursor)
    for visitors in minute.visitors {
      var look = unsafe cursor
      guard unsafe OpenVisitors.isValid(&look) else { return false }
      unsafe visitors.add(from: &cursor)
    }
    return unsafe !cursor.isExhausted
  }

  @unsafe private func restore(_ span: OpenSpan, _ cursor: inout ByteCursor) -> Bool {
    let number = unsafe Int(cursor.fixed(Int64.self))
    guard number >= -1, number < 1 << 40 else { return false }
    span.number = number
    if number < 0 { return true }
    unsafe span.tally.add(from: &cursor)
    for audience in 0..<2 {
      let count = unsafe Int(cursor.fixed(UInt32.self))
      guard let start = unsafe cursor.skip(count),
        unsafe HyperLogLog.isValidFrozen(start, count: count, p: Limits.bucketPrecision)
      else { return false }
      unsafe span.visitors[audience].addFrozen(start, count: count)
    }
    for column in Physical.allCases {
      guard unsafe span.counters[column.rawValue].restore(from: &cursor, codes: codes(of: column)) else { return false }
    }
    return unsafe !cursor.isExhausted
  }

  @unsafe private func restoreVisitors(_ cursor: inout ByteCursor) -> Bool {
    guard day.number >= 0 else { return true }
    for dimension in Dimension.allCases {
      let words = day.words[Int(dimension.rawValue)], keys = codes(of: dimension) * 2
      let n = unsafe cursor.varint()
      guard n <= UInt64(keys) else { return false }
      var key = -1
      for _ in 0..<n {
        let gap = unsafe cursor.varint()
        guard gap < UInt64(keys) else { return false }
        key += Int(gap) + 1
        let count = unsafe Int(cursor.fixed(UInt16.self))
        guard key < keys, let start = unsafe cursor.skip(count),
          unsafe ValueSketches.isValidFrozen(start, count: count)
        else { return false }
        unsafe day.sketches.addFrozen(start, count: count, words.column.chunk(of: key), key: key & 63)
      }
    }
    return unsafe !cursor.isExhausted
  }

  @unsafe private func restoreBatches(_ cursor: inout ByteCursor) -> Bool {
    let n = unsafe cursor.varint()
    guard n <= UInt64(Limits.openBatches) else { return false }
    for _ in 0..<n {
      let hour = unsafe Int(cursor.fixed(Int64.self)), count = unsafe cursor.varint()
      guard hour >= 0, hour < 1 << 40, count <= UInt64(OpenBatch.capacity) else { return false }
      guard !batches.contains(where: { $0.hour == hour }) else { return false }
      let batch = OpenBatch(hour: hour, pool: pool)
      for _ in 0..<count {
        guard let row = unsafe restoreRow(&cursor) else { return false }
        batch.append(row)
      }
      batch.folded = batch.count
      batches.append(batch)
    }
    return true
  }

  @unsafe private func restoreRow(_ cursor: inout ByteCursor) -> OpenBatch.Row? {
    var row = OpenBatch.Row()
    unsafe row.minute = cursor.byte()
    unsafe row.token = cursor.fixed(UInt32.self)
    let path = unsafe cursor.varint(), agent = unsafe cursor.varint(), referrer = unsafe cursor.varint()
    let host = unsafe cursor.varint(), campaign = unsafe cursor.varint()
    unsafe row.country = cursor.byte()
    unsafe row.status = cursor.fixed(UInt16.self)
    unsafe row.verb = cursor.byte()
    let bytes = unsafe cursor.varint()
    unsafe row.duration = cursor.fixed(UInt32.self)
    guard unsafe !cursor.isExhausted, row.minute < 60, row.token < UInt32(VisitorToken.space), path < UInt64(paths.count),
      agent < UInt64(labels.agents.count), referrer < UInt64(referrers.count), host < UInt64(hosts.count),
      campaign < UInt64(campaigns.count), row.status < Limits.statusCodes, bytes <= UInt64(UInt32.max),
      Int(row.verb >> 4) < Method.allCases.count, Int(row.verb & 15) < HTTPProtocol.allCases.count,
      Int(row.country) < Country.codes.count
    else { return nil }
    (row.path, row.agent, row.referrer) = (UInt32(path), UInt16(agent), UInt32(referrer))
    (row.host, row.campaign, row.bytes) = (UInt16(host), UInt16(campaign), UInt32(bytes))
    return row
  }
}

extension Labels {
  @unsafe func restore(from cursor: inout ByteCursor) -> Bool {
    guard unsafe names.restore(from: &cursor) else { return false }
    let count = unsafe cursor.varint()
    guard count >= 2, count <= UInt64(Limits.agentCodes) else { return false }
    for _ in 2..<count {
      guard let row = unsafe row(&cursor) else { return false }
      guard agents.restore(row) else { return false }  // every row is new, and gets the code it had
    }
    return unsafe !cursor.isExhausted
  }

  /// A row of the table of agents, its names being some there are.
  @unsafe func row(_ cursor: inout ByteCursor) -> AgentTable.Row? {
    var parts: [UInt16] = []
    for _ in 0..<5 { unsafe parts.append(cursor.fixed(UInt16.self)) }
    let device = unsafe cursor.byte(), isBot = unsafe cursor.byte()
    guard parts.allSatisfy({ Int($0) < names.count }), Int(device) < Device.allCases.count, isBot < 2,
      unsafe !cursor.isExhausted
    else { return nil }
    return AgentTable.Row(
      browser: parts[0], browserVersion: parts[1], platform: parts[2], platformVersion: parts[3], bot: parts[4],
      device: device, isBot: isBot)
  }
}
