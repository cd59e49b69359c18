extension Engine {
  /// Hands out every part of the store in order, all of it or one service. Holds the gate until it is done: only for a
  /// program that does nothing else.
  package func forEachPart<E: Error>(service only: String? = nil, _ body: (StorePart) throws(E) -> Void) throws(E) {
    try withState { state throws(E) in
      state.foldAll()
      let chosen = state.series.filter { only == nil || $0.name == only }, words = PartWords(state.labels)
      var out = ByteWriter(capacity: 1 << 30)
      out.varint(UInt64(chosen.count))
      for series in chosen { out.string(series.name) }
      state.labels.encode(into: &out)
      try body(StorePart(kind: .names, service: -1, bytes: out.contents, words: .names(words.names())))
      for (number, series) in chosen.enumerated() {
        out.removeAll()
        series.encode(into: &out)
        try body(StorePart(kind: .service, service: number, bytes: out.contents, words: .service(words.service(series))))
      }
      for (number, series) in chosen.enumerated() { try Self.closed(series, number, words, body) }
    }
  }

  private static func closed<E: Error>(
    _ series: Series, _ service: Int, _ words: PartWords, _ body: (StorePart) throws(E) -> Void
  ) throws(E) {
    func part(_ kind: StorePart.Kind, _ start: UnsafePointer<UInt8>, _ count: Int, _ words: StorePart.Words) -> StorePart {
      let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
      return StorePart(kind: kind, service: service, bytes: bytes, words: words)
    }
    for position in 0..<series.minutes.count {
      let (number, blob) = series.minutes.at(position), start = unsafe series.minuteBlobs.address(blob)
      try unsafe body(part(.minute, start, blob.count, .bucket(words.minute(number, start, blob.count))))
    }
    for position in 0..<series.hours.count {
      let (number, blob) = series.hours.at(position), start = unsafe series.spanBlobs.address(blob)
      let span = unsafe SpanBlob(start, count: blob.count)
      try unsafe body(part(.hour, start, blob.count, .bucket(words.span(.hour, number * 3_600, span, series))))
    }
    for position in 0..<series.days.count {
      let (number, blob) = series.days.at(position), start = unsafe series.spanBlobs.address(blob)
      let span = unsafe SpanBlob(start, count: blob.count)
      try unsafe body(part(.day, start, blob.count, .bucket(words.span(.day, number * 86_400, span, series))))
    }
    for block in series.blocks {
      let start = unsafe series.rowBlobs.address(block.blob)
      try unsafe body(part(.rows, start, block.blob.count, .rows(words.rows(start))))
    }
  }
}

extension ByteWriter {
  /// A copy of what was written.
  var contents: [UInt8] { unsafe Array(UnsafeBufferPointer(start: start, count: count)) }
}
