extension Series {
  /// Pages of the pool that are this service's.
  var heldPages: Int {
    var bytes = pathIsStatic.bytes + referrerHost.bytes + day.sketches.memoryBytes + dictionaryBytes
    for span in [hour, day] as [OpenSpan] { for counter in span.counters { bytes += counter.memoryBytes } }
    for words in day.words { bytes += words.column.bytes }
    return rowBlobs.livePages + minuteBlobs.livePages + spanBlobs.livePages + bytes / PagePool.pageBytes
  }

  var dictionaryBytes: Int {
    paths.memoryBytes + referrers.memoryBytes + referrerHosts.memoryBytes + hosts.memoryBytes + campaigns.memoryBytes
  }

  /// What is closed, from what is worth least.
  enum Closed: Int, CaseIterable { case rows, minutes, hours, days }

  func holds(_ kind: Closed) -> Bool {
    switch kind {
    case .rows: !blocks.isEmpty
    case .minutes: minutes.count > 0
    case .hours: hours.count > 0
    case .days: days.count > 0
    }
  }
  var holdsOpen: Bool { day.number >= 0 || hour.number >= 0 || batches.contains { $0.count > 0 } }

  /// Gives up the oldest of a kind; false when there is none.
  func dropOldest(_ kind: Closed) -> Bool {
    switch kind {
    case .rows: dropOldestRows()
    case .minutes: dropOldestMinutes()
    case .hours: dropOldestHours()
    case .days: dropOldestDay()
    }
  }

  /// Drops what is older than its ring; cheap when nothing is.
  func expire(minutesBefore: Int, hoursBefore: Int, daysBefore: Int) {
    dropMinutes(before: minutesBefore)
    dropHours(before: hoursBefore)
    dropDays(before: daysBefore)
    if daysFrom > 0 { dropRows(before: daysFrom * 24) }
  }

  /// Drops all rows of hours before `hour`.
  func dropRows(before hour: Int) {
    rowsFrom = max(rowsFrom, hour)
    let gone = blocks.prefix { $0.hour < hour }
    for block in gone {
      rowBlobs.free(block.blob)
      blockRows -= block.count
    }
    blocks.removeFirst(gone.count)
  }

  /// Gives up the oldest hour of rows; false when there is none.
  func dropOldestRows() -> Bool {
    guard let oldest = blocks.first else { return false }
    dropRows(before: oldest.hour + 1)
    return true
  }

  // The beginning of a ring only moves on: late events may have made a bucket before it, which is no reason to believe that
  // what lies between is complete.

  func dropMinutes(before minute: Int) {
    minutesFrom = max(minutesFrom, minute)
    while let blob = minutes.dropFirst(before: minutesFrom) { minuteBlobs.free(blob) }
  }
  func dropHours(before hour: Int) {
    hoursFrom = max(hoursFrom, hour)
    while let blob = hours.dropFirst(before: hoursFrom) { spanBlobs.free(blob) }
  }
  func dropDays(before day: Int) {
    daysFrom = max(daysFrom, day)
    while let blob = days.dropFirst(before: daysFrom) { spanBlobs.free(blob) }
  }

  /// Give up an hour of minutes, a day of hours, a day; false when there is none.
  func dropOldestMinutes() -> Bool {
    guard let oldest = minutes.first else { return false }
    dropMinutes(before: oldest + 60)
    return true
  }
  func dropOldestHours() -> Bool {
    guard let oldest = hours.first else { return false }
    dropHours(before: oldest + 24)
    return true
  }
  func dropOldestDay() -> Bool {
    guard let oldest = days.first else { return false }
    dropDays(before: oldest + 1)
    return true
  }
}
