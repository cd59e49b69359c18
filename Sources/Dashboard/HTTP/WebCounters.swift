internal import Synchronization

/// Answers by route template and status code since the process started.
final class WebCounters: Sendable {
  private let counts = Mutex<[UInt32: Int]>([:])  // routes × codes: some dozens

  func answered(_ route: Route, _ status: Int) {
    let key = UInt32(route.rawValue) << 16 | UInt32(truncatingIfNeeded: status & 0xFFFF)
    counts.withLock { $0[key, default: 0] += 1 }
  }

  /// In a fixed order.
  func all() -> [(route: Route, status: Int, count: Int)] {
    counts.withLock { $0 }.sorted { $0.key < $1.key }.compactMap { key, count in
      Route(rawValue: UInt8(key >> 16)).map { ($0, Int(key & 0xFFFF), count) }
    }
  }
}
