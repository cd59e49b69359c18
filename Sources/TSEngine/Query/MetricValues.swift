/// What the metrics of a query need from rows and buckets.
struct MetricNeeds {
  let metrics: [Metric]
  let order: Metric

  init(_ query: Query) { (metrics, order) = (query.metrics, query.orderBy ?? .requests) }

  private func wants(_ some: Metric...) -> Bool { some.contains { metrics.contains($0) || order == $0 } }

  var visitors: Bool { wants(.visitors) }
  var bytes: Bool { wants(.bytes) }
  var quantiles: Bool { wants(.durationP50, .durationP95, .durationP99) }

  var tally: TallyParts {
    var parts: TallyParts = []
    if visitors { parts.insert(.visitors) }
    if quantiles { parts.insert(.latency) }
    return parts
  }

  var rows: RowParts {
    var parts: RowParts = []
    if visitors { parts.insert(.visitors) }
    if wants(.pageviews) { parts.insert(.pageviews) }
    if wants(.errors, .errorRate) { parts.insert(.errors) }
    if bytes { parts.insert(.bytes) }
    if quantiles || wants(.durationAverage) { parts.insert(.latency) }
    if wants(.botShare) { parts.insert(.bots) }
    return parts
  }
}

/// One bucket or value, measured: sums, and what is more than a sum.
struct Measured {
  var sums = TableAccumulator.Sums()
  var visitors: Double?
  var p50: Double?, p95: Double?, p99: Double?

  init() {}
  init(_ sums: TableAccumulator.Sums) { self.sums = sums }

  /// Seconds for durations, 0…1 for rates, nil where there is no value.
  func value(_ metric: Metric) -> Double? {
    func share(_ part: Int, of whole: Int) -> Double? { whole == 0 ? nil : Double(part) / Double(whole) }
    return switch metric {
    case .visitors: visitors?.rounded()
    case .requests: Double(sums.requests)
    case .pageviews: Double(sums.pageviews)
    case .bytes: Double(sums.bytes)
    case .durationAverage: share(sums.microseconds, of: sums.timed).map { $0 / 1e6 }
    case .durationP50: p50
    case .durationP95: p95
    case .durationP99: p99
    case .errors: Double(sums.errors)
    case .errorRate: share(sums.errors, of: sums.requests)
    case .botShare: share(sums.botRequests, of: sums.allRequests)
    }
  }
}

extension TallyAccumulator {
  /// What is summed up, for the metrics asked.
  func measured(_ needs: MetricNeeds, visitors: Double?) -> Measured {
    var made = Measured()
    made.sums.requests = requests
    made.sums.pageviews = pageviews
    made.sums.errors = errors
    made.sums.timed = timed
    made.sums.bytes = bytes
    made.sums.microseconds = microseconds
    made.sums.allRequests = allRequests
    made.sums.botRequests = botRequests
    made.visitors = visitors
    if needs.quantiles {
      unsafe made.p50 = LatencyHistogram.quantile(histogram, 0.5)
      unsafe made.p95 = LatencyHistogram.quantile(histogram, 0.95)
      unsafe made.p99 = LatencyHistogram.quantile(histogram, 0.99)
    }
    return made
  }

  /// Of any audience.
  var hasRequests: Bool { requests > 0 || allRequests > 0 }

  /// The counts, in the form they have by value.
  private var sums: TableAccumulator.Sums {
    var sums = TableAccumulator.Sums()
    (sums.requests, sums.pageviews, sums.errors, sums.timed) = (requests, pageviews, errors, timed)
    (sums.bytes, sums.microseconds) = (bytes, microseconds)
    (sums.allRequests, sums.botRequests) = (allRequests, botRequests)
    return sums
  }

  /// Adds the counts of one value. Wrapping: a loaded file may claim more than any log can bring.
  func add(_ value: TableAccumulator.Sums) {
    requests &+= value.requests
    pageviews &+= value.pageviews
    errors &+= value.errors
    timed &+= value.timed
    bytes &+= value.bytes
    microseconds &+= value.microseconds
    allRequests &+= value.allRequests
    botRequests &+= value.botRequests
  }

  /// Adds what is summed up of closed days already; their visitors are registers only.
  func addClosed(_ other: TallyAccumulator, _ parts: TallyParts) {
    add(other.sums)
    for status in 0..<Limits.statusCodes { unsafe statuses[status] &+= other.statuses[status] }
    if parts.contains(.visitors) { unsafe HyperLogLog.merge(other.registers, into: registers, p: Limits.bucketPrecision) }
    if parts.contains(.latency) {
      for index in 0..<LatencyHistogram.count { unsafe histogram[index] &+= other.histogram[index] }
    }
  }

  /// Adds the sums of another; exact, visitors included.
  func add(_ other: TallyAccumulator, _ parts: TallyParts) {
    if parts.contains(.visitors) {
      if !hasRequests { tokens.begin() }
      tokens.add(other.tokens)
      unsafe HyperLogLog.merge(other.registers, into: registers, p: Limits.bucketPrecision)
    }
    add(other.sums)
    if parts.contains(.latency) {
      for index in 0..<LatencyHistogram.count { unsafe histogram[index] &+= other.histogram[index] }
    }
  }
}
