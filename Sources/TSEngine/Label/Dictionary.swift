internal import Glibc

/// Strings ↔ codes of one dimension, with a cap on codes and on bytes.
///
/// A code is given at a string's first sight: the smallest one that was taken back, else the next. Code 0 is `~other`: what
/// was refused; code 1 is the empty string: nothing was sent. Each entry carries `extra`, a number that belongs to its
/// identity: the same referrer by two channels is two codes.
///
/// ```
///  slots    tag 32 ‖ code + 1 32, linear probing, at most ¾ full               8 bytes, twice as many when full
///  entries  code → start of its string, length, extra; or the next free code   12 bytes
///  uses     code → newest hour in which it was met, where codes are taken back  4 bytes
///  arena    strings in the order they came                                     their bytes
/// ```
/// The tag, the upper half of the hash, also says where to look first: so growing moves slots without reading a string.
/// Codes and strings stay readable while others are added: where they were, they stay, until `takeBack`, which needs a moment
/// without readers. More than half full, a string gets in only at its second sight (`Doorkeeper`); what does not get in is
/// code 0 and counted in `overflow`.
///
/// Guarded by the lock of whoever owns it.
package struct LabelDictionary: ~Copyable {
  package static let other: UInt32 = 0, none: UInt32 = 1
  package static let maxStringBytes = 2_048
  private static let firstSlots = 16

  struct Entry: BitwiseCopyable {
    var start: UInt32, length: UInt32, extra: UInt32
    /// The length of a code without a string; `start` is then the next free code, ascending, 0 for none.
    static let free = UInt32.max
    var isFree: Bool { length == Self.free }
  }

  package let maxCodes: Int, maxBytes: Int
  /// Codes are below it.
  package internal(set) var count = 0
  /// Codes without a string at present, and the smallest of them.
  package internal(set) var freeCount = 0
  var firstFree: UInt32 = 0
  /// Bytes of all strings, and of the arena with the gaps that strings taken back have left.
  package internal(set) var usedBytes = 0
  var arenaBytes = 0
  /// How often a string was refused.
  package private(set) var overflow = 0
  /// The newest hour, moved on by the owner; codes met are noted with it.
  var hour: UInt32 = 0
  var mask = Self.firstSlots - 1
  var slots: Column<UInt64>
  var entries: Column<Entry>
  var uses: Column<UInt32>
  var arena: Column<UInt8>
  private var door: Doorkeeper
  let share: CommonLimit.Share?
  let takesBack: Bool
  /// Told of every code that is given or taken back.
  var news: NewCodes.Place?

  /// - Parameters:
  ///   - maxCodes: how many strings, the two given ones included; below 2^31.
  ///   - maxBytes: of all strings together; below 2^31.
  package init(maxCodes: Int, maxBytes: Int, pool: PagePool) {
    self.init(maxCodes: maxCodes, maxBytes: maxBytes, share: nil, takesBack: false, pool: pool)
  }

  /// - Parameters:
  ///   - share: of the codes that all services may hold together.
  ///   - takesBack: whether uses are noted, so that codes can be taken back.
  init(maxCodes: Int, maxBytes: Int, share: CommonLimit.Share?, takesBack: Bool, pool: PagePool) {
    (self.share, self.takesBack) = (share, takesBack)
    precondition(maxCodes >= 2 && maxCodes < 1 << 31 && maxBytes >= 8 && maxBytes < 1 << 31)
    (self.maxCodes, self.maxBytes) = (maxCodes, maxBytes)
    var slotLimit = Self.firstSlots
    while slotLimit * 3 < maxCodes * 4 { slotLimit *= 2 }
    slots = Column(capacity: slotLimit, count: Self.firstSlots, pool: pool)
    entries = Column(capacity: maxCodes, keepsPlaces: true, pool: pool)
    uses = Column(capacity: takesBack ? maxCodes : 1, pool: pool)
    // With its gaps (`mostGaps`); eight-byte reads may pass the last string.
    arena = Column(capacity: 2 * maxBytes + Self.mostGaps(0) + 16, count: 16, keepsPlaces: true, pool: pool)
    door = Doorkeeper(pool: pool)
    for given in ["~other", ""] {
      var given = given
      given.withUTF8 { text in
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { padded in
          unsafe padded.initialize(repeating: 0)
          for index in text.indices { unsafe padded[index] = text[index] }
          let start = unsafe UnsafePointer(padded.baseAddress!)
          _ = unsafe append(start, text.count, extra: 0, Self.mix(Self.hash(start, count: text.count), 0))
        }
      }
    }
  }

  // MARK: Hashing

  /// Chosen at random when the process starts, so that nobody can send strings that collide (RELIABILITY S8).
  private static let seed: (start: UInt64, factor: UInt64) = {
    var random = SystemRandomNumberGenerator()
    return (random.next(), random.next() | 1)
  }()

  @inline(__always) private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }

  /// A keyed hash, eight bytes a step; may read eight bytes past the end. Never written to disk.
  @inline(__always)
  package static func hash(_ bytes: UnsafePointer<UInt8>, count: Int) -> UInt64 {
    let (start, factor) = seed
    var hash = start, at = 0
    while at &+ 8 <= count {
      unsafe hash = fold(hash ^ word(bytes, at), factor)
      at &+= 8
    }
    let left = count &- at
    let rest = unsafe left == 0 ? 0 : word(bytes, at) & (~0 &>> UInt64(truncatingIfNeeded: 64 &- 8 &* left))
    return fold(fold(hash ^ rest, factor) ^ UInt64(truncatingIfNeeded: count), factor)
  }

  @inline(__always) static func mix(_ hash: UInt64, _ extra: UInt32) -> UInt64 {
    extra == 0 ? hash : fold(hash ^ UInt64(extra), seed.factor)
  }

  @inline(__always) private static func word(_ bytes: UnsafePointer<UInt8>, _ at: Int) -> UInt64 {
    unsafe UInt64(littleEndian: UnsafeRawPointer(bytes + at).loadUnaligned(as: UInt64.self))
  }

  /// Equal bytes, eight a step; both sides readable eight bytes past their ends.
  @inline(__always)
  private static func equal(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var at = 0
    while at &+ 8 <= count {
      if unsafe word(a, at) != word(b, at) { return false }
      at &+= 8
    }
    let left = count &- at
    if left == 0 { return true }
    return unsafe (word(a, at) ^ word(b, at)) &<< UInt64(truncatingIfNeeded: 64 &- 8 &* left) == 0
  }

  // MARK: Interning

  /// The code of a string, made at its first sight; 0 when it is refused. Reads up to eight bytes past the end.
  @inline(__always)
  package mutating func code(_ bytes: UnsafePointer<UInt8>, count: Int, extra: UInt32) -> (code: UInt32, isNew: Bool) {
    unsafe code(bytes, count: count, extra: extra, hash: Self.hash(bytes, count: count))
  }

  /// The same with the hash of the bytes, for who has asked for the places it leads to.
  @inline(__always)
  mutating func code(
    _ bytes: UnsafePointer<UInt8>, count: Int, extra: UInt32, hash: UInt64
  ) -> (code: UInt32, isNew: Bool) {
    let hash = Self.mix(hash, extra)
    if let known = unsafe lookUp(bytes, count, extra, hash) { return (known, false) }
    return unsafe insert(bytes, count, extra, hash)
  }

  /// Ask, one after the other, for what looking up a hash will touch.
  @inline(__always) func prefetchSlot(_ hash: UInt64) {
    unsafe prefetch(slots.start + (Int(truncatingIfNeeded: hash &>> 32) & mask))
  }
  @inline(__always) func prefetchEntry(_ hash: UInt64) { unsafe prefetch(entries.start + likelyCode(hash)) }
  @inline(__always) func prefetchString(_ hash: UInt64) {
    unsafe prefetch(arena.start + Int(entries.start[likelyCode(hash)].start))
  }
  @inline(__always) private func likelyCode(_ hash: UInt64) -> Int {
    let slot = unsafe slots.start[Int(truncatingIfNeeded: hash &>> 32) & mask]
    return max(0, Int(truncatingIfNeeded: slot & 0xffff_ffff) &- 1)
  }

  /// Codes that stand for a string.
  package var liveCount: Int { count - freeCount }

  /// More than half full: a string that was not seen before is refused.
  package var isCrowded: Bool { liveCount * 2 > maxCodes || usedBytes * 2 > maxBytes || share?.isCrowded ?? false }

  /// The code of a string that is in already. Reads up to eight bytes past the end.
  package func known(_ bytes: UnsafePointer<UInt8>, count: Int) -> UInt32? {
    unsafe lookUp(bytes, count, 0, Self.mix(Self.hash(bytes, count: count), 0))
  }

  @inline(__always)
  func lookUp(_ bytes: UnsafePointer<UInt8>, _ length: Int, _ extra: UInt32, _ hash: UInt64) -> UInt32? {
    let slots = unsafe self.slots.start, entries = unsafe self.entries.start, tag = hash &>> 32
    var at = Int(truncatingIfNeeded: tag) & mask
    while true {
      let slot = unsafe slots[at]
      if slot == 0 { return nil }
      if slot &>> 32 == tag {
        let code = Int(truncatingIfNeeded: slot & 0xffff_ffff) &- 1
        let entry = unsafe entries[code]
        if Int(entry.length) == length, entry.extra == extra,
          unsafe Self.equal(arena.start + Int(entry.start), bytes, length)
        {
          return UInt32(truncatingIfNeeded: code)
        }
      }
      at = (at &+ 1) & mask
    }
  }

  @inline(never)
  private mutating func insert(
    _ bytes: UnsafePointer<UInt8>, _ length: Int, _ extra: UInt32, _ hash: UInt64
  ) -> (code: UInt32, isNew: Bool) {
    guard length <= Self.maxStringBytes, liveCount < maxCodes, usedBytes + length <= maxBytes, !isCrowded || door.knock(hash),
      share?.take(1) ?? true
    else {
      overflow += 1
      return (Self.other, false)
    }
    return (unsafe append(bytes, length, extra: extra, hash), true)
  }

  /// Gives a string the smallest free code, or the next.
  @unsafe mutating func append(_ bytes: UnsafePointer<UInt8>, _ length: Int, extra: UInt32, _ hash: UInt64) -> UInt32 {
    if (liveCount + 1) * 4 > (mask + 1) * 3 { growSlots() }
    arena.grow(to: arenaBytes + length + 16)
    unsafe (arena.start + arenaBytes).update(from: bytes, count: length)
    let code = takeCode()
    entries[code] = Entry(start: UInt32(arenaBytes), length: UInt32(length), extra: extra)
    arenaBytes += length
    usedBytes += length
    if takesBack {
      uses.grow(to: count)
      uses[code] = hour
    }
    place(hash, code: code)
    news?.give(code)
    return UInt32(code)
  }

  /// The code that the next new string gets.
  var nextCode: Int { freeCount > 0 ? Int(firstFree) : count }

  private mutating func takeCode() -> Int {
    if freeCount > 0 {
      let code = Int(firstFree)
      firstFree = entries[code].start
      freeCount -= 1
      return code
    }
    count += 1
    entries.grow(to: count)
    return count - 1
  }

  func place(_ hash: UInt64, code: Int) { place((hash >> 32) << 32 | UInt64(code + 1)) }  // zero means free

  func place(_ slot: UInt64) {
    var at = Int(truncatingIfNeeded: slot >> 32) & mask
    while slots[at] != 0 { at = (at + 1) & mask }
    slots[at] = slot
  }

  /// Twice as many slots, filled from a copy of the old ones: 1 ns a slot, where hashing the strings again takes 20.
  private mutating func growSlots() { moveSlots(to: (mask + 1) * 2) { _ in true } }

  /// Places the slots anew that are to stay.
  mutating func moveSlots(to newCount: Int, where stays: (_ code: Int) -> Bool) {
    let old = mask + 1
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: old) { copy in
      let from = copy.baseAddress!
      unsafe from.initialize(from: slots.start, count: old)
      mask = newCount - 1
      slots.clear()
      slots.grow(to: newCount)
      for at in 0..<old {
        let slot = unsafe from[at]
        if slot != 0, stays(Int(slot & 0xffff_ffff) - 1) { place(slot) }
      }
    }
  }

  // MARK: Looking up

  /// The code of a string; without `extra`, the first one of that string (linear in the number of codes).
  package func find(_ string: String, extra: UInt32? = nil) -> UInt32? {
    var string = string
    return string.withUTF8 { text in
      unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: text.count + 8) { padded in
        unsafe padded.initialize(repeating: 0)
        for index in text.indices { unsafe padded[index] = text[index] }
        let start = unsafe UnsafePointer(padded.baseAddress!)
        if let extra {
          return unsafe lookUp(start, text.count, extra, Self.mix(Self.hash(start, count: text.count), extra))
        }
        for code in 0..<count {
          let entry = entries[code]
          if Int(entry.length) == text.count, unsafe Self.equal(arena.start + Int(entry.start), start, text.count) {
            return UInt32(code)
          }
        }
        return nil
      }
    }
  }

  /// Every code that has a string, in order, with its bytes, which `body` must not keep.
  package func forEachCode(_ body: (_ code: UInt32, _ bytes: UnsafeBufferPointer<UInt8>, _ extra: UInt32) -> Void) {
    for code in 0..<count where !entries[code].isFree { unsafe body(UInt32(code), buffer(code), entries[code].extra) }
  }

  package func isFree(_ code: UInt32) -> Bool { entries[Int(code)].isFree }

  /// The text of a code; bytes that are not UTF-8 become U+FFFD.
  package func string(_ code: UInt32) -> String { unsafe String(decoding: buffer(Int(code)), as: UTF8.self) }

  @inline(__always) package func withBytes<R>(_ code: UInt32, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    unsafe body(buffer(Int(code)))
  }

  @inline(__always) package func extra(_ code: UInt32) -> UInt32 { entries[Int(code)].extra }

  /// Empty for a free code.
  @unsafe func buffer(_ code: Int) -> UnsafeBufferPointer<UInt8> {
    let entry = entries[code]
    return unsafe UnsafeBufferPointer(start: arena.start + Int(entry.start), count: entry.isFree ? 0 : Int(entry.length))
  }

  /// Memory of all columns.
  package var memoryBytes: Int { slots.bytes + entries.bytes + uses.bytes + arena.bytes + door.memoryBytes }
}
