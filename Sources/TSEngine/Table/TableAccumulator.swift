internal import Glibc

/// Where a query sums tables of one dimension over buckets: wide counters by code. Reused, cleared by what was touched.
@safe
final class TableAccumulator {
  struct Sums: BitwiseCopyable {
    var requests = 0, pageviews = 0, errors = 0, timed = 0, bytes = 0, microseconds = 0
    var allRequests = 0, botRequests = 0  // of both audiences, for `bot_share`
    init() {}
  }
  static let capacity = Limits.pathCodes
  let sums: UnsafeMutablePointer<Sums>  // by code
  private let seen: UnsafeMutablePointer<UInt32>
  private(set) var seenCount = 0

  init() {
    unsafe sums = reserve(Self.capacity * MemoryLayout<Sums>.stride).bindMemory(to: Sums.self, capacity: Self.capacity)
    unsafe seen = reserve(Self.capacity * 4).bindMemory(to: UInt32.self, capacity: Self.capacity)
  }

  deinit {
    unsafe munmap(sums, Self.capacity * MemoryLayout<Sums>.stride)
    unsafe munmap(seen, Self.capacity * 4)
  }

  /// Codes with at least one request of either audience, in the order they were met.
  func code(at index: Int) -> Int { unsafe Int(seen[index]) }

  @inline(__always)
  func add(_ cell: Cell, key: Int, people: Bool, bots: Bool) {
    let code = key >> 1
    guard code < Self.capacity else { return }
    var sum = unsafe sums[code]
    if sum.allRequests == 0 {
      unsafe seen[seenCount] = UInt32(truncatingIfNeeded: code)
      seenCount += 1
    }
    sum.allRequests &+= Int(cell.requests)
    if key & 1 == 1 { sum.botRequests &+= Int(cell.requests) }
    if key & 1 == 1 ? bots : people {
      sum.requests &+= Int(cell.requests)
      sum.pageviews &+= Int(cell.pageviews)
      sum.errors &+= Int(cell.errors)
      sum.timed &+= Int(cell.timed)
      sum.bytes &+= Int(truncatingIfNeeded: cell.bytes)
      sum.microseconds &+= Int(truncatingIfNeeded: cell.microseconds)
    }
    unsafe sums[code] = sum
  }

  /// Adds what is summed up already.
  @inline(__always)
  func add(_ more: Sums, code: Int) {
    var sum = unsafe sums[code]
    if sum.allRequests == 0 {
      unsafe seen[seenCount] = UInt32(truncatingIfNeeded: code)
      seenCount += 1
    }
    sum.requests &+= more.requests
    sum.pageviews &+= more.pageviews
    sum.errors &+= more.errors
    sum.timed &+= more.timed
    sum.bytes &+= more.bytes
    sum.microseconds &+= more.microseconds
    sum.allRequests &+= more.allRequests
    sum.botRequests &+= more.botRequests
    unsafe sums[code] = sum
  }

  func clear() {
    for index in 0..<seenCount { unsafe sums[Int(seen[index])] = Sums() }
    seenCount = 0
  }
}
