/// What a bucket of any length knows beside visitors and values, once for people (0) and once for bots (1).
///
/// Open form; a closed one is a few varints. Latency and status codes are complete, so that sums over any buckets are exact.
final class Tally {
  static let statuses = Limits.statusCodes
  private let cells: Column<Cell>  // 2
  // By audience and status, by audience and place in the histogram; most are never met.
  private var statusCounts: SparseColumn<UInt32>
  private var histogram: SparseColumn<UInt32>

  init(pool: PagePool) {
    cells = Column(capacity: 2, count: 2, pool: pool)
    statusCounts = SparseColumn(capacity: 2 * Self.statuses, pool: pool)
    histogram = SparseColumn(capacity: 2 * LatencyHistogram.count, pool: pool)
  }

  func requests(_ audience: Int) -> Int { Int(cells[audience].requests) }

  @inline(__always)
  func add(_ cell: Cell, audience: Int, status: Int, latency: Int?) {
    cells[audience] &+= cell
    statusCounts.add(audience &* Self.statuses &+ status, 1)  // indices are small
    if let latency { histogram.add(audience &* LatencyHistogram.count &+ latency, 1) }
  }

  func add(_ other: Tally) {
    for audience in 0..<2 { cells[audience] &+= other.cells[audience] }
    other.statusCounts.forEach { statusCounts.add($0, $1) }
    other.histogram.forEach { histogram.add($0, $1) }
  }

  func clear() {
    cells.clear()
    statusCounts.removeAll()
    histogram.removeAll()
  }

  /// ```
  ///  people, then bots: cell (its flag set when anything follows) ‖ statuses: n, (gap, count)… ‖ histogram
  /// ```
  func encode(into out: inout ByteWriter) {
    for audience in 0..<2 {
      let cell = cells[audience]
      cell.encode(into: &out, flag: !cell.isEmpty)
      if cell.isEmpty { continue }
      let base = audience * Self.statuses
      out.varint(UInt64((0..<Self.statuses).count { statusCounts[base + $0] != 0 }))
      var previous = 0
      for status in 0..<Self.statuses where statusCounts[base + status] != 0 {
        out.varint(UInt64(status - previous))
        out.varint(UInt64(statusCounts[base + status]))
        previous = status
      }
      unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: LatencyHistogram.count) { counts in
        for index in 0..<LatencyHistogram.count { unsafe counts[index] = histogram[audience * LatencyHistogram.count + index] }
        unsafe LatencyHistogram.encode(counts.baseAddress!, into: &out)
      }
    }
  }

  /// Adds a closed tally; stops quietly where the bytes end (they were verified when they were loaded).
  @unsafe func add(from cursor: inout ByteCursor) {
    for audience in 0..<2 {
      let (cell, more) = unsafe Cell.decode(from: &cursor)
      cells[audience] &+= cell
      if !more { continue }
      unsafe Self.forEachStatus(&cursor) { status, count in
        statusCounts.add(audience * Self.statuses + status, UInt32(truncatingIfNeeded: count))
      }
      unsafe LatencyHistogram.forEach(from: &cursor) { index, count in
        histogram.add(audience * LatencyHistogram.count + index, UInt32(truncatingIfNeeded: count))
      }
    }
  }

  @inline(__always) @unsafe
  static func forEachStatus(_ cursor: inout ByteCursor, _ body: (_ status: Int, _ count: UInt64) -> Void) {
    var status = 0
    let n = unsafe cursor.varint()
    for _ in 0..<min(n, UInt64(statuses)) {
      status += unsafe Int(truncatingIfNeeded: cursor.varint() & 1_023)
      let count = unsafe cursor.varint()
      if status < statuses { body(status, count) }
    }
  }

  /// Adds what is open to a query's sums.
  func add(to sums: TallyAccumulator, people: Bool, bots: Bool, wanting: TallyParts) {
    for audience in 0..<2 {
      sums.allRequests += Int(cells[audience].requests)
      if audience == 1 { sums.botRequests += Int(cells[1].requests) }
      guard audience == 0 ? people : bots, !cells[audience].isEmpty else { continue }
      sums.add(cells[audience])
      for status in 0..<Self.statuses {
        unsafe sums.statuses[status] += UInt64(statusCounts[audience * Self.statuses + status])
      }
      guard wanting.contains(.latency) else { continue }
      for index in 0..<LatencyHistogram.count {
        unsafe sums.histogram[index] += UInt64(histogram[audience * LatencyHistogram.count + index])
      }
    }
  }
}
