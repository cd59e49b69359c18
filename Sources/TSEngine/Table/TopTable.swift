/// A closed table of one dimension: the values with the largest sums, and `~other`.
///
/// ```
///  bytes of the entries (4) ‖ n (varint) ‖ kinds (1) ‖ sketch marks, a bit an entry, if any ‖ column… ‖ sketch…
///
///  columns   key gap − 1 · requests · not pageviews? · errors? · not timed? · bytes ÷ requests, rest · µs ÷ timed?, rest?
///            each a `PackedColumn`; one with a question mark only if `kinds` says so
///  kinds     bits 0–1 pageviews: none, all, some requests · 2–3 the same of timed · 4 errors · 5 sketches
///  sketch    bytes ‖ frozen visitors (p = 10), in the order of the marked entries
/// ```
/// A value is chosen by people + bots, and each of its two keys keeps its own numbers: lists by audience stay exact, and
/// cutting by key would lose the smaller audience. Ties go to the smaller code, so that exactly the limit is kept.
///
/// Sums are kept as quotients, since those are alike whatever a value's requests: 20 bits an entry for bytes, where a
/// varint takes 27. An entry without durations takes 6 bytes, with them 9.
enum TopTable {
  /// No dimension has more entries: those kept, and `~other`; or a closed list, of people and of bots.
  static let maxEntries = 2 * (max(Limits.dayValues, Limits.statusCodes) + 2)

  /// Which requests of the table's entries have some property.
  enum Share: UInt8 {
    case none, all, some
  }
  struct Kinds {
    var pageviews = Share.none, timed = Share.none, hasErrors = false, hasSketches = false
    init() {}
    init?(_ byte: UInt8) {
      guard byte < 64, let pageviews = Share(rawValue: byte & 3), let timed = Share(rawValue: byte >> 2 & 3) else { return nil }
      (self.pageviews, self.timed) = (pageviews, timed)
      (hasErrors, hasSketches) = (byte & 16 != 0, byte & 32 != 0)
    }
    var byte: UInt8 {
      pageviews.rawValue | timed.rawValue << 2 | (hasErrors ? 16 : 0) | (hasSketches ? 32 : 0)
    }
  }

  /// The columns of a table, read in step.
  @unsafe struct Columns {
    let count: Int
    private let marks: UnsafePointer<UInt8>?
    private let kinds: Kinds
    private var gaps: PackedColumn.Reader, requests: PackedColumn.Reader
    private var unseen: PackedColumn.Reader, errors: PackedColumn.Reader, untimed: PackedColumn.Reader
    private var bytes: PackedColumn.Reader, bytesRest: PackedColumn.Reader
    private var time: PackedColumn.Reader, timeRest: PackedColumn.Reader
    private var index = 0, key = -1

    /// Nil when the bytes are damaged.
    init?(_ cursor: inout ByteCursor) {
      let n = unsafe cursor.varint()
      guard n <= UInt64(TopTable.maxEntries), let kinds = unsafe Kinds(cursor.byte()) else { return nil }
      let count = Int(n)
      unsafe (self.count, self.kinds) = (count, kinds)
      unsafe marks = kinds.hasSketches ? cursor.skip((count + 7) / 8) : nil
      if kinds.hasSketches, unsafe marks == nil { return nil }
      guard let gaps = unsafe PackedColumn.Reader(&cursor, count: count),
        let requests = unsafe PackedColumn.Reader(&cursor, count: count),
        let unseen = unsafe PackedColumn.Reader(&cursor, count: count, if: kinds.pageviews == .some),
        let errors = unsafe PackedColumn.Reader(&cursor, count: count, if: kinds.hasErrors),
        let untimed = unsafe PackedColumn.Reader(&cursor, count: count, if: kinds.timed == .some),
        let bytes = unsafe PackedColumn.Reader(&cursor, count: count),
        let bytesRest = unsafe PackedColumn.Reader(&cursor, count: count),
        let time = unsafe PackedColumn.Reader(&cursor, count: count, if: kinds.timed != .none),
        let timeRest = unsafe PackedColumn.Reader(&cursor, count: count, if: kinds.timed != .none)
      else { return nil }
      unsafe (self.gaps, self.requests, self.unseen, self.errors, self.untimed) = (gaps, requests, unseen, errors, untimed)
      unsafe (self.bytes, self.bytesRest, self.time, self.timeRest) = (bytes, bytesRest, time, timeRest)
    }

    /// The next entry's key and whether a sketch of it follows; before `cell`.
    @inline(__always) mutating func nextKey() -> (key: Int, isMarked: Bool) {
      unsafe key &+= 1 &+ Int(truncatingIfNeeded: gaps.next() & 0xffff_ffff)
      let mark = unsafe marks.map { unsafe $0[index &>> 3] &>> UInt8(truncatingIfNeeded: index & 7) & 1 == 1 } ?? false
      unsafe index &+= 1
      return unsafe (key, mark)
    }

    /// Sums wrap: a loaded table may claim anything.
    @inline(__always) mutating func nextCell() -> Cell {
      let requests = unsafe UInt32(truncatingIfNeeded: self.requests.next())
      var pageviews: UInt32 = 0, timed: UInt32 = 0, errors: UInt32 = 0, microseconds: UInt64 = 0
      switch unsafe kinds.pageviews {
      case .none: break
      case .all: pageviews = requests
      case .some: unsafe pageviews = requests &- UInt32(truncatingIfNeeded: unseen.next())
      }
      if unsafe kinds.hasErrors { unsafe errors = UInt32(truncatingIfNeeded: self.errors.next()) }
      let bytes = unsafe self.bytes.next() &* UInt64(max(1, requests)) &+ bytesRest.next()
      if unsafe kinds.timed != .none {
        timed = unsafe kinds.timed == .all ? requests : requests &- UInt32(truncatingIfNeeded: untimed.next())
        microseconds = unsafe time.next() &* UInt64(max(1, timed)) &+ timeRest.next()
      }
      return Cell(
        requests: requests, pageviews: pageviews, errors: errors, timed: timed, bytes: bytes, microseconds: microseconds)
    }
  }

  // MARK: Reading

  /// Calls `body` for each entry. `sketch` is the offset range of the sketch's bytes, from `start`.
  @inline(__always) @unsafe
  static func forEach(
    _ start: UnsafePointer<UInt8>, count: Int, _ body: (_ key: Int, _ cell: Cell, _ sketch: Range<Int>?) -> Void
  ) {
    guard let parts = unsafe parts(start, count: count) else { return }
    var (entries, sketches) = unsafe parts
    guard var columns = unsafe Columns(&entries) else { return }
    for _ in 0..<(unsafe columns.count) {
      let (key, isMarked) = unsafe columns.nextKey(), cell = unsafe columns.nextCell()
      guard isMarked else {
        body(key, cell, nil)
        continue
      }
      let bytes = unsafe Int(truncatingIfNeeded: sketches.varint() & 0xffff_ffff)
      guard let sketch = unsafe sketches.skip(bytes) else { return }
      let offset = unsafe sketch - start
      body(key, cell, offset..<offset + bytes)
    }
  }

  /// Calls `body` for each entry's key.
  @inline(__always) @unsafe
  static func forEachKey(_ start: UnsafePointer<UInt8>, count: Int, _ body: (_ key: Int) -> Void) {
    guard let parts = unsafe parts(start, count: count) else { return }
    var (entries, _) = unsafe parts
    guard var columns = unsafe Columns(&entries) else { return }
    for _ in 0..<(unsafe columns.count) { body(unsafe columns.nextKey().key) }
  }

  @unsafe private static func parts(
    _ start: UnsafePointer<UInt8>, count: Int
  ) -> (entries: ByteCursor, sketches: ByteCursor)? {
    guard count >= 4 else { return nil }
    let length = unsafe Int(UInt32(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)))
    guard length <= count - 4 else { return nil }
    return unsafe (ByteCursor(start + 4, count: length), ByteCursor(start + 4 + length, count: count - 4 - length))
  }

  /// Whether untrusted bytes are a table whose keys and sketches lie inside their bounds. Eight bytes past the end are read.
  @unsafe static func isValid(_ start: UnsafePointer<UInt8>, count: Int, codes: Int) -> Bool {
    guard let parts = unsafe parts(start, count: count) else { return false }
    var (entries, sketches) = unsafe parts
    guard var columns = unsafe Columns(&entries), unsafe entries.remaining == 0 else { return false }
    var previous = -1
    for _ in 0..<(unsafe columns.count) {
      let (key, isMarked) = unsafe columns.nextKey()
      guard key > previous, key < codes * 2 else { return false }
      previous = key
      guard isMarked else { continue }
      let bytes = unsafe sketches.varint()
      guard bytes < UInt64(count), let sketch = unsafe sketches.skip(Int(bytes)) else { return false }
      guard unsafe ValueSketches.isValidFrozen(sketch, count: Int(bytes)) else { return false }
    }
    return unsafe sketches.remaining == 0
  }
}
