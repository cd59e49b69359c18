internal import Glibc

/// Strings ↔ codes of one dimension, with a cap on codes and on bytes.
///
/// A code is the order of arrival. Code 0 is `~other`: what was refused; code 1 is the empty string: nothing was sent.
/// Each entry carries `extra`, a number that belongs to its identity: the same referrer by two channels is two codes.
///
/// ```
///  slots    tag 32 ‖ code + 1 32, linear probing, at most ¾ full      8 bytes, twice as many when full
///  offsets  code → where its string begins; the next one is its end   4 bytes
///  extras   code → extra                                              4 bytes
///  arena    strings end to end                                        their bytes
/// ```
/// The tag, the upper half of the hash, also says where to look first: so growing moves slots without reading a string.
/// Codes and strings stay readable while others are added: where they were, they stay. More than half
/// full, a string gets in only at its second sight (`Doorkeeper`); what does not get in is code 0 and counted in `overflow`.
///
/// Guarded by the lock of whoever owns it.
package struct LabelDictionary: ~Copyable {
  package static let other: UInt32 = 0, none: UInt32 = 1
  package static let maxStringBytes = 2_048
  private static let firstSlots = 16

  package let maxCodes: Int, maxBytes: Int
  package private(set) var count = 0
  /// Bytes of all strings.
  package private(set) var usedBytes = 0
  /// How often a string was refused.
  package private(set) var overflow = 0
  private var mask = Self.firstSlots - 1
  private var slots: Column<UInt64>
  private var offsets: Column<UInt32>
  private var extras: Column<UInt32>
  private var arena: Column<UInt8>
  private var door: Doorkeeper
  private let share: CommonLimit.Share?

  /// - Parameters:
  ///   - maxCodes: how many strings, the two given ones included; below 2^31.
  ///   - maxBytes: of all strings together; below 2^31.
  package init(maxCodes: Int, maxBytes: Int, pool: PagePool) {
    self.init(maxCodes: maxCodes, maxBytes: maxBytes, share: nil, pool: pool)
  }

  /// - Parameter share: of the codes that all services may hold together.
  init(maxCodes: Int, maxBytes: Int, share: CommonLimit.Share?, pool: PagePool) {
    self.share = share
    precondition(maxCodes >= 2 && maxCodes < 1 << 31 && maxBytes >= 8 && maxBytes < 1 << 31)
    (self.maxCodes, self.maxBytes) = (maxCodes, maxBytes)
    var slotLimit = Self.firstSlots
    while slotLimit * 3 < maxCodes * 4 { slotLimit *= 2 }
    slots = Column(capacity: slotLimit, count: Self.firstSlots, pool: pool)
    offsets = Column(capacity: maxCodes + 1, count: 1, keepsPlaces: true, pool: pool)
    extras = Column(capacity: maxCodes, keepsPlaces: true, pool: pool)
    // Eight-byte reads may pass the last string.
    arena = Column(capacity: maxBytes + 16, count: 16, keepsPlaces: true, pool: pool)
    door = Doorkeeper(pool: pool)
    for given in ["~other", ""] {
      var given = given
      given.withUTF8 { text in
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { padded in
          unsafe padded.initialize(repeating: 0)
          for index in text.indices { unsafe padded[index] = text[index] }
          let start = unsafe UnsafePointer(padded.baseAddress!)
          unsafe append(start, text.count, extra: 0, Self.mix(Self.hash(start, count: text.count), 0))
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

  @inline(__always) private static func mix(_ hash: UInt64, _ extra: UInt32) -> UInt64 {
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
    let hash = unsafe Self.mix(Self.hash(bytes, count: count), extra)
    if let known = unsafe lookUp(bytes, count, extra, hash) { return (known, false) }
    return unsafe insert(bytes, count, extra, hash)
  }

  /// More than half full: a string that was not seen before is refused.
  package var isCrowded: Bool { count * 2 > maxCodes || usedBytes * 2 > maxBytes || share?.isCrowded ?? false }

  /// The code of a string that is in already. Reads up to eight bytes past the end.
  package func known(_ bytes: UnsafePointer<UInt8>, count: Int) -> UInt32? {
    unsafe lookUp(bytes, count, 0, Self.mix(Self.hash(bytes, count: count), 0))
  }

  @inline(__always)
  private func lookUp(_ bytes: UnsafePointer<UInt8>, _ length: Int, _ extra: UInt32, _ hash: UInt64) -> UInt32? {
    let slots = unsafe self.slots.start, offsets = unsafe self.offsets.start, tag = hash &>> 32
    var at = Int(truncatingIfNeeded: tag) & mask
    while true {
      let slot = unsafe slots[at]
      if slot == 0 { return nil }
      if slot &>> 32 == tag {
        let code = Int(truncatingIfNeeded: slot & 0xffff_ffff) &- 1
        let start = unsafe Int(offsets[code])
        if unsafe Int(offsets[code &+ 1]) &- start == length, unsafe extras.start[code] == extra,
          unsafe Self.equal(arena.start + start, bytes, length)
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
    guard length <= Self.maxStringBytes, count < maxCodes, usedBytes + length <= maxBytes, !isCrowded || door.knock(hash),
      share?.take(1) ?? true
    else {
      overflow += 1
      return (Self.other, false)
    }
    unsafe append(bytes, length, extra: extra, hash)
    return (UInt32(count - 1), true)
  }

  private mutating func append(_ bytes: UnsafePointer<UInt8>, _ length: Int, extra: UInt32, _ hash: UInt64) {
    if (count + 1) * 4 > (mask + 1) * 3 { growSlots() }
    arena.grow(to: usedBytes + length + 16)
    offsets.grow(to: count + 2)
    extras.grow(to: count + 1)
    unsafe (arena.start + usedBytes).update(from: bytes, count: length)
    usedBytes += length
    extras[count] = extra
    count += 1
    offsets[count] = UInt32(usedBytes)
    place(hash, code: count - 1)
  }

  private func place(_ hash: UInt64, code: Int) { place((hash >> 32) << 32 | UInt64(code + 1)) }  // zero means free

  private func place(_ slot: UInt64) {
    var at = Int(truncatingIfNeeded: slot >> 32) & mask
    while slots[at] != 0 { at = (at + 1) & mask }
    slots[at] = slot
  }

  /// Twice as many slots, filled from a copy of the old ones: 1 ns a slot, where hashing the strings again takes 20.
  private mutating func growSlots() {
    let old = mask + 1
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: old) { copy in
      let from = copy.baseAddress!
      unsafe from.initialize(from: slots.start, count: old)
      mask = old * 2 - 1
      slots.clear()
      slots.grow(to: old * 2)
      for at in 0..<old where unsafe from[at] != 0 { unsafe place(from[at]) }
    }
  }

  /// After strings were taken back.
  private func rebuildSlots() {
    slots.clear()
    for code in 0..<count { place(hash(ofCode: code), code: code) }
  }

  private func hash(ofCode code: Int) -> UInt64 {
    let start = Int(offsets[code])
    return unsafe Self.mix(Self.hash(arena.start + start, count: Int(offsets[code + 1]) - start), extras[code])
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
          let from = Int(offsets[code])
          if Int(offsets[code + 1]) - from == text.count, unsafe Self.equal(arena.start + from, start, text.count) {
            return UInt32(code)
          }
        }
        return nil
      }
    }
  }

  /// Every code in order with its bytes, which `body` must not keep.
  package func forEachCode(_ body: (_ code: UInt32, _ bytes: UnsafeBufferPointer<UInt8>, _ extra: UInt32) -> Void) {
    for code in 0..<count { unsafe body(UInt32(code), buffer(code), extras[code]) }
  }

  /// The text of a code; bytes that are not UTF-8 become U+FFFD.
  package func string(_ code: UInt32) -> String { unsafe String(decoding: buffer(Int(code)), as: UTF8.self) }

  @inline(__always) package func withBytes<R>(_ code: UInt32, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    unsafe body(buffer(Int(code)))
  }

  @inline(__always) package func extra(_ code: UInt32) -> UInt32 { extras[Int(code)] }

  private func buffer(_ code: Int) -> UnsafeBufferPointer<UInt8> {
    let start = Int(offsets[code])
    return unsafe UnsafeBufferPointer(start: arena.start + start, count: Int(offsets[code + 1]) - start)
  }

  /// Memory of all columns.
  package var memoryBytes: Int { slots.bytes + offsets.bytes + extras.bytes + arena.bytes + door.memoryBytes }

  // MARK: Coding

  // varint first code ‖ varint n ‖ n × (varint length ‖ bytes ‖ varint extra)

  /// Writes the strings from `firstCode` on; codes 0 and 1 are never written.
  package func encode(into writer: inout ByteWriter, from firstCode: Int) {
    let first = min(max(2, firstCode), count)
    writer.varint(UInt64(first))
    writer.varint(UInt64(count - first))
    for code in first..<count {
      let text = unsafe buffer(code)
      writer.varint(UInt64(text.count))
      if let start = text.baseAddress { unsafe writer.bytes(start, count: text.count) }
      writer.varint(UInt64(extras[code]))
    }
  }

  /// Adds what `encode` wrote; its first code must be `count`. False, with nothing added, when the bytes are damaged or do
  /// not fit. Sizes are checked over the whole input before anything grows.
  package mutating func restore(from cursor: inout ByteCursor) -> Bool {
    let first = unsafe cursor.varint(), added = unsafe cursor.varint()
    guard unsafe !cursor.isExhausted, first == UInt64(count), added <= UInt64(maxCodes - count) else { return false }
    var look = unsafe cursor, bytes = 0
    for _ in 0..<added {
      let length = unsafe look.varint()
      guard length <= UInt64(Self.maxStringBytes), unsafe look.skip(Int(length)) != nil else { return false }
      bytes += Int(length)
      guard unsafe look.varint() <= UInt64(UInt32.max), unsafe !look.isExhausted else { return false }
    }
    guard bytes <= maxBytes - usedBytes else { return false }
    let before = (count, usedBytes)
    for _ in 0..<added {
      let length = unsafe Int(cursor.varint()), start = unsafe cursor.skip(length)!, extra = unsafe UInt32(cursor.varint())
      guard unsafe restore(start, length, extra) else {
        (count, usedBytes) = before
        rebuildSlots()
        return false
      }
    }
    return true
  }

  /// Adds one string that may end where its memory does, whatever the doorkeeper says; false when it is there already or
  /// does not fit.
  mutating func restore(_ bytes: UnsafePointer<UInt8>, _ length: Int, _ extra: UInt32) -> Bool {
    guard count < maxCodes, usedBytes + length <= maxBytes else { return false }
    // First into the arena, whose end is padded; it only stays if it is new.
    arena.grow(to: usedBytes + length + 16)
    let copy = unsafe arena.start + usedBytes
    unsafe copy.update(from: bytes, count: length)
    let hash = unsafe Self.mix(Self.hash(copy, count: length), extra)
    guard unsafe lookUp(copy, length, extra, hash) == nil else { return false }
    unsafe append(copy, length, extra: extra, hash)
    share?.hold(1)
    return true
  }
}
