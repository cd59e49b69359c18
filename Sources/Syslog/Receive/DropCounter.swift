/// How many datagrams the kernel dropped, from its own 32-bit count, which wraps and is told in two ways of different age.
struct DropCounter: Sendable {
  private var last: UInt32

  /// - Parameter start: the kernel's count now; what was dropped before us is not ours.
  init(start: UInt32) { last = start }

  /// Takes what the kernel says and returns how many datagrams that is more.
  ///
  /// A control message tells the count of when its datagram was queued, so it may be behind what was asked for meanwhile:
  /// less than half a turn back is not a wrap but old news.
  mutating func update(_ value: UInt32) -> Int {
    let more = value &- last
    guard more > 0, more < 1 << 31 else { return 0 }
    last = value
    return Int(more)
  }
}
