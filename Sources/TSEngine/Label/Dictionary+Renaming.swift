extension LabelDictionary {
  /// Gives a code another string, which no code may have yet; false when there is no room. What it was called stays in
  /// memory until strings move, and is in no snapshot from now on.
  ///
  /// Only while nobody reads without the owner's lock.
  mutating func rename(_ code: Int, to name: String) -> Bool {
    let entry = entries[code], bytes = Array(name.utf8)
    guard !entry.isFree, bytes.count <= Self.maxStringBytes, find(name, extra: entry.extra) == nil,
      usedBytes - Int(entry.length) + bytes.count <= maxBytes, arenaBytes + bytes.count <= 2 * maxBytes
    else { return false }
    moveSlots(to: mask + 1) { $0 != code }
    arena.grow(to: arenaBytes + bytes.count + 16)
    for (index, byte) in bytes.enumerated() { arena[arenaBytes + index] = byte }
    entries[code] = Entry(start: UInt32(arenaBytes), length: UInt32(bytes.count), extra: entry.extra)
    let start = unsafe UnsafePointer(arena.start + arenaBytes)
    place(unsafe Self.mix(Self.hash(start, count: bytes.count), entry.extra), code: code)
    arenaBytes += bytes.count
    usedBytes += bytes.count - Int(entry.length)
    return true
  }

  func isFree(_ code: Int) -> Bool { entries[code].isFree }
}
