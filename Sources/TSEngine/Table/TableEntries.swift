/// The entries of a table that is being made, one array for each column; written by `TopTable`'s form.
final class TableEntries {
  private let keys: Column<UInt32>, cells: Column<Cell>, marks: Column<UInt8>
  private let numbers: Column<UInt64>  // of the column being written
  private(set) var count = 0
  private var sketches = ByteWriter(capacity: TopTable.maxEntries * (ValueSketches.maxFrozenBytes + 4))

  init(pool: PagePool) {
    let most = TopTable.maxEntries
    keys = Column(capacity: most, count: most, pool: pool)
    cells = Column(capacity: most, count: most, pool: pool)
    marks = Column(capacity: most, count: most, pool: pool)
    numbers = Column(capacity: most, count: most, pool: pool)
  }

  func removeAll() {
    count = 0
    sketches.removeAll()
  }

  /// - Precondition: keys come in ascending order.
  /// - Parameter sketch: writes the visitors of the key and says whether there were any.
  func append(_ key: Int, _ cell: Cell, sketch: (_ out: inout ByteWriter) -> Bool) {
    (keys[count], cells[count]) = (UInt32(key), cell)
    marks[count] = sketch(&sketches) ? 1 : 0
    count += 1
  }

  func write(into out: inout ByteWriter) {
    let start = out.count, kinds = kinds()
    out.fixed(UInt32(0))
    out.varint(UInt64(count))
    out.byte(kinds.byte)
    if kinds.hasSketches { writeMarks(into: &out) }
    var previous = -1
    writeColumn(into: &out) { index, _ in
      defer { previous = Int(keys[index]) }
      return UInt64(Int(keys[index]) - previous - 1)
    }
    writeColumn(into: &out) { UInt64($1.requests) }
    if kinds.pageviews == .some { writeColumn(into: &out) { UInt64($1.requests &- $1.pageviews) } }
    if kinds.hasErrors { writeColumn(into: &out) { UInt64($1.errors) } }
    if kinds.timed == .some { writeColumn(into: &out) { UInt64($1.requests &- $1.timed) } }
    writeColumn(into: &out) { $1.bytes / UInt64(max(1, $1.requests)) }
    writeColumn(into: &out) { $1.bytes % UInt64(max(1, $1.requests)) }
    if kinds.timed != .none {
      writeColumn(into: &out) { $1.microseconds / UInt64(max(1, $1.timed)) }
      writeColumn(into: &out) { $1.microseconds % UInt64(max(1, $1.timed)) }
    }
    out.setFixed(UInt32(out.count - start - 4), at: start)
    unsafe out.bytes(sketches.start, count: sketches.count)
  }

  private func kinds() -> TopTable.Kinds {
    var kinds = TopTable.Kinds(), pageviews = (none: true, all: true), timed = (none: true, all: true)
    for index in 0..<count {
      let cell = cells[index]
      pageviews = (pageviews.none && cell.pageviews == 0, pageviews.all && cell.pageviews == cell.requests)
      timed = (timed.none && cell.timed == 0, timed.all && cell.timed == cell.requests)
      kinds.hasErrors = kinds.hasErrors || cell.errors != 0
      kinds.hasSketches = kinds.hasSketches || marks[index] != 0
    }
    kinds.pageviews = pageviews.none ? .none : pageviews.all ? .all : .some
    kinds.timed = timed.none ? .none : timed.all ? .all : .some
    return kinds
  }

  private func writeColumn(into out: inout ByteWriter, _ number: (_ index: Int, _ cell: Cell) -> UInt64) {
    for index in 0..<count { numbers[index] = number(index, cells[index]) }
    unsafe PackedColumn.write(numbers.start, count: count, into: &out)
  }

  private func writeMarks(into out: inout ByteWriter) {
    for first in stride(from: 0, to: count, by: 8) {
      var byte: UInt8 = 0
      for index in first..<min(first + 8, count) { byte |= marks[index] << UInt8(index - first) }
      out.byte(byte)
    }
  }
}
