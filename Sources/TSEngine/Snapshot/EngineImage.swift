/// What a snapshot is written from: a copy of all that may change, and the places of all that is closed.
///
/// Made under the engine's lock, written without it: while the pool is pinned, no closed blob moves or goes.
///
/// ```
///  names                      shared names and agents; the services in order
///  series/N                   service N: dictionaries, rings, what is open (`Series.encode`)
///  minutes/N spans/N rows/N   its closed parts, end to end, in the order and sizes that series/N lists
/// ```
final class EngineImage {
  /// Closed blobs of one kind, in order.
  @safe struct Run {
    let name: SectionName
    let number: Int
    var blobs: [(start: UnsafePointer<UInt8>, count: Int)] = unsafe []
    init(_ name: SectionName, _ number: Int) { (self.name, self.number) = (name, number) }
  }
  private var names = ByteWriter(capacity: 16 << 20)
  private var bodies: ByteWriter  // series/1, series/2, … end to end
  private var ends: [Int] = []
  private var runs: [Run] = []
  fileprivate let pin: Int

  /// Pins what is closed until `Engine.unpin`.
  init(_ state: EngineState) {
    pin = state.pool.pin()
    bodies = ByteWriter(capacity: 1 << 30)
    names.varint(UInt64(state.series.count))
    for series in state.series { names.string(series.name) }
    state.labels.encode(into: &names)
    for (index, series) in state.series.enumerated() {
      series.encode(into: &bodies)
      ends.append(bodies.count)
      addRuns(series, number: index + 1)
    }
  }

  private func addRuns(_ series: Series, number: Int) {
    var minutes = Run("minutes", number), spans = Run("spans", number), rows = Run("rows", number)
    for position in 0..<series.minutes.count {
      let blob = series.minutes.at(position).blob
      unsafe minutes.blobs.append((series.minuteBlobs.address(blob), blob.count))
    }
    for position in 0..<series.hours.count {
      let blob = series.hours.at(position).blob
      unsafe spans.blobs.append((series.spanBlobs.address(blob), blob.count))
    }
    for position in 0..<series.days.count {
      let blob = series.days.at(position).blob
      unsafe spans.blobs.append((series.spanBlobs.address(blob), blob.count))
    }
    for block in series.blocks { unsafe rows.blobs.append((series.rowBlobs.address(block.blob), block.blob.count)) }
    runs += [minutes, spans, rows]
  }

  func write(to writer: inout SnapshotWriter) throws(FileError) {
    writer.begin("names")
    try writer.append(names)
    try writer.end()
    var start = 0
    for (index, end) in ends.enumerated() {
      writer.begin("series", number: index + 1)
      try unsafe writer.append(bodies.start + start, count: end - start)
      try writer.end()
      start = end
    }
    for run in runs {
      // Packed rows gain nothing from LZ4: 1.00 on the 10 M case.
      writer.begin(run.name, number: run.number, compressed: run.name != "rows")
      for index in unsafe run.blobs.indices { try unsafe writer.append(run.blobs[index].start, count: run.blobs[index].count) }
      try writer.end()
    }
  }
}

extension Engine {
  /// Copies what is open and keeps what is closed in its place until `unpin`.
  func pinned() -> EngineImage {
    withState { state in
      state.foldAll()
      return EngineImage(state)
    }
  }

  func unpin(_ image: EngineImage) { withState { $0.unpin(image.pin) } }
}
