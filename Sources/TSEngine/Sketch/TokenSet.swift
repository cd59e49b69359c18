internal import Glibc

/// Distinct visitors of a small range, by their 21-bit tokens: exact to a visitor up to a thousand, where 2^14 registers
/// already miss one in two hundred. Rows are its source, so it knows whatever rows know.
///
/// ```
///  slots   8,192 × (token + 1), 0 for free; token × 0x9E3779B1 says where to look first, then the next ones
///  used    which slots are taken, in the order they were: to be cleared at the price of what was put in
/// ```
/// At most half full. Beyond `limit` it says `isComplete == false` and takes nothing more: registers know as well then.
@safe
final class TokenSet {
  static let limit = 4_096
  private static let slotBits = 13
  private let slots: UnsafeMutablePointer<UInt32>  // unmapped once, in deinit; touched when first used
  private let used: UnsafeMutablePointer<UInt16>
  private(set) var count = 0
  /// Whether it holds every visitor of what is being summed; false until somebody begins to fill it.
  private(set) var isComplete = false

  init() {
    unsafe slots = reserve(4 << Self.slotBits).bindMemory(to: UInt32.self, capacity: 1 << Self.slotBits)
    unsafe used = reserve(2 * Self.limit).bindMemory(to: UInt16.self, capacity: Self.limit)
  }
  deinit {
    unsafe munmap(slots, 4 << Self.slotBits)
    unsafe munmap(used, 2 * Self.limit)
  }

  /// From here on everything is put in.
  func begin() {
    clear()
    isComplete = true
  }

  func clear() {
    for index in 0..<count { unsafe slots[Int(used[index])] = 0 }
    (count, isComplete) = (0, false)
  }

  /// Puts a token in; nothing when the set is not complete.
  @inline(__always) func insert(_ token: UInt32) {
    guard isComplete else { return }
    var slot = Int((token &* 0x9e37_79b1) &>> UInt32(32 - Self.slotBits))  // 0 ..< 2^13
    while true {
      let known = unsafe slots[slot]
      if known == token &+ 1 { return }
      if known == 0 { break }
      slot = (slot &+ 1) & ((1 << Self.slotBits) - 1)
    }
    if count == Self.limit {
      isComplete = false
      return
    }
    unsafe slots[slot] = token &+ 1
    unsafe used[count] = UInt16(truncatingIfNeeded: slot)
    count &+= 1
  }

  /// Puts all of another in; what was not complete makes this one incomplete too.
  func add(_ other: TokenSet) {
    if !other.isComplete { isComplete = false }
    for index in 0..<other.count { unsafe insert(other.slots[Int(other.used[index])] &- 1) }
  }

  var estimate: Double { TokenList.estimate(distinct: count) }
}
