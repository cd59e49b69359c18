/// Makes closed tables: sums a dimension by key, cuts it, writes it. One for the whole engine, reused.
final class TableBuilder {
  private(set) var cells: Column<Cell>  // by key of the dimension
  private var dirtyKeys = 0
  private var ranks: Column<UInt64>
  private var frozen = ByteWriter(capacity: 16 << 20)

  init(pool: PagePool) {
    cells = Column(capacity: Limits.pathCodes * 2, pool: pool)
    ranks = Column(capacity: Limits.pathCodes, pool: pool)
  }

  /// Empties the cells and makes room for codes below `codes`.
  func begin(codes: Int) {
    cells.clear(upTo: dirtyKeys)
    cells.grow(to: codes * 2)
    dirtyKeys = codes * 2
  }

  /// Adds a closed table of the same bucket, which this one replaces.
  @unsafe func add(_ table: UnsafePointer<UInt8>, count: Int) {
    unsafe TopTable.forEach(table, count: count) { key, cell, _ in
      if key < dirtyKeys { cells[key] &+= cell }
    }
  }

  /// Writes the `limit` values with the largest sums; what is cut goes to code 0 when that means `~other`.
  /// - Parameter sketch: writes the visitors of a key and says whether there were any; asked for the first `sketched` values.
  func write(
    codes: Int, limit: Int, sketched: Int, hasOther: Bool, into out: inout ByteWriter,
    sketch: (_ key: Int, _ out: inout ByteWriter) -> Bool
  ) {
    let visible = threshold(codes: codes, limit: sketched), keep = hasOther ? threshold(codes: codes, limit: limit) : 0
    if hasOther, codes > 1 { cut(codes: codes, below: keep) }
    let start = out.count
    out.fixed(UInt32(0))
    frozen.removeAll()
    out.varint(UInt64((0..<codes * 2).count { !cells[$0].isEmpty }))
    var previous = -1
    for key in 0..<codes * 2 where !cells[key].isEmpty {
      out.varint(UInt64(key - previous - 1))
      let code = key >> 1
      let flagged = sketched > 0 && (code != 0 || !hasOther) && rank(code) >= visible && sketch(key, &frozen)
      cells[key].encode(into: &out, flag: flagged)
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

  private func cut(codes: Int, below keep: UInt64) {
    for code in 1..<codes where rank(code) < keep {
      for bot in 0..<2 where !cells[code * 2 + bot].isEmpty {
        cells[bot] &+= cells[code * 2 + bot]
        cells[code * 2 + bot] = Cell()
      }
    }
  }

  /// The rank that exactly `limit` values reach; 1 when there are no more than that.
  private func threshold(codes: Int, limit: Int) -> UInt64 {
    if limit == 0 { return .max }
    ranks.grow(to: codes)
    var n = 0
    for code in 0..<codes {
      let value = rank(code)
      if value != 0 {
        ranks[n] = value
        n += 1
      }
    }
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
