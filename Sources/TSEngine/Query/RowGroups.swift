internal import Glibc

/// Which numbers of rows an answer needs; what is not asked for is not decoded.
struct RowParts: OptionSet {
  let rawValue: Int
  static let visitors = RowParts(rawValue: 1), pageviews = RowParts(rawValue: 2), errors = RowParts(rawValue: 4)
  static let bytes = RowParts(rawValue: 8), latency = RowParts(rawValue: 16), bots = RowParts(rawValue: 32)
}

/// Sums of rows by group: an array for each number, so that a scan touches only those it is asked for.
///
/// A group is a code of the dimension, or a slot of the values an answer shows. 2^32 rows of one group are out of reach:
/// rows are kept in memory.
@safe
final class RowGroups {
  static let capacity = 1 << 16
  private static let bytes = capacity * (6 * 4 + 2 * 8)
  let requests: UnsafeMutablePointer<UInt32>
  let pageviews: UnsafeMutablePointer<UInt32>
  let errors: UnsafeMutablePointer<UInt32>
  let timed: UnsafeMutablePointer<UInt32>
  /// Of both audiences: `bot_share` needs them.
  let all: UnsafeMutablePointer<UInt32>
  let bots: UnsafeMutablePointer<UInt32>
  let bytes: UnsafeMutablePointer<UInt64>
  let microseconds: UnsafeMutablePointer<UInt64>
  private let storage: UnsafeMutableRawPointer  // unmapped once, in deinit
  private(set) var count = 0
  private(set) var parts: RowParts = []

  init() {
    unsafe storage = reserve(Self.bytes)
    let size = Self.capacity * 4, storage = unsafe self.storage
    func narrow(_ index: Int) -> UnsafeMutablePointer<UInt32> {
      unsafe (storage + index * size).bindMemory(to: UInt32.self, capacity: Self.capacity)
    }
    func wide(_ index: Int) -> UnsafeMutablePointer<UInt64> {
      unsafe (storage + (6 + 2 * index) * size).bindMemory(to: UInt64.self, capacity: Self.capacity)
    }
    unsafe (requests, pageviews, errors, timed, all, bots) = (narrow(0), narrow(1), narrow(2), narrow(3), narrow(4), narrow(5))
    unsafe (bytes, microseconds) = (wide(0), wide(1))
  }
  deinit { unsafe munmap(storage, Self.bytes) }

  /// Empties `count` groups, for the numbers in `parts`.
  func begin(count: Int, parts: RowParts) {
    precondition(count <= Self.capacity)
    (self.count, self.parts) = (count, parts)
    clear()
  }

  func clear() {
    unsafe memset(requests, 0, count * 4)
    if parts.contains(.pageviews) { unsafe memset(pageviews, 0, count * 4) }
    if parts.contains(.errors) { unsafe memset(errors, 0, count * 4) }
    if parts.contains(.bots) {
      unsafe memset(all, 0, count * 4)
      unsafe memset(bots, 0, count * 4)
    }
    if parts.contains(.bytes) { unsafe memset(bytes, 0, count * 8) }
    if parts.contains(.latency) {
      unsafe memset(timed, 0, count * 4)
      unsafe memset(microseconds, 0, count * 8)
    }
  }

  /// Whether the group has rows of any audience that was counted.
  func isEmpty(_ group: Int) -> Bool {
    unsafe requests[group] == 0 && (!parts.contains(.bots) || all[group] == 0)
  }

  subscript(group: Int) -> TableAccumulator.Sums {
    precondition(group < count)
    var sums = TableAccumulator.Sums()
    unsafe sums.requests = Int(requests[group])
    if parts.contains(.pageviews) { unsafe sums.pageviews = Int(pageviews[group]) }
    if parts.contains(.errors) { unsafe sums.errors = Int(errors[group]) }
    if parts.contains(.bots) { unsafe (sums.allRequests, sums.botRequests) = (Int(all[group]), Int(bots[group])) }
    if parts.contains(.bytes) { unsafe sums.bytes = Int(bytes[group]) }
    if parts.contains(.latency) { unsafe (sums.timed, sums.microseconds) = (Int(timed[group]), Int(microseconds[group])) }
    return sums
  }

  func trim() { unsafe madvise(storage, Self.bytes, MADV_DONTNEED) }
}
