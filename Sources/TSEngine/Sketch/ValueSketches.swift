internal import Glibc

/// The visitors of every value (path, country, browser, …) of one open day: a list of tokens while they are few, 2^10
/// registers when they are many, all in one arena.
///
/// What a key has is one word, kept by the caller in an array by code, zero at first:
/// ```
///  63     56 55    48 47      32 31               0
///  0         class    n tokens   offset / 16          class 0: nothing · 4 … 10: a list of 2^class bytes · 255: registers
///
///  list   16 B ─► 32 ─► … ─► 1,024 B = 256 tokens ─► 1,024 registers: the same size, so both share a free list
/// ```
/// A full list is sorted and freed of repetitions first; it moves to the next size only when that leaves it more than ¾
/// full. Lists are exact up to the collisions of tokens, registers err by 3.2 %.
///
/// When the arena is full, new visitors of small values are dropped and counted in `refused`; registers go on counting.
struct ValueSketches: ~Copyable {
  static let precision = HyperLogLog.valuePrecision
  private static let registersClass = 255, smallestClass = 4, largestClass = 10
  /// Distinct tokens that a full list keeps; with more it becomes registers.
  private static let mostListed = (1 << (largestClass - 2)) / 8 * 7
  /// How much `freeze` may write.
  static let maxFrozenBytes = max(1 + TokenList.maxFrozenBytes(count: 256), HyperLogLog.maxFrozenBytes(p: precision))

  private(set) var usedBytes = 0
  /// Visitors that found no room since the last `removeAll`.
  private(set) var refused = 0
  private var arena: Column<UInt8>
  private let share: CommonLimit.Share?
  private var free = InlineArray<11, Int>(repeating: -1)  // by class: offset of the first free place, which holds the next

  /// - Parameters:
  ///   - capacityBytes: of the arena; memory is taken as it fills.
  ///   - share: of the bytes that all services may fill together.
  init(pool: PagePool, capacityBytes: Int, share: CommonLimit.Share? = nil) {
    self.share = share
    precondition(capacityBytes >= 1_024 && capacityBytes >> 4 <= UInt32.max)
    arena = Column(capacity: capacityBytes, pool: pool)
  }

  /// Forgets all sketches and gives their memory back; the words of the keys must be zeroed by the caller.
  mutating func removeAll() {
    arena.removeAll()
    share?.give(usedBytes)
    free = InlineArray(repeating: -1)
    (usedBytes, refused) = (0, 0)
  }

  var memoryBytes: Int { arena.bytes }

  // MARK: Adding

  /// Counts a visitor of `key` in; `register` and `rank` are those of the token at p = 10, computed once for all dimensions.
  @inline(__always)
  mutating func add(_ meta: UnsafeMutablePointer<UInt64>, key: Int, token: UInt32, register: Int, rank: UInt8) {
    let word = unsafe meta[key]
    if word >= UInt64(Self.registersClass) &<< 48 {
      let place = unsafe arena.start + (Self.offset(word) &+ register)
      if unsafe place.pointee < rank { unsafe place.pointee = rank }
      return
    }
    let kind = Self.kind(word), count = Self.tokens(word)
    if kind != 0, count < 1 &<< (kind &- 2) {
      let list = unsafe list(word)
      if unsafe list[count &- 1] == token { return }  // a visitor asks for many things at once
      unsafe list[count] = token
      unsafe meta[key] = word &+ 1 &<< 32
      return
    }
    unsafe addSlowly(meta, key, VisitorToken(rawValue: token))
  }

  /// Asks for what `add` will touch of the key that has this word.
  @inline(__always) func prefetchVisitors(_ word: UInt64, register: Int) {
    let place = unsafe arena.start + Self.offset(word)
    unsafe prefetch(place + (word >= UInt64(Self.registersClass) &<< 48 ? register : Self.tokens(word) &* 4))
  }

  /// The first visitor of a key, or one that finds its list full.
  @inline(never)
  private mutating func addSlowly(_ meta: UnsafeMutablePointer<UInt64>, _ key: Int, _ token: VisitorToken) {
    let word = unsafe meta[key], kind = Self.kind(word)
    if kind == 0 {
      guard let place = allocate(Self.smallestClass) else { return }
      unsafe meta[key] = Self.word(place, count: 1, kind: Self.smallestClass)
      unsafe list(meta[key])[0] = token.rawValue
      return
    }
    let count = sortList(word), room = 1 << (kind - 2)
    if count * 8 <= room * (kind < Self.largestClass ? 6 : 7) {
      unsafe meta[key] = Self.word(Self.offset(word), count: count + 1, kind: kind)
      unsafe list(word)[count] = token.rawValue
    } else if kind < Self.largestClass {
      guard let place = allocate(kind + 1) else {
        unsafe meta[key] = Self.word(Self.offset(word), count: count, kind: kind)
        return
      }
      let grown = Self.word(place, count: count + 1, kind: kind + 1)
      unsafe list(grown).update(from: list(word), count: count)
      unsafe list(grown)[count] = token.rawValue
      release(Self.offset(word), kind)
      unsafe meta[key] = grown
    } else {
      unsafe meta[key] = Self.word(Self.offset(word), count: count, kind: kind)
      if unsafe makeRegisters(meta, key) {
        unsafe HyperLogLog.insert(token, into: arena.start + Self.offset(meta[key]), p: Self.precision)
      }
    }
  }

  /// Turns what a key has into registers; false, with nothing changed, when there is no room.
  private mutating func makeRegisters(_ meta: UnsafeMutablePointer<UInt64>, _ key: Int) -> Bool {
    let word = unsafe meta[key]
    if Self.kind(word) == Self.registersClass { return true }
    guard let place = allocate(Self.largestClass) else { return false }
    unsafe (arena.start + place).update(repeating: 0, count: 1 << Self.precision)
    unsafe merge(word, into: arena.start + place)
    if Self.kind(word) != 0 { release(Self.offset(word), Self.kind(word)) }
    unsafe meta[key] = Self.word(place, count: 0, kind: Self.registersClass)
    return true
  }

  // MARK: Reading

  /// Merges the visitors of a key into 2^10 registers.
  func merge(_ word: UInt64, into registers: UnsafeMutablePointer<UInt8>) {
    if Self.kind(word) == Self.registersClass {
      return unsafe HyperLogLog.merge(arena.start + Self.offset(word), into: registers, p: Self.precision)
    }
    let tokens = unsafe list(word)
    for index in 0..<Self.tokens(word) {
      unsafe HyperLogLog.insert(VisitorToken(rawValue: tokens[index]), into: registers, p: Self.precision)
    }
  }

  /// The visitors of a key: exact to the collisions of tokens while they are few. Sorts its list.
  mutating func estimate(_ word: UInt64) -> Double {
    switch Self.kind(word) {
    case 0: return 0
    case Self.registersClass: return unsafe HyperLogLog.estimate(arena.start + Self.offset(word), p: Self.precision)
    default: return TokenList.estimate(distinct: sortList(word))
    }
  }

  // MARK: Coding

  // Frozen: 0x03 ‖ token list, or a frozen HyperLogLog of p = 10, whose first byte is another; empty: 0x00.
  private static let listTag: UInt8 = 3

  /// Writes at most `maxFrozenBytes` and returns how many. Sorts the list of the key.
  mutating func freeze(_ word: UInt64, into out: UnsafeMutablePointer<UInt8>) -> Int {
    switch Self.kind(word) {
    case 0:
      unsafe out[0] = 0
      return 1
    case Self.registersClass:
      return unsafe HyperLogLog.freeze(arena.start + Self.offset(word), p: Self.precision, into: out)
    default:
      let count = sortList(word)
      if count > Self.mostListed { return unsafe freezeAsRegisters(word, into: out) }
      unsafe out[0] = Self.listTag
      return unsafe 1 + TokenList.freeze(list(word), count: count, into: out + 1)
    }
  }

  /// A list a little longer than one that was ever sorted: the form follows from the visitors, not from who came again.
  private func freezeAsRegisters(_ word: UInt64, into out: UnsafeMutablePointer<UInt8>) -> Int {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << Self.precision) { registers in
      unsafe registers.initialize(repeating: 0)
      unsafe merge(word, into: registers.baseAddress!)
      return unsafe HyperLogLog.freeze(registers.baseAddress!, p: Self.precision, into: out)
    }
  }

  /// Merges sound frozen visitors into 2^10 registers; needs eight readable bytes past the end.
  static func mergeFrozen(_ bytes: UnsafePointer<UInt8>, count: Int, into registers: UnsafeMutablePointer<UInt8>) {
    guard unsafe bytes[0] == listTag else {
      return unsafe HyperLogLog.mergeFrozen(bytes, count: count, into: registers, p: precision)
    }
    unsafe TokenList.merge(bytes + 1, count: count - 1, into: registers, p: precision)
  }

  /// The visitors behind sound frozen bytes, as exact as they are kept.
  static func estimateFrozen(_ bytes: UnsafePointer<UInt8>, count: Int) -> Double {
    if unsafe bytes[0] == listTag {
      return unsafe TokenList.estimate(distinct: TokenList.distinct(bytes + 1, count: count - 1))
    }
    return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << precision) { registers in
      unsafe registers.initialize(repeating: 0)
      let start = registers.baseAddress!
      unsafe HyperLogLog.mergeFrozen(bytes, count: count, into: start, p: precision)
      return unsafe HyperLogLog.estimate(start, p: precision)
    }
  }

  /// Whether untrusted bytes are exactly what `freeze` may write; reads nothing outside them.
  static func isValidFrozen(_ bytes: UnsafePointer<UInt8>, count: Int) -> Bool {
    guard count >= 1 else { return false }
    if unsafe bytes[0] != listTag { return unsafe HyperLogLog.isValidFrozen(bytes, count: count, p: precision) }
    return unsafe TokenList.isValidFrozen(bytes + 1, count: count - 1)
  }

  /// Adds sound frozen visitors to a key: restoring an open day.
  mutating func addFrozen(_ bytes: UnsafePointer<UInt8>, count: Int, _ meta: UnsafeMutablePointer<UInt64>, key: Int) {
    if unsafe bytes[0] == Self.listTag {
      unsafe TokenList.forEach(bytes + 1, count: count - 1) { raw in
        let token = VisitorToken(rawValue: raw)
        unsafe add(
          meta, key: key, token: raw, register: token.register(Self.precision), rank: token.rank(Self.precision))
      }
    } else if unsafe bytes[0] != 0, unsafe makeRegisters(meta, key) {
      unsafe HyperLogLog.mergeFrozen(
        bytes, count: count, into: arena.start + Self.offset(meta[key]), p: Self.precision)
    }
  }

  // MARK: Arena

  @inline(__always) private static func kind(_ word: UInt64) -> Int { Int(truncatingIfNeeded: word &>> 48) }
  @inline(__always) private static func tokens(_ word: UInt64) -> Int { Int(truncatingIfNeeded: word &>> 32) & 0xffff }
  @inline(__always) private static func offset(_ word: UInt64) -> Int {
    Int(truncatingIfNeeded: word & 0xffff_ffff) &<< 4
  }
  private static func word(_ offset: Int, count: Int, kind: Int) -> UInt64 {
    UInt64(offset >> 4) | UInt64(count) << 32 | UInt64(kind) << 48
  }

  @inline(__always) private func list(_ word: UInt64) -> UnsafeMutablePointer<UInt32> {
    unsafe UnsafeMutableRawPointer(arena.start + Self.offset(word)).assumingMemoryBound(to: UInt32.self)
  }

  /// Sorts the list behind a word in place; returns its distinct tokens. The word keeps its count: the rest of the list
  /// repeats tokens, so it still describes the same set.
  private func sortList(_ word: UInt64) -> Int {
    let count = Self.tokens(word), tokens = unsafe list(word)
    return unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { scratch in
      unsafe TokenList.sort(tokens, count: count, scratch: scratch.baseAddress!)
    }
  }

  private mutating func allocate(_ kind: Int) -> Int? {
    let place = free[kind]
    if place >= 0 {
      free[kind] = unsafe UnsafeRawPointer(arena.start + place).load(as: Int.self)
      return place
    }
    guard usedBytes + 1 << kind <= arena.capacity, share?.take(1 << kind) ?? true else {
      refused += 1
      return nil
    }
    defer { usedBytes += 1 << kind }
    arena.grow(to: usedBytes + 1 << kind)
    return usedBytes
  }

  private mutating func release(_ place: Int, _ kind: Int) {
    unsafe UnsafeMutableRawPointer(arena.start + place).storeBytes(of: free[kind], as: Int.self)
    free[kind] = place
  }
}
