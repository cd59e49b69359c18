extension Series {
  /// The open batch of an hour, made or taken over from the hour that was used longest ago.
  @inline(__always)
  func batch(ofHour hour: Int, _ fold: Fold, _ closing: Closing) -> OpenBatch {
    if let first = batches.first, first.hour == hour { return first }
    return findBatch(ofHour: hour, fold, closing)
  }

  @inline(never)
  private func findBatch(ofHour hour: Int, _ fold: Fold, _ closing: Closing) -> OpenBatch {
    if let index = batches.firstIndex(where: { $0.hour == hour }) {
      batches.swapAt(0, index)
      return batches[0]
    }
    noteHour(hour)
    // What is left of the hours so far is counted while they are open: reopening one to add a few rows costs a second close.
    if closing.isDeferred {
      for batch in batches where !wouldClose(batch) { fold.run(self, batch, closing) }
    } else {
      foldAll(fold, closing)
    }
    packBefore(hour: hour - 1, fold, closing)
    if batches.count < Limits.openBatches, batches.allSatisfy({ $0.count > 0 }) {
      batches.insert(OpenBatch(hour: hour, pool: pool), at: 0)
    } else {
      let last = batches.firstIndex { $0.count == 0 } ?? batches.count - 1
      flush(batches[last], fold, closing)
      batches.swapAt(0, last)
      batches[0].hour = hour
    }
    return batches[0]
  }

  /// Time has moved on by more than an hour: what lies before will hardly get more rows. A log that goes back keeps its hours.
  private func packBefore(hour: Int, _ fold: Fold, _ closing: Closing) {
    if batches.contains(where: { $0.count > 0 && $0.hour > hour }) { return }
    for batch in batches where batch.count > 0 && batch.hour < hour {
      flush(batch, fold, closing)
      batch.removeAll()
    }
  }

  /// Folds the rest of a batch, packs it and empties it.
  func flush(_ batch: OpenBatch, _ fold: Fold, _ closing: Closing) {
    guard batch.count > 0 else { return }
    fold.run(self, batch, closing)
    if batch.hour >= rowsFrom { closing.pack(batch, of: self) }
    batch.clear()
  }

  /// Whether counting a batch closes the open hour.
  func wouldClose(_ batch: OpenBatch) -> Bool { hour.number >= 0 && batch.hour != hour.number && batch.folded < batch.count }

  /// Counts every appended row, so that readers see it.
  func foldAll(_ fold: Fold, _ closing: Closing) {
    for batch in batches.sorted(by: { $0.hour < $1.hour }) { fold.run(self, batch, closing) }
  }

  /// Closes all that is open and gives its memory back.
  func closeAll(_ fold: Fold, _ closing: Closing) {
    for batch in batches where batch.count > 0 { flush(batch, fold, closing) }
    if hour.number >= 0 { closing.closeHour(self) }
    if day.number >= 0 { closing.closeDay(self) }
    batches = []
    minute.removeAll()
    hour.removeAll()
  }

  /// Closes an hour and a day that the clock has left behind, so that a quiet site holds nothing open.
  func closeBefore(hour: Int, _ fold: Fold, _ closing: Closing) {
    for batch in batches where batch.count > 0 && batch.hour < hour { flush(batch, fold, closing) }
    if self.hour.number >= 0, self.hour.number < hour {
      closing.closeHour(self)
      self.hour.removeAll()
      minute.removeAll()
    }
    if day.number >= 0, day.number < hour / 24, self.hour.number < 0 { closing.closeDay(self) }
    for batch in batches where batch.count == 0 { batch.removeAll() }
  }
}
