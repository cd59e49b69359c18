extension EngineState {
  /// Fills an empty state; on an error it must be thrown away.
  func load(_ reader: inout SnapshotReader) throws(SnapshotError) {
    guard let names = reader.section("names") else { throw Self.missing("names", reader.name) }
    var services: [String]?
    services = try unsafe reader.withBytes(names, limitBytes: 64 << 20) { cursor in unsafe loadNames(&cursor) }
    guard let services else { throw Self.damage(names, reader.name, "names, agents or services that do not add up") }
    let buffers = ScanBuffers()
    for (index, name) in services.enumerated() {
      guard let section = reader.section("series", number: index + 1) else { throw Self.missing("series", reader.name) }
      make(name)
      let series = self.series[index]
      let layout = try unsafe reader.withBytes(section, limitBytes: 1 << 30) { cursor in unsafe series.restore(from: &cursor) }
      guard let layout else { throw Self.damage(section, reader.name, "a service that does not add up") }
      try loadMinutes(series, layout, index + 1, &reader)
      try loadSpans(series, layout, index + 1, &reader)
      try loadRows(series, layout, index + 1, &reader, buffers)
    }
  }

  @unsafe private func loadNames(_ cursor: inout ByteCursor) -> [String]? {
    let count = unsafe cursor.varint()
    guard count <= UInt64(Limits.services + 1) else { return nil }
    var services: [String] = []
    for _ in 0..<count {
      let name = unsafe cursor.string(limit: 64)
      guard Series.isValid(name) || name == "~other", !services.contains(name) else { return nil }
      services.append(name)
    }
    guard unsafe labels.restore(from: &cursor), unsafe cursor.remaining == 0 else { return nil }
    return services
  }

  private func loadMinutes(
    _ series: Series, _ layout: Series.Layout, _ number: Int, _ reader: inout SnapshotReader
  ) throws(SnapshotError) {
    // A ring that was longer, when it was saved, keeps its newest.
    let dropped = layout.minutes.count - options.keepMinutes
    if dropped > 0 { series.minutesFrom = max(series.minutesFrom, layout.minutes[dropped].number) }
    try unsafe loadBlobs("minutes", number, layout.minutes.map(\.bytes), &reader) { index, start, count in
      var cursor = unsafe ByteCursor(start, count: count)
      unsafe TallyAccumulator.skip(&cursor)
      guard unsafe OpenVisitors.isValid(&cursor), unsafe OpenVisitors.isValid(&cursor), unsafe cursor.remaining == 0 else {
        return false
      }
      if index >= dropped, let blob = unsafe series.minuteBlobs.append(start, count: count) {
        _ = series.minutes.set(layout.minutes[index].number, blob)
      }
      return true
    }
  }

  private func loadSpans(
    _ series: Series, _ layout: Series.Layout, _ number: Int, _ reader: inout SnapshotReader
  ) throws(SnapshotError) {
    let spans = layout.hours + layout.days, dropped = layout.hours.count - options.keepHours
    if dropped > 0 { series.hoursFrom = max(series.hoursFrom, layout.hours[dropped].number) }
    try unsafe loadBlobs("spans", number, spans.map(\.bytes), &reader) { index, start, count in
      guard unsafe SpanBlob.isValid(start, count: count, codes: { series.codes(of: $0) }) else { return false }
      guard index >= dropped, let blob = unsafe series.spanBlobs.append(start, count: count) else { return true }
      if index < layout.hours.count {
        _ = series.hours.set(spans[index].number, blob)
      } else {
        _ = series.days.set(spans[index].number, blob)
      }
      return true
    }
  }

  private func loadRows(
    _ series: Series, _ layout: Series.Layout, _ number: Int, _ reader: inout SnapshotReader, _ buffers: ScanBuffers
  ) throws(SnapshotError) {
    let codes = RowBlock.CodeCounts(
      paths: series.paths.count, agents: labels.agents.count, referrers: series.referrers.count, hosts: series.hosts.count,
      campaigns: series.campaigns.count)
    try unsafe loadBlobs("rows", number, layout.blocks.map(\.bytes), &reader) { index, start, count in
      let entry = layout.blocks[index]
      guard unsafe RowBlock.isValid(start, count: count, codes: codes, buffers), unsafe RowBlock.count(start) == entry.rows,
        unsafe RowBlock.hour(start) == entry.hour
      else { return false }
      // A smaller pool than before keeps the newest rows: the oldest come first and make way.
      while pool.freePages < count / PagePool.pageBytes + Limits.reservePages, makeRoom() {}
      guard entry.hour >= series.rowsFrom, let blob = unsafe series.rowBlobs.append(start, count: count) else { return true }
      series.blocks.append(Series.Block(hour: entry.hour, count: entry.rows, blob: blob))
      series.blockRows += entry.rows
      return true
    }
  }

  /// Hands the blobs of a section to `add` one by one, each readable eight bytes past its end.
  @unsafe private func loadBlobs(
    _ name: SectionName, _ number: Int, _ sizes: [Int], _ reader: inout SnapshotReader,
    _ add: (_ index: Int, _ start: UnsafePointer<UInt8>, _ count: Int) -> Bool
  ) throws(SnapshotError) {
    guard let section = reader.section(name, number: number) else { throw Self.missing("\(name)", reader.name) }
    try reader.open(section)
    guard sizes.reduce(0, +) == section.rawBytes else {
      throw Self.damage(section, reader.name, "sizes that do not add up to \(section.rawBytes)")
    }
    let largest = sizes.max() ?? 0
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: largest + 16)
    defer { unsafe bytes.deallocate() }
    for (index, size) in sizes.enumerated() {
      unsafe (bytes + size).initialize(repeating: 0, count: 16)
      guard try unsafe reader.read(into: bytes, count: size) == size, unsafe add(index, UnsafePointer(bytes), size) else {
        throw Self.damage(section, reader.name, "part \(index) of \(sizes.count) that is not sound")
      }
    }
  }

  private static func missing(_ section: String, _ file: String) -> SnapshotError {
    SnapshotError(file: file, section: section, offset: 0, got: "no such section", want: "one for each service")
  }
  private static func damage(_ section: SnapshotSection, _ file: String, _ got: String) -> SnapshotError {
    SnapshotError(file: file, section: "\(section)", offset: section.offset, got: got, want: "a sound one")
  }
}
