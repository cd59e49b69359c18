/// Exact counters of one column while its bucket is open: a cell by key = `code << 1 | bot`.
final class OpenCounters {
  private(set) var cells: Column<Cell>

  init(_ column: Physical, pool: PagePool) { cells = Column(capacity: column.codes * 2, pool: pool) }

  var keys: Int { cells.count }

  /// Makes room for codes below `codes`.
  func grow(codes: Int) { cells.grow(to: min(codes * 2, cells.capacity)) }

  func add(_ other: OpenCounters) {
    precondition(other.keys <= keys)
    for key in 0..<other.keys { unsafe cells.start[key] &+= other.cells.start[key] }
  }
  func clear() { cells.clear() }
  func removeAll() { cells.removeAll() }

  /// Sparse: n, then (gap, cell)…
  func encode(into out: inout ByteWriter) {
    out.varint(UInt64((0..<keys).count { !cells[$0].isEmpty }))
    var previous = -1
    for key in 0..<keys where !cells[key].isEmpty {
      out.varint(UInt64(key - previous - 1))
      cells[key].encode(into: &out, flag: false)
      previous = key
    }
  }

  /// The inverse, into empty counters; false when a key is out of bounds or bytes are missing.
  @unsafe func restore(from cursor: inout ByteCursor, codes: Int) -> Bool {
    grow(codes: codes)
    let n = unsafe cursor.varint()
    guard n <= UInt64(cells.capacity) else { return false }
    var key = -1
    for _ in 0..<n {
      let gap = unsafe cursor.varint()
      guard gap < UInt64(cells.capacity) else { return false }
      key += Int(gap) + 1
      guard key < keys else { return false }
      cells[key] = unsafe Cell.decode(from: &cursor).cell
    }
    return unsafe !cursor.isExhausted
  }
}
