extension Series {
  /// Drops what is older than its ring; cheap when nothing is.
  func expire(minutesBefore: Int, hoursBefore: Int, daysBefore: Int) {
    minutesFrom = max(minutesFrom, minutesBefore)
    hoursFrom = max(hoursFrom, hoursBefore)
    daysFrom = max(daysFrom, daysBefore)
    while let blob = minutes.dropFirst(before: minutesFrom) { minuteBlobs.free(blob) }
    while let blob = hours.dropFirst(before: hoursFrom) { spanBlobs.free(blob) }
    while let blob = days.dropFirst(before: daysFrom) { spanBlobs.free(blob) }
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

  func dropOldestMinutes() -> Bool {
    guard let oldest = minutes.first else { return false }
    minutesFrom = oldest + 60
    while let blob = minutes.dropFirst(before: minutesFrom) { minuteBlobs.free(blob) }
    return true
  }

  func dropOldestHours() -> Bool {
    guard let oldest = hours.first else { return false }
    hoursFrom = oldest + 24
    while let blob = hours.dropFirst(before: hoursFrom) { spanBlobs.free(blob) }
    return true
  }

  func dropOldestDay() -> Bool {
    guard let oldest = days.first else { return false }
    daysFrom = oldest + 1
    while let blob = days.dropFirst(before: daysFrom) { spanBlobs.free(blob) }
    return true
  }
}
