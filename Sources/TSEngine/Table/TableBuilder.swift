/// Makes closed tables: sums a dimension by key, cuts it, writes it. One for the whole engine, reused.
final class TableBuilder {
  private var cells: Column<Cell>  // by key of the dimension
  private var used: KeySet
  private var keys = 0
  private var ranks: Column<UInt64>
  private var frozen = ByteWriter(capacity: 16 << 20)

  init(pool: PagePool) {
    cells = Column(capacity: Limits.pathCodes * 2, pool: pool)
    used = KeySet(capacity: Limits.pathCodes * 2, pool: pool)
    ranks = Column(capacity: Limits.pathCodes * 2, pool: pool)
  }

  /// Empties the table and makes room for codes below `codes`.
  func begin(codes: Int) {
    used.forEach { key in unsafe cells.start[key] = Cell() }
    used.clear()
    keys = codes * 2
    cells.grow(to: keys)
    used.grow(keys: keys)
  }

  @inline(__always) func add(_ cell: Cell, key: Int) {
    guard key < keys else { return }
    let place = unsafe cells.start + key
    unsafe place.pointee &+= cell
    used.insert(key)
  }

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
    let visible = threshold(values, limit: sketched)
    if hasOther { cut(below: threshold(values, limit: limit)) }
    let start = out.count
    out.fixed(UInt32(0))
    frozen.removeAll()
    var n = 0, previous = -1
    used.forEach { key in n += unsafe cells.start[key].isEmpty ? 0 : 1 }
    out.varint(UInt64(n))
    used.forEach { key in
      let cell = unsafe cells.start[key], code = key >> 1
      if cell.isEmpty { return }
      out.varint(UInt64(key - previous - 1))
      let flagged = sketched > 0 && (code != 0 || !hasOther) && rank(code) >= visible && sketch(key, &frozen)
      cell.encode(into: &out, flag: flagged)
      previous = key
    }
    out.setFixed(UInt32(out.count - start - 4), at: start)
    unsafe out.bytes(frozen.start, count: frozen.count)
  }

  /// Order among values: by sum, then by smaller code; distinct for every code.
  private func rank(_ code: Int) -> UInt64 {
    let sum = UInt64(cells[code * 2].requests) + UInt64(cells[code * 2 + 1].requests)
    return sum == 0 ? 0 : min(sum, 0xffff_ffff) << 32 | UInt64(0xffff_ffff - code)
  }

  /// Fills `ranks` with one number for each value; gives how many.
  private func rankValues() -> Int {
    ranks.grow(to: keys)
    var n = 0, previous = -1
    used.forEach { key in
      let code = key >> 1
      if code == previous { return }
      previous = code
      ranks[n] = rank(code)
      n += 1
    }
    return n
  }

  private func cut(below keep: UInt64) {
    used.forEach { key in
      let code = key >> 1
      // The rank of both keys is judged before either is emptied: the people's key comes first and takes the bots' along.
      guard code > 0, unsafe !cells.start[key].isEmpty, rank(code) < keep else { return }
      for bot in 0..<2 {
        let other = unsafe cells.start + bot
        unsafe other.pointee &+= cells.start[code * 2 + bot]
        unsafe cells.start[code * 2 + bot] = Cell()
      }
    }
    for bot in 0..<2 where !cells[bot].isEmpty { used.insert(bot) }
  }

  /// The rank that exactly `limit` values reach; 1 when there are no more than that.
  private func threshold(_ n: Int, limit: Int) -> UInt64 {
    if limit == 0 { return .max }
    return n <= limit ? 1 : selectLargest(limit, of: n)
  }

  /// The `k`-th largest of the first `n` ranks (Hoare's selection).
  private func selectLargest(_ k: Int, of n: Int) -> UInt64 {
    var low = 0, high = n - 1
    let target = k - 1
    while low < high {
      let pivot = ranks[(low + high) / 2]
      var i = low, j = high
      while i <= j {
        while ranks[i] > pivot { i += 1 }
        while ranks[j] < pivot { j -= 1 }
        if i <= j {
          (ranks[i], ranks[j]) = (ranks[j], ranks[i])
          i += 1
          j -= 1
        }
      }
      if target <= j { high = j } else if target >= i { low = i } else { break }
    }
    return ranks[target]
  }
}
