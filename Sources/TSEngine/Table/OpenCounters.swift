/// Exact counters of one column while its bucket is open: a cell for each key = `code << 1 | bot` that was met.
///
/// ```
///  slots   key → 1 + place of its cell, 0 for none      4 bytes a key, in chunks of 64 keys
///  cells   in the order the keys were met               32 bytes a key met
/// ```
/// Most hours meet a few thousand of 40,000 keys: their cells lie close together and cost a quarter of an array by key. A day
/// brings them into the order of keys from time to time (`sortCells`), in which they are read and hours are added.
final class OpenCounters {
  private var slots: SparseColumn<UInt32>
  private var cells: Column<Cell>
  private(set) var count = 0  // keys met
  private var sorted = 0  // so many cells lie in the order of their keys
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

  /// More cells than the first caches hold.
  var isLarge: Bool { count > 256 }
  /// Ask for the slot of a key, and then for its cell.
  @inline(__always) func prefetchSlot(_ key: Int) { unsafe prefetch(slots.chunk(of: key) + (key & 63)) }
  @inline(__always) func prefetchCell(_ key: Int) {
    unsafe prefetch(cells.start + max(0, Int(slots.chunk(of: key)[key & 63]) &- 1))
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

  /// Cells that lie where their keys were met, when these are many enough to be worth an order.
  var unsorted: Int { count - sorted > max(64, count / 16) ? count - sorted : 0 }

  /// Puts the cells into the order of their keys; ≈ 15 ns each.
  func sortCells() {
    unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: count) { owners in
      slots.forEach { key, slot in unsafe owners[Int(slot) - 1] = UInt32(key) }
      var place = 0
      slots.forEach { key, slot in
        let at = Int(slot) - 1
        if at != place {
          let other = unsafe owners[place]
          (cells[place], cells[at]) = (cells[at], cells[place])
          unsafe slots.place(of: Int(other)).pointee = slot
          unsafe slots.place(of: key).pointee = UInt32(place + 1)
          unsafe owners[at] = other
        }
        place += 1
      }
    }
    sorted = count
  }

  /// Forgets all keys and keeps the cells' memory, for a bucket like the last one.
  func clear() {
    slots.removeAll()
    (count, sorted) = (0, 0)
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
