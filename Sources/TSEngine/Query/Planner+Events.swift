extension Planner {
  /// Detail rows of the minutes of `[from, to)`, oldest minute first, and where to go on: minute ‖ number within it (32).
  ///
  /// Rows of one minute keep their order while they are packed, so that reading on skips and repeats none.
  func events(from: Int, to: Int, after cursor: Int?, limit: Int) -> (rows: [EventRecord], next: Int?) {
    var rows: [EventRecord] = []
    let known = series.knownDays, last = min(floorDivide(to + 59, 60), known.upperBound / 60)
    var minute = max(floorDivide(from, 60), known.lowerBound / 60, series.rowsFrom * 60), skipped = 0
    if let cursor, cursor >> 32 >= minute { (minute, skipped) = (cursor >> 32, cursor & 0xffff_ffff) }
    var hour = Int.min, sources = unsafe [RowSource]()
    while minute < last {
      if minute / 60 != hour {
        hour = minute / 60
        unsafe sources = self.sources(hour)
        if unsafe sources.isEmpty {  // no rows: on to the next hour that has some
          guard let next = nextHour(after: hour) else { break }
          (minute, skipped) = (max(minute, next * 60), 0)
          continue
        }
      }
      var number = 0
      for index in 0..<(unsafe sources.count) {
        let source = unsafe sources[index]
        let part = unsafe source.rows(minutes: minute..<minute + 1), first = min(part.count, max(0, skipped - number))
        for row in part.dropFirst(first) {
          if rows.count == limit { return (rows, minute << 32 | number + row - part.lowerBound) }
          unsafe rows.append(record(source, row, minute))
        }
        number += part.count
      }
      minute += 1
      skipped = 0
    }
    return (rows, nil)
  }

  @unsafe private func sources(_ hour: Int) -> [RowSource] {
    var sources = unsafe [RowSource]()
    for block in series.blocks where block.hour == hour {
      unsafe sources.append(RowSource(block: series.rowBlobs.address(block.blob)))
    }
    for batch in series.batches where batch.hour == hour && batch.count > 0 { unsafe sources.append(RowSource(batch)) }
    return unsafe sources
  }

  private func nextHour(after hour: Int) -> Int? {
    (series.blocks.map(\.hour) + series.batches.filter { $0.count > 0 }.map(\.hour)).filter { $0 > hour }.min()
  }

  @unsafe private func record(_ source: RowSource, _ row: Int, _ minute: Int) -> EventRecord {
    func code(_ column: RowBlock.Column) -> Int { unsafe Int(source.value(column, at: row)) }
    func label(_ dimension: Dimension, _ code: Int) -> String {
      series.label(dimension, series.code(of: dimension, column: code))
    }
    let referrer = code(.referrer), agent = code(.agent), verb = code(.verb), duration = code(.duration)
    var record = EventRecord()
    record.time = minute * 60
    record.path = label(.path, code(.path))
    record.referrer = label(.referrer, referrer)
    record.source = label(.source, referrer)
    record.channel = label(.channel, referrer)
    record.campaign = label(.campaign, code(.campaign))
    record.host = label(.host, code(.host))
    record.country = label(.country, code(.country))
    record.browser = label(.browser, agent)
    record.browserVersion = label(.browserVersion, agent)
    record.platform = label(.platform, agent)
    record.platformVersion = label(.platformVersion, agent)
    record.device = label(.device, agent)
    record.bot = label(.bot, agent)
    record.method = label(.method, verb)
    record.httpProtocol = label(.httpProtocol, verb)
    record.status = code(.status)
    record.bytes = Int(RowBlock.bytes(code: UInt32(code(.bytes))))
    record.duration = duration == 0 ? nil : LatencyHistogram.midpoint(duration - 1)
    record.isBot = series.labels.agents.rows[agent].isBot != 0
    return record
  }
}
