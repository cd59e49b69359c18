/// Exact counters of one column while its bucket is open: a cell by key = `code << 1 | bot`.
final class OpenCounters {
  private(set) var cells: Column<Cell>
  private(set) var used: KeySet

  init(_ column: Physical, pool: PagePool) {
    cells = Column(capacity: column.codes * 2, pool: pool)
    used = KeySet(capacity: column.codes * 2, pool: pool)
  }

  var keys: Int { cells.count }

  /// Makes room for codes below `codes`.
  func grow(codes: Int) {
    cells.grow(to: min(codes * 2, cells.capacity))
    used.grow(keys: codes * 2)
  }

  /// Calls `body` for each key in use, ascending.
  @inline(__always) func forEach(_ body: (_ key: Int, _ cell: Cell) -> Void) {
    used.forEach { key in unsafe body(key, cells.start[key]) }
  }

  func add(_ other: OpenCounters) {
    precondition(other.keys <= keys)
    other.forEach { key, cell in
      unsafe cells.start[key] &+= cell
      used.insert(key)
    }
  }

  func clear() {
    used.forEach { key in unsafe cells.start[key] = Cell() }
    used.clear()
  }

  func removeAll() {
    cells.removeAll()
    used.removeAll()
  }

  /// Sparse: n, then (gap, cell)…
  func encode(into out: inout ByteWriter) {
    out.varint(UInt64(used.count))
    var previous = -1
    forEach { key, cell in
      out.varint(UInt64(key - previous - 1))
      cell.encode(into: &out, flag: false)
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
      used.insert(key)
    }
    return unsafe !cursor.isExhausted
  }
}
