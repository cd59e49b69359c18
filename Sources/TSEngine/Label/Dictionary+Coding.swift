/// A dictionary in a snapshot.
///
/// ```
///  varint first code ‖ varint n ‖ hour (4), where codes are taken back
///  n × (varint length ‖ bytes ‖ varint extra ‖ varint hours since it was met)     the last only where codes are taken back
///      (varint 2,049)                                                             a code without a string
/// ```
/// Codes 0 and 1 are never written.
extension LabelDictionary {
  private static let freeLength = UInt64(maxStringBytes + 1)

  /// Writes the strings from `firstCode` on.
  package func encode(into writer: inout ByteWriter, from firstCode: Int) {
    let first = min(max(2, firstCode), count)
    writer.varint(UInt64(first))
    writer.varint(UInt64(count - first))
    if takesBack { writer.fixed(hour) }
    for code in first..<count {
      let entry = entries[code]
      if entry.isFree {
        writer.varint(Self.freeLength)
        continue
      }
      let text = unsafe buffer(code)
      writer.varint(UInt64(text.count))
      if let start = text.baseAddress { unsafe writer.bytes(start, count: text.count) }
      writer.varint(UInt64(entry.extra))
      if takesBack { writer.varint(UInt64(hour - min(hour, uses[code]))) }
    }
  }

  /// Adds what `encode` wrote; its first code must be `count`, and no code may be free. False, with nothing added, when the
  /// bytes are damaged or do not fit. Sizes are checked over the whole input before anything grows.
  package mutating func restore(from cursor: inout ByteCursor) -> Bool {
    let first = unsafe cursor.varint(), added = unsafe cursor.varint()
    let newHour = takesBack ? unsafe cursor.fixed(UInt32.self) : 0
    guard unsafe !cursor.isExhausted, freeCount == 0, first == UInt64(count), added <= UInt64(maxCodes - count) else {
      return false
    }
    guard let bytes = unsafe sizes(cursor, Int(added), newHour), bytes <= maxBytes - usedBytes else { return false }
    let before = (count, usedBytes, arenaBytes)
    hour = newHour
    for _ in 0..<added {
      let length = unsafe cursor.varint()
      if length == Self.freeLength {
        addFree()
        continue
      }
      let start = unsafe cursor.skip(Int(length))!, extra = unsafe UInt32(cursor.varint())
      guard let code = unsafe add(start, Int(length), extra) else {
        moveSlots(to: mask + 1) { code in code < before.0 }
        share?.give(liveCount - before.0)
        (count, usedBytes, arenaBytes, freeCount, firstFree) = (before.0, before.1, before.2, 0, 0)
        return false
      }
      if takesBack { uses[code] = unsafe newHour - UInt32(cursor.varint()) }
    }
    linkFree()
    return true
  }

  /// Bytes of all strings that follow; nil when something of them is damaged.
  @unsafe private func sizes(_ cursor: ByteCursor, _ added: Int, _ newHour: UInt32) -> Int? {
    var look = unsafe cursor, bytes = 0
    for _ in 0..<added {
      let length = unsafe look.varint()
      if length == Self.freeLength, takesBack { continue }
      guard length <= UInt64(Self.maxStringBytes), unsafe look.skip(Int(length)) != nil else { return nil }
      bytes += Int(length)
      guard unsafe look.varint() <= UInt64(UInt32.max) else { return nil }
      if takesBack, unsafe look.varint() > UInt64(newHour) { return nil }
    }
    return unsafe look.isExhausted ? nil : bytes
  }

  private mutating func addFree() {
    count += 1
    entries.grow(to: count)
    entries[count - 1] = Entry(start: 0, length: Entry.free, extra: 0)
    uses.grow(to: count)
    freeCount += 1
  }

  /// Adds one string at the end; nil when it is there already or does not fit.
  @unsafe private mutating func add(_ bytes: UnsafePointer<UInt8>, _ length: Int, _ extra: UInt32) -> Int? {
    guard count < maxCodes, usedBytes + length <= maxBytes else { return nil }
    // First into the arena, whose end is padded; it only stays if it is new.
    arena.grow(to: arenaBytes + length + 16)
    let copy = unsafe arena.start + arenaBytes
    unsafe copy.update(from: bytes, count: length)
    let hash = unsafe Self.mix(Self.hash(copy, count: length), extra)
    guard unsafe lookUp(copy, length, extra, hash) == nil else { return nil }
    let free = (freeCount, firstFree)
    (freeCount, firstFree) = (0, 0)  // a loaded code is where it was
    defer { (freeCount, firstFree) = free }
    share?.hold(1)
    return unsafe Int(append(copy, length, extra: extra, hash))
  }

  /// Gives a string the code that a journal says it had, which is the next one to be given; false when that cannot be. The
  /// bytes may be read eight past their end.
  mutating func assign(_ code: UInt64, _ bytes: UnsafePointer<UInt8>, _ length: Int, _ extra: UInt32) -> Bool {
    guard code == UInt64(nextCode), length <= Self.maxStringBytes, liveCount < maxCodes, usedBytes + length <= maxBytes else {
      return false
    }
    let hash = unsafe Self.mix(Self.hash(bytes, count: length), extra)
    guard unsafe lookUp(bytes, length, extra, hash) == nil else { return false }
    share?.hold(1)
    _ = unsafe append(bytes, length, extra: extra, hash)
    return true
  }

  /// Adds one string that may end where its memory does, whatever the doorkeeper says; false when it is there already or
  /// does not fit.
  mutating func restore(_ bytes: UnsafePointer<UInt8>, _ length: Int, _ extra: UInt32) -> Bool {
    unsafe add(bytes, length, extra) != nil
  }
}
