/// Codes that nothing refers to any more are given to other strings.
///
/// ```
///  before   /a /b /c /d /e        slots of /b and /d are dropped, their codes join the free ones,
///  after    /a /c /e              and the strings that stay move together once gaps are a quarter of them
/// ```
extension LabelDictionary {
  /// Bytes of the arena that may lie idle behind `used` ones in use.
  static func mostGaps(_ used: Int) -> Int { used / 4 + 4_096 }

  /// Notes that a code was met in the hour of now.
  @inline(__always) func meet(_ code: Int) { unsafe uses.start[code] = hour }

  /// Calls `body` for each code in use, the two given ones aside, with the newest hour in which it was met.
  func forEachUse(_ body: (_ code: Int, _ lastUse: Int) -> Void) {
    for code in 2..<max(2, count) where !entries[code].isFree { body(code, Int(uses[code])) }
  }

  /// Seven eighths of the codes, of the bytes, or of what this service may have are in use.
  var isNearlyFull: Bool {
    liveCount * 8 > maxCodes * 7 || usedBytes * 8 > maxBytes * 7 || share?.isNearlyFull ?? false
  }

  /// Takes back every code in use that `isDead`, but never the two given ones; says how many.
  ///
  /// Strings may move and codes change their meaning: only while nobody reads without the owner's lock.
  @discardableResult
  mutating func takeBack(where isDead: (_ code: Int, _ lastUse: Int) -> Bool) -> Int {
    precondition(takesBack)
    var taken = 0
    for code in 2..<max(2, count) where !entries[code].isFree && isDead(code, Int(uses[code])) {
      usedBytes -= Int(entries[code].length)
      entries[code] = Entry(start: 0, length: Entry.free, extra: 0)
      news?.takeBack(code)
      taken += 1
    }
    if taken == 0 { return 0 }
    freeCount += taken
    share?.give(taken)
    linkFree()
    moveSlots(to: mask + 1) { [entries = unsafe entries.start] code in unsafe !entries[code].isFree }
    if arenaBytes - usedBytes > Self.mostGaps(usedBytes) { moveTogether() }
    return taken
  }

  /// Free codes in ascending order, so that codes depend on what is free and not on how it came to be.
  mutating func linkFree() {
    var next: UInt32 = 0
    for code in stride(from: count - 1, through: 2, by: -1) where entries[code].isFree {
      entries[code].start = next
      next = UInt32(code)
    }
    firstFree = next
  }

  /// Closes the gaps between strings, which stay in their order.
  private mutating func moveTogether() {
    var order: [UInt64] = []  // start ‖ code
    order.reserveCapacity(liveCount)
    for code in 0..<count where !entries[code].isFree { order.append(UInt64(entries[code].start) << 32 | UInt64(code)) }
    order.sort()
    var end = 0
    for place in order {
      let code = Int(place & 0xffff_ffff), length = Int(entries[code].length)
      if length > 0 { unsafe (arena.start + end).update(from: arena.start + Int(place >> 32), count: length) }
      entries[code].start = UInt32(end)
      end += length
    }
    arenaBytes = end
  }
}
