/// Exact counters of one column while its bucket is open: a cell for each key = `code << 1 | bot` that was met.
///
/// ```
///  slots   key → 1 + place of its cell, 0 for none      4 bytes a key
///  cells   in the order the keys were met               32 bytes a key met
///  used    a bit a key, to walk them in order
/// ```
/// Most hours meet a few thousand of 40,000 keys: their cells lie close together and cost a quarter of an array by key.
final class OpenCounters {
  private var slots: Column<UInt32>
  private var cells: Column<Cell>
  private var used: KeySet
  private(set) var count = 0  // keys met
  private var room = 0  // cells there is memory for

  init(_ column: Physical, pool: PagePool) {
    slots = Column(capacity: column.codes * 2, pool: pool)
    cells = Column(capacity: column.codes * 2, pool: pool)
    used = KeySet(capacity: column.codes * 2, pool: pool)
  }

  /// Keys there is room for.
  var keys: Int { slots.count }
  var memoryBytes: Int { slots.bytes + cells.bytes }

  /// Makes room for codes below `codes`.
  func grow(codes: Int) {
    if codes * 2 <= slots.count { return }
    slots.grow(to: min(codes * 2, slots.capacity))
    used.grow(keys: codes * 2)
  }

  /// - Precondition: room was made for the key.
  @inline(__always) func add(_ cell: Cell, key: Int) {
    let slot = unsafe slots.start[key]
    if slot == 0 { return addNew(cell, key: key) }
    let place = unsafe cells.start + (Int(slot) &- 1)
    unsafe place.pointee &+= cell
  }

  @inline(never) private func addNew(_ cell: Cell, key: Int) {
    precondition(key < keys)
    if count == room {
      room = min(cells.capacity, max(8, room + min(room, 512)))
      cells.grow(to: room)
    }
    cells[count] = cell
    count += 1
    slots[key] = UInt32(count)
    used.insert(key)
  }

  subscript(key: Int) -> Cell {
    guard key < keys, slots[key] != 0 else { return Cell() }
    return cells[Int(slots[key]) - 1]
  }

  /// Calls `body` for each key met, ascending.
  @inline(__always) func forEach(_ body: (_ key: Int, _ cell: Cell) -> Void) {
    used.forEach { key in unsafe body(key, cells.start[Int(slots.start[key]) &- 1]) }
  }

  func add(_ other: OpenCounters) {
    precondition(other.keys <= keys)
    other.forEach { key, cell in add(cell, key: key) }
  }

  /// Forgets all keys and keeps the memory, for a bucket like the last one.
  func clear() {
    used.forEach { key in unsafe slots.start[key] = 0 }
    used.clear()
    count = 0
  }

  func removeAll() {
    slots.removeAll()
    cells.removeAll()
    used.removeAll()
    (count, room) = (0, 0)
  }

  /// Sparse: n, then (gap, cell)…
  func encode(into out: inout ByteWriter) {
    out.varint(UInt64(count))
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
    guard n <= UInt64(slots.capacity) else { return false }
    var key = -1
    for _ in 0..<n {
      let gap = unsafe cursor.varint()
      guard gap < UInt64(slots.capacity) else { return false }
      key += Int(gap) + 1
      guard key < keys else { return false }
      unsafe add(Cell.decode(from: &cursor).cell, key: key)
    }
    return unsafe !cursor.isExhausted
  }
}
