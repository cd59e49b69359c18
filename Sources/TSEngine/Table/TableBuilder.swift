/// Makes closed tables: sums a dimension by key, cuts it, writes it. One for the whole engine, reused.
final class TableBuilder {
  private let own: OpenCounters  // of a dimension that is derived, or merged with the table it replaces
  private var table: OpenCounters  // what is written: `own`, or the counters of a column as they are
  private var keys = 0
  private var ranks: Column<UInt64>
  private let entries: TableEntries

  init(pool: PagePool) {
    own = OpenCounters(.path, pool: pool)  // the widest
    table = own
    ranks = Column(capacity: Limits.pathCodes, pool: pool)
    entries = TableEntries(pool: pool)
  }

  /// An empty table with room for codes below `codes`.
  func begin(codes: Int) {
    own.clear()
    own.grow(codes: codes)
    (table, keys) = (own, codes * 2)
  }

  /// The counters of a column as the table of its own dimension: nothing is copied, nothing changed.
  func begin(_ counters: OpenCounters) { (table, keys) = (counters, counters.keys) }

  @inline(__always) func add(_ cell: Cell, key: Int) { if key < keys { own.add(cell, key: key) } }

  /// Adds a closed table of the same bucket, which this one replaces.
  @unsafe func add(_ table: UnsafePointer<UInt8>, count: Int) {
    unsafe TopTable.forEach(table, count: count) { key, cell, _ in add(cell, key: key) }
  }

  /// Writes the `limit` values with the largest sums; what is cut goes to code 0 when that means `~other`.
  /// - Parameter sketch: writes the visitors of a key and says whether there were any; asked for the first `sketched` values.
  func write(
    limit: Int, sketched: Int, hasOther: Bool, into out: inout ByteWriter,
    sketch: (_ key: Int, _ out: inout ByteWriter) -> Bool
  ) {
    let values = rankValues()
    let visible = threshold(values, limit: sketched), kept = hasOther ? threshold(values, limit: limit) : 0
    entries.removeAll()
    if hasOther { appendOther(kept) }
    table.forEach { key, cell in
      let code = key >> 1
      if hasOther && code == 0 || cell.isEmpty { return }
      let rank = rank(code)
      if rank < kept { return }
      entries.append(key, cell) { sketched > 0 && rank >= visible && sketch(key, &$0) }
    }
    entries.write(into: &out)
  }

  /// `~other`: what it counts already, and all values below `kept`.
  private func appendOther(_ kept: UInt64) {
    var other = (people: table[0], bots: table[1])
    table.forEach { key, cell in
      if key < 2 || rank(key >> 1) >= kept { return }
      if key & 1 == 0 { other.people &+= cell } else { other.bots &+= cell }
    }
    if !other.people.isEmpty { entries.append(0, other.people) { _ in false } }
    if !other.bots.isEmpty { entries.append(1, other.bots) { _ in false } }
  }

  /// Order among values: by sum, then by smaller code; distinct for every code.
  private func rank(_ code: Int) -> UInt64 {
    let sum = UInt64(table[code * 2].requests) + UInt64(table[code * 2 + 1].requests)
    return sum == 0 ? 0 : min(sum, 0xffff_ffff) << 32 | UInt64(0xffff_ffff - code)
  }

  /// Fills `ranks` with one number for each value; gives how many.
  private func rankValues() -> Int {
    ranks.grow(to: min(ranks.capacity, table.count))
    var n = 0, previous = -1
    table.forEach { key, _ in
      let code = key >> 1
      if code == previous { return }
      previous = code
      ranks[n] = rank(code)
      n += 1
    }
    return n
  }

  /// The rank that exactly `limit` values reach; 1 when there are no more than that.
  private func threshold(_ n: Int, limit: Int) -> UInt64 {
    if limit == 0 { return .max }
    return n <= limit ? 1 : unsafe KthLargest.select(limit, of: ranks.start, count: n)
  }
}
