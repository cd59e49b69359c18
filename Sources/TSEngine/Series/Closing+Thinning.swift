/// Closed tables with fewer values than they were made with, so that fewer codes are held.
extension Closing {
  static let thinned: [Dimension] = [.path, .entry, .referrer, .host, .campaign]

  /// Cuts the tables of a closed hour or day that name strings to the `limit` values with the largest sums; what is cut goes
  /// to `~other`. Sums, visitors and the other tables stay as they are. False when nothing was cut.
  @discardableResult
  func thin(_ piece: Piece, of series: Series, to limit: Int) -> Bool {
    guard let span = unsafe series.closed(piece), unsafe isWorthThinning(span, limit) else { return false }
    out.removeAll()
    unsafe SpanBlob.begin(&out)
    for section in [SpanSection.tally, .people, .bots] {
      let bytes = unsafe span.section(section)
      unsafe out.bytes(bytes.start, count: bytes.count)
      unsafe SpanBlob.end(section, &out)
    }
    for dimension in Dimension.allCases {
      let table = unsafe span.section(.table(dimension))
      if Self.thinned.contains(dimension) {
        unsafe thin(dimension, table.start, table.count, codes: series.codes(of: dimension), to: limit)
      } else {
        unsafe out.bytes(table.start, count: table.count)
      }
      unsafe SpanBlob.end(.table(dimension), &out)
    }
    // The old one is freed after the new one is there: without room for both it stays.
    makeRoomForOutput()
    guard unsafe series.closed(piece) != nil, let blob = store(in: &series.spanBlobs) else { return false }
    switch piece {
    case .hour(let number): series.spanBlobs.free(series.hours.set(number, blob))
    case .day(let number): series.spanBlobs.free(series.days.set(number, blob))
    case .minute: return false
    }
    return true
  }

  @unsafe private func isWorthThinning(_ span: SpanBlob, _ limit: Int) -> Bool {
    Self.thinned.contains { dimension in
      let table = unsafe span.section(.table(dimension))
      var previous = 0, values = 0  // the other value aside
      unsafe TopTable.forEachKey(table.start, count: table.count) { key in
        if key >> 1 != previous { values += 1 }
        previous = key >> 1
      }
      return values > limit
    }
  }

  @unsafe private func thin(_ dimension: Dimension, _ table: UnsafePointer<UInt8>, _ count: Int, codes: Int, to limit: Int) {
    var sketches: [Int: Range<Int>] = [:]
    builder.begin(codes: codes)
    unsafe TopTable.forEach(table, count: count) { key, cell, sketch in
      builder.add(cell, key: key)
      sketches[key] = sketch
    }
    let sketched = sketches.isEmpty ? 0 : Limits.dayVisitorValues
    builder.write(limit: limit, sketched: sketched, hasOther: dimension.hasOther, into: &out) { key, writer in
      guard let sketch = sketches[key] else { return false }
      writer.varint(UInt64(sketch.count))
      unsafe writer.bytes(table + sketch.lowerBound, count: sketch.count)
      return true
    }
  }
}
