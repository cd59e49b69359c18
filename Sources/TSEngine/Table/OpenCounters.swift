/// Exact counters of one column while its bucket is open: a cell for each key = `code << 1 | bot` that was met.
///
/// ```
///  slots   key → 1 + place of its cell, 0 for none      4 bytes a key, in chunks of 64 keys
///  cells   in the order the keys were met               32 bytes a key met
/// ```
/// Most hours meet a few thousand of 40,000 keys: their cells lie close together and cost a quarter of an array by key.
final class OpenCounters {
  private var slots: SparseColumn<UInt32>
  private var cells: Column<Cell>
  private(set) var count = 0  // keys met
  private var room = 0  // cells there is memory for
  /// Keys there may be at present.
  private(set) var keys = 0
  private let capacity: Int

  init(_ column: Physical, pool: PagePool) {
    capacity = column.codes * 2
    slots = SparseColumn(capacity: capacity, pool: pool)
    cells = Column(capacity: capacity, pool: pool)
  }

  var memoryBytes: Int { slots.bytes + cells.bytes }

  /// Admits codes below `codes`.
  func grow(codes: Int) { keys = max(keys, min(codes * 2, capacity)) }

  /// - Precondition: the key is admitted.
  @inline(__always) func add(_ cell: Cell, key: Int) {
    let slot = unsafe slots.chunk(of: key) + (key & 63)
    if unsafe slot.pointee == 0 { unsafe slot.pointee = makeCell() }
    let place = unsafe cells.start + (Int(slot.pointee) &- 1)
    unsafe place.pointee &+= cell
  }

  @inline(never) private func makeCell() -> UInt32 {
    if count == room {
      room = min(cells.capacity, max(8, room + min(room, 512)))
      cells.grow(to: room)
    }
    cells[count] = Cell()
    count += 1
    return UInt32(count)
  }

  subscript(key: Int) -> Cell {
    let slot = slots[key]
    return slot == 0 ? Cell() : cells[Int(slot) - 1]
  }

  /// Calls `body` for each key met, ascending.
  @inline(__always) func forEach(_ body: (_ key: Int, _ cell: Cell) -> Void) {
    slots.forEach { key, slot in unsafe body(key, cells.start[Int(slot) &- 1]) }
  }

  func add(_ other: OpenCounters) {
    precondition(other.keys <= keys)
    other.forEach { key, cell in add(cell, key: key) }
  }

  /// Forgets all keys and keeps the cells' memory, for a bucket like the last one.
  func clear() {
    slots.removeAll()
    count = 0
  }

  func removeAll() {
    clear()
    cells.removeAll()
    (room, keys) = (0, 0)
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
    guard n <= UInt64(capacity) else { return false }
    var key = -1
    for _ in 0..<n {
      let gap = unsafe cursor.varint()
      guard gap < UInt64(capacity) else { return false }
      key += Int(gap) + 1
      guard key < keys else { return false }
      unsafe add(Cell.decode(from: &cursor).cell, key: key)
    }
    return unsafe !cursor.isExhausted
  }
}
