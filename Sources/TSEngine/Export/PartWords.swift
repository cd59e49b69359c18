/// Says in words what the parts of a store hold. Reads by the same functions as queries do.
final class PartWords {
  private let sums = TallyAccumulator(), table = TableAccumulator(), buffers = ScanBuffers()
  private let labels: Labels
  init(_ labels: Labels) { self.labels = labels }

  func names() -> StorePart.Names {
    var names = StorePart.Names()
    names.sources = Self.labels(labels.names)
    func text(_ code: UInt16) -> String { labels.names.string(UInt32(code)) }
    for code in 0..<labels.agents.count {
      let row = labels.agents.rows[code]
      var agent = AgentClass()
      (agent.browser, agent.browserVersion) = (text(row.browser), text(row.browserVersion))
      (agent.platform, agent.platformVersion) = (text(row.platform), text(row.platformVersion))
      (agent.bot, agent.isBot) = (text(row.bot), row.isBot != 0)
      agent.device = Device(rawValue: row.device) ?? .unknown
      names.agents.append(agent)
    }
    return names
  }

  private static func labels(_ dictionary: borrowing LabelDictionary) -> [String] {
    var all: [String] = []
    for code in 0..<dictionary.count { all.append(dictionary.string(UInt32(code))) }
    return all
  }

  func service(_ series: Series) -> StorePart.Service {
    var service = StorePart.Service()
    (service.name, service.first, service.last) = (series.name, series.firstSecond, series.lastSecond)
    service.dictionaries = [
      (.path, Self.labels(series.paths)), (.referrer, Self.labels(series.referrers)), (.host, Self.labels(series.hosts)),
      (.campaign, Self.labels(series.campaigns)),
    ]
    if series.minute.number >= 0 {
      service.open.append(
        bucket(.minute, series.minute.number * 60) { people, bots in
          series.minute.tally.add(to: sums, people: people, bots: bots, wanting: [.latency])
          if people { unsafe series.minute.visitors[0].merge(into: sums.registers) }
          if bots { unsafe series.minute.visitors[1].merge(into: sums.registers) }
        })
    }
    for (kind, span, length) in [(StorePart.Kind.hour, series.hour as OpenSpan, 3_600), (.day, series.day, 86_400)]
    where span.number >= 0 {
      var open = bucket(kind, span.number * length) { people, bots in
        span.tally.add(to: sums, people: people, bots: bots, wanting: [.latency])
        if people { unsafe span.visitors[0].merge(into: sums.registers) }
        if bots { unsafe span.visitors[1].merge(into: sums.registers) }
      }
      open.tables = tables(series) { dimension in
        span.counters[dimension.physical.rawValue].forEach { key, cell in
          if dimension == .bot, key & 1 == 0 { return }
          let code = series.code(of: dimension, column: key >> 1)
          table.add(cell, key: code << 1 | key & 1, people: true, bots: true)
        }
      }
      service.open.append(open)
    }
    return service
  }

  @unsafe func minute(_ number: Int, _ start: UnsafePointer<UInt8>, _ count: Int) -> StorePart.Bucket {
    bucket(.minute, number * 60) { people, bots in
      var cursor = unsafe ByteCursor(start, count: count)
      unsafe sums.add(from: &cursor, people: people, bots: bots, wanting: [.latency])
      unsafe OpenVisitors.merge(from: &cursor, into: people ? sums.registers : nil)
      unsafe OpenVisitors.merge(from: &cursor, into: bots ? sums.registers : nil)
    }
  }

  @unsafe func span(_ kind: StorePart.Kind, _ second: Int, _ blob: SpanBlob, _ series: Series) -> StorePart.Bucket {
    var closed = bucket(kind, second) { people, bots in
      unsafe blob.add(to: sums, people: people, bots: bots, wanting: [.latency, .visitors])
    }
    closed.tables = tables(series) { dimension in
      unsafe blob.addTable(dimension, people: true, bots: true, into: table)
    }
    return closed
  }

  private func bucket(
    _ kind: StorePart.Kind, _ second: Int, _ add: (_ people: Bool, _ bots: Bool) -> Void
  ) -> StorePart.Bucket {
    var bucket = StorePart.Bucket()
    (bucket.kind, bucket.second) = (kind, second)
    for isBots in [false, true] {
      sums.clear()
      add(!isBots, isBots)
      var counts = StorePart.Counts()
      (counts.requests, counts.pageviews, counts.errors) = (sums.requests, sums.pageviews, sums.errors)
      (counts.bytes, counts.timed, counts.microseconds) = (sums.bytes, sums.timed, sums.microseconds)
      counts.visitors = Int(sums.registersEstimate.rounded())
      for status in 0..<Limits.statusCodes where unsafe sums.statuses[status] > 0 {
        unsafe counts.statuses.append((status, Int(truncatingIfNeeded: sums.statuses[status])))
      }
      for index in 0..<LatencyHistogram.count where unsafe sums.histogram[index] > 0 {
        unsafe counts.durations.append((LatencyHistogram.upperBound(index), Int(truncatingIfNeeded: sums.histogram[index])))
      }
      if isBots { bucket.bots = counts } else { bucket.people = counts }
    }
    return bucket
  }

  /// - Parameter add: fills `table` with a dimension.
  private func tables(
    _ series: Series, _ add: (Dimension) -> Void
  ) -> [(dimension: Dimension, values: [StorePart.Value])] {
    Dimension.allCases.compactMap { dimension in
      table.clear()
      add(dimension)
      var values = (0..<table.seenCount).map { index in
        let code = table.code(at: index), sum = unsafe table.sums[code]
        return (code, sum)
      }
      table.clear()
      values.sort { $0.1.requests == $1.1.requests ? $0.0 < $1.0 : $0.1.requests > $1.1.requests }
      if values.isEmpty { return nil }
      return (
        dimension,
        values.map { code, sum in
          StorePart.Value(
            label: series.label(dimension, code), people: sum.allRequests &- sum.botRequests, bots: sum.botRequests,
            bytes: sum.bytes)
        }
      )
    }
  }

  @unsafe func rows(_ block: UnsafePointer<UInt8>) -> StorePart.Rows {
    let source = unsafe RowSource(block: block), count = unsafe source.count
    var rows = StorePart.Rows()
    unsafe rows.second = source.hour * 3_600
    rows.values = Array(repeating: [Int](repeating: 0, count: StorePart.Rows.columns.count), count: count)
    for minute in 0..<60 {
      let first = unsafe source.hour * 60 + minute
      for row in unsafe source.rows(minutes: first..<first + 1) { rows.values[row][0] = minute }
    }
    func fill(_ column: RowBlock.Column, _ place: Int, _ value: (Int) -> Int = { $0 }) {
      unsafe source.load(column, 0..<count, into: buffers.values, buffers)
      for row in 0..<count { rows.values[row][place] = value(unsafe Int(buffers.values[row])) }
    }
    for (place, column) in [RowBlock.Column.path, .agent, .referrer, .host, .campaign, .country, .status].enumerated() {
      fill(column, place + 1)
    }
    fill(.verb, 8) { $0 >> 4 }
    fill(.verb, 9) { $0 & 15 }
    fill(.bytes, 10) { Int(RowBlock.bytes(code: UInt32($0))) }
    fill(.duration, 11) { $0 == 0 ? -1 : RowBlock.microseconds[$0] }
    return rows
  }
}
