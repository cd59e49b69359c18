/// What was found out lately, by a keyed 64-bit hash of what it was found out about. Two ways a set, the older one gives way.
///
/// The hash stands for the text: with a secret key nobody outside can aim at a set or make two texts meet, and by chance that
/// is not expected in 10⁹ years of traffic.
struct RecentCache<Value>: ~Copyable {
  private var slots: [(hash: UInt64, value: Value)]  // hash 0: empty
  private let mask: Int

  /// - Parameter capacity: a power of two.
  init(capacity: Int, empty: Value) {
    precondition(capacity >= 2 && capacity.nonzeroBitCount == 1)
    slots = Array(repeating: (0, empty), count: capacity)
    mask = capacity - 2
  }

  /// - Precondition: `hash` is not 0.
  @inline(__always)
  mutating func value(_ hash: UInt64) -> Value? {
    let set = Int(truncatingIfNeeded: hash >> 16) & mask
    if slots[set].hash == hash { return slots[set].value }
    guard slots[set + 1].hash == hash else { return nil }
    slots.swapAt(set, set + 1)
    return slots[set].value
  }

  mutating func insert(_ value: Value, _ hash: UInt64) {
    let set = Int(truncatingIfNeeded: hash >> 16) & mask
    slots[set + 1] = slots[set]
    slots[set] = (hash, value)
  }
}
