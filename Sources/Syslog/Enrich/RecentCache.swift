/// What was found out lately, by a keyed 64-bit hash of what it was found out about. Two ways a set, the older one gives way.
///
/// The hash stands for the text: with a secret key nobody outside can aim at a set or make two texts meet, and by chance that
/// is not expected in 10⁹ years of traffic.
@safe
struct RecentCache<Value>: ~Copyable {
  private let slots: UnsafeMutablePointer<(hash: UInt64, value: Value)>  // hash 0: empty; freed once, in deinit
  private let mask: Int

  /// - Parameter capacity: a power of two.
  init(capacity: Int, empty: Value) {
    precondition(capacity >= 2 && capacity.nonzeroBitCount == 1)
    unsafe slots = .allocate(capacity: capacity)
    unsafe slots.initialize(repeating: (0, empty), count: capacity)
    mask = capacity - 2
  }
  deinit {
    unsafe slots.deinitialize(count: mask + 2)
    unsafe slots.deallocate()
  }

  /// - Precondition: `hash` is not 0.
  @inline(__always)
  mutating func value(_ hash: UInt64) -> Value? {
    let set = unsafe slots + (Int(truncatingIfNeeded: hash &>> 16) & mask)  // even, so both of a set are inside
    if unsafe set[0].hash == hash { return unsafe set[0].value }
    guard unsafe set[1].hash == hash else { return nil }
    unsafe swap(&set[0], &set[1])
    return unsafe set[0].value
  }

  mutating func insert(_ value: Value, _ hash: UInt64) {
    let set = unsafe slots + (Int(truncatingIfNeeded: hash &>> 16) & mask)
    unsafe set[1] = set[0]
    unsafe set[0] = (hash, value)
  }
}
