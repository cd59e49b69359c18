/// Which codes of a service anything refers to: closed tables, rows, what is open. Exact, and reads all of it: for a program
/// that does nothing else (while a daemon runs, `TakingBack` knows more cheaply and less).
struct UsedCodes {
  private var paths: [Bool], referrers: [Bool], referrerHosts: [Bool], hosts: [Bool], campaigns: [Bool]

  init(_ series: Series, _ buffers: ScanBuffers) {
    paths = Array(repeating: false, count: series.paths.count)
    referrers = Array(repeating: false, count: series.referrers.count)
    referrerHosts = Array(repeating: false, count: series.referrerHosts.count)
    hosts = Array(repeating: false, count: series.hosts.count)
    campaigns = Array(repeating: false, count: series.campaigns.count)
    unsafe series.forEachSpan { span in
      for (dimension, mark) in [(Dimension.path, \Self.paths), (.entry, \.paths), (.referrer, \.referrerHosts)]
        + [(.host, \.hosts), (.campaign, \.campaigns)] as [(Dimension, WritableKeyPath<Self, [Bool]>)]
      {
        let table = unsafe span.section(.table(dimension))
        unsafe TopTable.forEachKey(table.start, count: table.count) { self[keyPath: mark][$0 >> 1] = true }
      }
    }
    let columns: [(RowBlock.Column, WritableKeyPath<Self, [Bool]>)] = [
      (.path, \.paths), (.referrer, \.referrers), (.host, \.hosts), (.campaign, \.campaigns),
    ]
    for block in series.blocks { unsafe add(RowSource(block: series.rowBlobs.address(block.blob)), columns, buffers) }
    for batch in series.batches where batch.count > 0 { unsafe add(RowSource(batch), columns, buffers) }
    let physical: [(Physical, WritableKeyPath<Self, [Bool]>)] = [
      (.path, \.paths), (.entry, \.paths), (.referrer, \.referrers), (.host, \.hosts), (.campaign, \.campaigns),
    ]
    for span in [series.hour, series.day] as [OpenSpan] where span.number >= 0 {
      for (column, mark) in physical {
        span.counters[column.rawValue].forEach { key, _ in self[keyPath: mark][key >> 1] = true }
      }
    }
    for code in referrers.indices where referrers[code] { referrerHosts[Int(series.referrerHost[code])] = true }
  }

  @unsafe private mutating func add(
    _ source: RowSource, _ columns: [(RowBlock.Column, WritableKeyPath<Self, [Bool]>)], _ buffers: ScanBuffers
  ) {
    let count = unsafe source.count
    for (column, mark) in columns {
      unsafe source.load(column, 0..<count, into: buffers.values, buffers)
      for row in 0..<count { unsafe self[keyPath: mark][Int(buffers.values[row])] = true }
    }
  }

  /// Takes back what nothing refers to; how many names of paths went.
  func takeBackOthers(of series: Series) -> Int {
    let gone = series.paths.takeBack { code, _ in !paths[code] }
    series.referrers.takeBack { code, _ in !referrers[code] }
    series.referrerHosts.takeBack { code, _ in !referrerHosts[code] }
    series.hosts.takeBack { code, _ in !hosts[code] }
    series.campaigns.takeBack { code, _ in !campaigns[code] }
    return gone
  }
}

extension Series {
  /// Every closed hour and day.
  @unsafe func forEachSpan(_ body: (SpanBlob) -> Void) {
    for position in 0..<hours.count {
      let blob = hours.at(position).blob
      unsafe body(SpanBlob(spanBlobs.address(blob), count: blob.count))
    }
    for position in 0..<days.count {
      let blob = days.at(position).blob
      unsafe body(SpanBlob(spanBlobs.address(blob), count: blob.count))
    }
  }
}
