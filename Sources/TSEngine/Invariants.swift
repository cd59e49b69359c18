// What must hold between any two calls, type by type. Debug builds check it while they run (`EngineState.checkSometimes`),
// so that every test is a test of these too; release builds contain no call.

extension BucketIndex {
  /// Ascending numbers, a blob each; gives the bytes its blobs take in their log.
  @discardableResult
  func checkInvariants() -> Int {
    var previous = Int.min, bytes = 0
    for position in 0..<count {
      let (number, blob) = at(position)
      precondition(number > previous, "BUG: bucket \(number) after \(previous)")
      precondition(!blob.isNone, "BUG: bucket \(number) has no blob")
      precondition(find(number) == blob, "BUG: bucket \(number) is not found")
      previous = number
      bytes += BlobLog.padded(blob.count)
    }
    return bytes
  }
}

extension BlobLog {
  /// - Parameter indexed: bytes of the blobs that somebody still refers to; what waits for readers to end is live too.
  func checkInvariants(indexed: Int) {
    let held = waiting.reduce(0) { $0 + Self.padded($1.blob.count) }
    precondition(liveBytes == indexed + held, "BUG: \(liveBytes) bytes of blobs live, \(indexed) indexed, \(held) waiting")
    precondition(livePages * PagePool.pageBytes >= liveBytes, "BUG: \(liveBytes) bytes on \(livePages) pages")
    precondition(zip(waiting, waiting.dropFirst()).allSatisfy { $0.epoch <= $1.epoch }, "BUG: waiting out of order")
  }
}

extension OpenCounters {
  /// Keys in use are exactly those with a count, as far as the used ones tell; gives the sum of requests.
  @discardableResult
  func checkInvariants() -> Int {
    var requests = 0
    forEach { key, cell in
      precondition(key < keys, "BUG: key \(key) of \(keys)")
      precondition(!cell.isEmpty, "BUG: key \(key) in use without a request")
      precondition(cell.timed <= cell.requests && cell.pageviews <= cell.requests && cell.errors <= cell.requests)
      requests += Int(cell.requests)
    }
    return requests
  }
}

extension OpenBatch {
  func checkInvariants(_ series: Series) {
    precondition(folded <= count && count <= Self.capacity, "BUG: \(folded) of \(count) rows folded")
    for index in [0, folded, count - 1] where index >= 0 && index < count {
      let row = self[index]
      precondition(row.minute < 60 && Int(row.token) < VisitorToken.space && Int(row.status) < Limits.statusCodes)
      precondition(!series.paths.isFree(row.path) && !series.referrers.isFree(row.referrer))
      precondition(!series.hosts.isFree(UInt32(row.host)) && !series.campaigns.isFree(UInt32(row.campaign)))
      precondition(Int(row.agent) < series.labels.agents.count && Int(row.country) < Country.codes.count)
    }
  }
}

extension OpenSpan {
  /// Every counter but that of entries has seen every request.
  func checkInvariants() {
    let requests = tally.requests(0) + tally.requests(1)
    precondition(number >= 0 || requests == 0, "BUG: \(requests) requests in no bucket")
    for column in Physical.allCases {
      let counted = counters[column.rawValue].checkInvariants()
      let isWhole = column == .entry ? counted <= requests : counted == requests
      precondition(isWhole, "BUG: \(column) counts \(counted) of \(requests) requests")
    }
  }
}

extension Series {
  func checkInvariants() {
    minuteBlobs.checkInvariants(indexed: minutes.checkInvariants())
    spanBlobs.checkInvariants(indexed: hours.checkInvariants() + days.checkInvariants())
    rowBlobs.checkInvariants(indexed: blocks.reduce(0) { $0 + BlobLog.padded($1.blob.count) })
    precondition(zip(blocks, blocks.dropFirst()).allSatisfy { $0.hour <= $1.hour }, "BUG: blocks out of order")
    precondition(blockRows == blocks.reduce(0) { $0 + $1.count }, "BUG: \(blockRows) rows in blocks")
    precondition(blocks.first.map { $0.hour >= rowsFrom } ?? true, "BUG: rows before hour \(rowsFrom)")
    precondition((minutes.first ?? .max) >= minutesFrom && (hours.first ?? .max) >= hoursFrom, "BUG: buckets before their ring")
    precondition((days.first ?? .max) >= daysFrom, "BUG: a day before \(daysFrom)")
    precondition(hour.number < 0 || hour.number / 24 == day.number, "BUG: hour \(hour.number) of day \(day.number)")
    precondition(minute.number < 0 || minute.number / 60 == hour.number, "BUG: minute \(minute.number) of hour \(hour.number)")
    hour.checkInvariants()
    // Open hours hand on to the day when they close: its own counters and tally agree at any time.
    day.checkInvariants()
    precondition(Set(batches.lazy.filter { $0.count > 0 }.map(\.hour)).count == batches.count { $0.count > 0 })
    for batch in batches { batch.checkInvariants(self) }
    precondition(pathIsStatic.count >= paths.count && referrerHost.count >= referrers.count)
    for code in 0..<referrers.count where !referrers.isFree(UInt32(code)) {
      precondition(!referrerHosts.isFree(referrerHost[code]), "BUG: a referrer without its host")
    }
  }
}

extension EngineState {
  /// Everything at once; `checkSometimes` is what runs.
  func checkInvariants() {
    for one in series { one.checkInvariants() }
    checkPool()
  }

  private func checkPool() {
    var closed = 0, waiting = 0
    for one in series {
      closed += one.minuteBlobs.livePages + one.spanBlobs.livePages + one.rowBlobs.livePages
      waiting += one.minuteBlobs.waitingBytes + one.spanBlobs.waitingBytes + one.rowBlobs.waitingBytes
    }
    precondition(closed <= pool.usedPages, "BUG: \(closed) pages of closed parts, \(pool.usedPages) in all")
    precondition(pool.waitingBytes == waiting, "BUG: \(pool.waitingBytes) bytes wait, logs know of \(waiting)")
    precondition(pool.isPinned || waiting == 0 || pool.oldestPin == .max)
  }

  /// In debug builds, one service in turn every so many calls, so that tests stay quick and all of them check.
  func checkSometimes(_ turn: Int, every: Int = 16) {
    assert(
      {
        guard turn % every == 0, !series.isEmpty else { return true }
        series[turn / every % series.count].checkInvariants()
        checkPool()
        return true
      }())
  }
}

extension BlobLog {
  var waitingBytes: Int { waiting.reduce(0) { $0 + Self.padded($1.blob.count) } }
}
