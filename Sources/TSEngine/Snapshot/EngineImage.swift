/// What a snapshot is written from: a copy of all that may change, and the places of all that is closed.
///
/// Made under the engine's lock, written without it: while the pool is pinned, no closed blob moves or goes.
///
/// ```
///  journal                    number of the first frame that goes on from here, 8 bytes
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

  /// - Parameters:
  ///   - sequence: number of the first frame of the journal that goes on from here.
  ///   - pause: called every MiB or so, so that a slow disk does not keep the journal waiting.
  func write(to writer: inout SnapshotWriter, sequence: UInt64 = 0, pause: () -> Void = {}) throws(FileError) {
    var journal = ByteWriter(capacity: 16)
    journal.fixed(sequence)
    writer.begin("journal", compressed: false)
    try writer.append(journal)
    try writer.end()
    writer.begin("names")
    try writer.append(names)
    try writer.end()
    var start = 0, paused = 0, synced = 0
    for (index, end) in ends.enumerated() {
      writer.begin("series", number: index + 1)
      try unsafe writer.append(bodies.start + start, count: end - start)
      try writer.end()
      start = end
    }
    for run in runs {
      // Packed rows gain nothing from LZ4: 1.00 on the 10 M case.
      writer.begin(run.name, number: run.number, compressed: run.name != "rows")
      for index in unsafe run.blobs.indices {
        try unsafe writer.append(run.blobs[index].start, count: run.blobs[index].count)
        if writer.count - paused >= 1 << 20 {
          pause()
          paused = writer.count
        }
        // Bit by bit, so that no sync of the journal has to wait for tens of MiB.
        if writer.count - synced >= 8 << 20 {
          try writer.sync()
          synced = writer.count
        }
      }
      try writer.end()
    }
  }
}

extension Engine {
  /// A base about to be written, and what the journal before it still lacks.
  struct Pinned {
    let image: EngineImage, rest: [JournalBuffer.Block], isWhole: Bool, changes: Int
  }

  /// Copies what is open and keeps what is closed in its place until `unpin`. At the same instant the next journal begins:
  /// every row is in the image or in that journal, and in one of them only.
  func pinnedForBase() -> Pinned {
    withState { state in
      state.foldAll()
      let (rest, isWhole) = state.rotateJournal()
      return Pinned(image: EngineImage(state), rest: rest, isWhole: isWhole, changes: state.changes)
    }
  }

  /// The same without a journal.
  func pinned() -> EngineImage {
    withState { state in
      state.foldAll()
      return EngineImage(state)
    }
  }

  func unpin(_ image: EngineImage) { withState { $0.unpin(image.pin) } }
}
