/// Which parts of a bucket an answer needs; what is not asked for is not decoded.
struct TallyParts: OptionSet {
  let rawValue: Int
  static let latency = TallyParts(rawValue: 1), visitors = TallyParts(rawValue: 2)
}

/// Where a query sums buckets. Reused; about 24 KiB, and 40 more once it has counted few visitors.
@safe
final class TallyAccumulator {
  var requests = 0, pageviews = 0, errors = 0, timed = 0, bytes = 0, microseconds = 0
  /// Of both audiences, whatever was asked: `bot_share` needs them.
  var allRequests = 0, botRequests = 0
  let statuses: UnsafeMutablePointer<UInt64>  // 600
  let histogram: UnsafeMutablePointer<UInt64>  // LatencyHistogram.count
  let registers: UnsafeMutablePointer<UInt8>  // 2^14
  /// The same visitors while they are few, when rows were read for them.
  let tokens = TokenSet()
  /// Seconds of what was summed, neighbours joined; kept by `RangeReader`.
  var ranges: [Range<Int>] = []

  init() {
    unsafe statuses = .allocate(capacity: Limits.statusCodes)
    unsafe histogram = .allocate(capacity: LatencyHistogram.count)
    unsafe registers = .allocate(capacity: 1 << Limits.bucketPrecision)
    clear()
  }
  deinit {
    unsafe statuses.deallocate()
    unsafe histogram.deallocate()
    unsafe registers.deallocate()
  }

  func clear() {
    (requests, pageviews, errors, timed, bytes, microseconds, allRequests, botRequests) = (0, 0, 0, 0, 0, 0, 0, 0)
    unsafe statuses.initialize(repeating: 0, count: Limits.statusCodes)
    unsafe histogram.initialize(repeating: 0, count: LatencyHistogram.count)
    unsafe registers.initialize(repeating: 0, count: 1 << Limits.bucketPrecision)
    tokens.clear()
    ranges.removeAll(keepingCapacity: true)
  }

  func add(_ cell: Cell) {
    requests &+= Int(cell.requests)
    pageviews &+= Int(cell.pageviews)
    errors &+= Int(cell.errors)
    timed &+= Int(cell.timed)
    bytes &+= Int(truncatingIfNeeded: cell.bytes)
    microseconds &+= Int(truncatingIfNeeded: cell.microseconds)
  }

  var visitors: Double { tokens.isComplete ? tokens.estimate : registersEstimate }
  var registersEstimate: Double { unsafe HyperLogLog.estimate(registers, p: Limits.bucketPrecision) }

  /// Steps over a closed tally.
  @unsafe static func skip(_ cursor: inout ByteCursor) {
    for _ in 0..<2 where unsafe Cell.decode(from: &cursor).flag {
      unsafe Tally.forEachStatus(&cursor) { _, _ in }
      unsafe LatencyHistogram.forEach(from: &cursor) { _, _ in }
    }
  }

  /// Adds a closed tally (`Tally.encode`) and leaves the cursor behind it.
  @unsafe func add(from cursor: inout ByteCursor, people: Bool, bots: Bool, wanting: TallyParts) {
    for audience in 0..<2 {
      let (cell, more) = unsafe Cell.decode(from: &cursor)
      allRequests &+= Int(cell.requests)
      if audience == 1 { botRequests &+= Int(cell.requests) }
      let wanted = audience == 0 ? people : bots, wantsLatency = wanted && wanting.contains(.latency)
      if wanted { add(cell) }
      if !more { continue }
      unsafe Tally.forEachStatus(&cursor) { status, count in
        if wanted { unsafe statuses[status] &+= count }
      }
      unsafe LatencyHistogram.forEach(from: &cursor) { index, count in
        if wantsLatency { unsafe histogram[index] &+= count }
      }
    }
  }
}
