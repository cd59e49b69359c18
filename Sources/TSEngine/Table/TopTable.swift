/// A closed table of one dimension: the values with the largest sums, and `~other`.
///
/// ```
///  bytes of the entries (4) ‖ n ‖ entry… ‖ sketch…
///  entry:  key gap ‖ cell, its flag set when a sketch of this key follows behind all entries
///  sketch: bytes ‖ frozen visitors (p = 10), in the order of the flagged entries
/// ```
/// A value is chosen by people + bots, and each of its two keys keeps its own numbers: lists by audience stay exact, and
/// cutting by key would lose the smaller audience. Ties go to the smaller code, so that exactly the limit is kept.
enum TopTable {
  /// Calls `body` for each entry. `sketch` is the offset range of the sketch's bytes, from `start`.
  @inline(__always) @unsafe
  static func forEach(
    _ start: UnsafePointer<UInt8>, count: Int, _ body: (_ key: Int, _ cell: Cell, _ sketch: Range<Int>?) -> Void
  ) {
    guard count >= 4 else { return }
    let length = unsafe Int(UInt32(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)))
    guard length <= count - 4 else { return }
    var cursor = unsafe ByteCursor(start + 4, count: length)
    var sketches = unsafe ByteCursor(start + 4 + length, count: count - 4 - length)
    var key = -1
    let n = unsafe cursor.varint()
    for _ in 0..<n {
      key &+= unsafe Int(truncatingIfNeeded: cursor.varint() & 0xffff_ffff) &+ 1
      let (cell, flag) = unsafe Cell.decode(from: &cursor)
      if unsafe cursor.isExhausted { return }
      guard flag else {
        body(key, cell, nil)
        continue
      }
      let bytes = unsafe Int(truncatingIfNeeded: sketches.varint() & 0xffff_ffff)
      guard let sketch = unsafe sketches.skip(bytes) else { return }
      let offset = unsafe sketch - start
      body(key, cell, offset..<offset + bytes)
    }
  }

  /// Whether untrusted bytes are a table whose keys and sketches lie inside their bounds.
  @unsafe static func isValid(_ start: UnsafePointer<UInt8>, count: Int, codes: Int) -> Bool {
    guard count >= 4 else { return false }
    let length = unsafe Int(UInt32(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)))
    guard length <= count - 4 else { return false }
    var cursor = unsafe ByteCursor(start + 4, count: length)
    var sketches = unsafe ByteCursor(start + 4 + length, count: count - 4 - length)
    var key = -1
    let n = unsafe cursor.varint()
    guard n <= UInt64(codes) * 2 else { return false }
    for _ in 0..<n {
      let gap = unsafe cursor.varint()
      guard gap < UInt64(codes) * 2 else { return false }
      key += Int(gap) + 1
      let (_, flag) = unsafe Cell.decode(from: &cursor)
      guard unsafe !cursor.isExhausted, key < codes * 2 else { return false }
      guard flag else { continue }
      let bytes = unsafe sketches.varint()
      guard bytes < UInt64(count), let sketch = unsafe sketches.skip(Int(bytes)) else { return false }
      guard unsafe ValueSketches.isValidFrozen(sketch, count: Int(bytes)) else { return false }
    }
    return unsafe cursor.remaining == 0 && sketches.remaining == 0
  }
}
