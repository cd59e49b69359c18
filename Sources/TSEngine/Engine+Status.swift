/// What the engine says of itself and of its counters.
extension Engine {
  package func counters() -> [ServiceCounters] {
    let now = clock()
    return forEachSeries { series, scratch in
      var counters = series.totals.counters
      let planner = Planner(series, now: now, scratch)
      counters.service = series.name
      counters.visitors5m = planner.visitors(now - 300..<now + 1)
      counters.visitors1h = planner.visitors(now - 3_600..<now + 1)
      counters.visitors1d = planner.visitors(now - 86_400..<now + 1)
      return counters
    }
  }

  package func status() -> EngineStatus {
    let snapshot = snapshotNote
    return withState { state in
      var status = EngineStatus()
      status.memoryUsed = state.pool.usedBytes
      status.memoryLimit = state.pool.limitPages * PagePool.pageBytes
      status.memoryByKind = Self.memory(state)
      status.services = state.series.count
      // Rows of a site that has dropped some reach to the first hour it has whole, of others to their first event.
      status.rowsFrom = state.series.filter { $0.lastSecond > 0 }.map { max($0.rowsFrom * 3_600, $0.firstSecond) }.min() ?? 0
      for series in state.series {
        status.lastEvent.append((series.name, series.lastSecond))
        for (dimension, count, overflow) in series.dictionaries {
          status.dimensionValues.append((series.name, dimension.name, count))
          status.dimensionOverflow.append((series.name, dimension.name, overflow))
        }
      }
      (status.snapshotAt, status.snapshotBytes, status.snapshotSeconds) =
        (snapshot.durableAt, snapshot.bytes, snapshot.seconds)
      (status.snapshotFailures, status.loadFallbacks) = (snapshot.failures, snapshot.fallbacks)
      (status.journalBytes, status.journalFailures) = (snapshot.journalBytes, snapshot.journalFailures)
      (status.journalOverruns, status.fsyncFailures) = (state.journal?.overruns ?? 0, snapshot.fsyncFailures)
      return status
    }
  }

  private static func memory(_ state: EngineState) -> [(kind: String, bytes: Int)] {
    var rows = 0, minutes = 0, spans = 0, dictionaries = state.labels.names.memoryBytes
    for series in state.series {
      rows += series.rowBlobs.livePages * PagePool.pageBytes
      minutes += series.minuteBlobs.livePages * PagePool.pageBytes
      spans += series.spanBlobs.livePages * PagePool.pageBytes
      dictionaries += series.dictionaryBytes
    }
    let open = state.pool.usedBytes - rows - minutes - spans - dictionaries
    return [
      ("rows", rows), ("minutes", minutes), ("hours_and_days", spans), ("dictionaries", dictionaries), ("open", max(0, open)),
    ]
  }
}

extension Series {
  /// Each dimension that has a dictionary of its own: values known (without `~other` and none) and strings refused.
  var dictionaries: [(dimension: Dimension, values: Int, overflow: Int)] {
    [
      (.path, paths.liveCount - 2, paths.overflow), (.referrer, referrerHosts.liveCount - 2, referrerHosts.overflow),
      (.host, hosts.liveCount - 2, hosts.overflow), (.campaign, campaigns.liveCount - 2, campaigns.overflow),
    ]
  }
}

extension RunTotals {
  /// In the exposition's form; the service and its visitors are the caller's.
  var counters: ServiceCounters {
    var counters = ServiceCounters()
    for method in Method.allCases {
      for kind in 0..<6 {
        let count = requests[Int(method.rawValue) * 6 + kind]
        if count > 0 { counters.requests.append((method, kind, Int(count))) }
      }
    }
    (counters.responseBytes, counters.botRequests, counters.durationSum) = (bytes, bots, Double(microseconds) / 1e6)
    // Bucket 160 ends at one millisecond and every sixteenth bucket doubles it: classic bounds are exact sums.
    var sum = 0, next = 0
    for bound in 0..<ServiceCounters.durationBounds.count {
      while next <= 160 + bound * 16 {
        sum += Int(latency[next])
        next += 1
      }
      counters.durationCounts.append(sum)
    }
    while next < LatencyHistogram.count {
      sum += Int(latency[next])
      next += 1
    }
    counters.durationCounts.append(sum)
    return counters
  }
}
