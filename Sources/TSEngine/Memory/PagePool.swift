internal import Glibc

/// Everything the engine holds, counted in 4 KiB pages: one number, and a cap by construction.
///
/// Two kinds of users share the budget. *Logs* of closed parts (rows, minutes, hours, days) take runs of addresses from one
/// region through a bitmap. *Columns* (open parts, dictionaries) reserve addresses of their own. Both charge a page when
/// they first grow into it, and a page goes back to the kernel at once when nothing on it is alive; small columns share
/// pages (`SmallPlaces`). The region has sixteen
/// times as many addresses as the budget has pages, so that fragmentation costs addresses and never memory.
/// ```
///  region  │▓▓▓▓▓▓░░│▓▓▓▓▓···▓▓▓▓│·······│▓▓▓▓░░░░│     ▓ charged   ░ a log's addresses, untouched   · free
///           rows     rows  ↑               spans
///                          the block here was dropped
/// ```
/// Guarded by the engine's lock.
@safe
package final class PagePool {
  package static let pageBytes = 4_096
  package let limitPages: Int
  package private(set) var usedPages = 0
  private let pages: Int  // of the region
  private let region: UnsafeMutableRawPointer  // unmapped once, in deinit
  private let taken: UnsafeMutablePointer<UInt64>  // a bit a page: its addresses belong to a log
  private let alive: UnsafeMutablePointer<UInt16>  // by page: blobs that lie on it
  /// Who reads closed blobs without the lock: the epoch at which each began, ascending. Queries and snapshots overlap.
  private var pins: [Int] = []
  private var epoch = 0
  /// Bytes of blobs that are given up and wait for their readers.
  var waitingBytes = 0
  /// A little more may be used while they wait.
  private static let pinnedAllowance = 1_024
  private var next = 0  // where the search for a run goes on
  private var small: SmallPlaces

  package init(limitBytes: Int) {
    limitPages = max(256, limitBytes / Self.pageBytes)
    // Sixteen times, or what a `BlobRef` can name.
    pages = (min(limitPages * 16, max(limitPages, BlobRef.maxOffset / Self.pageBytes)) + 63) / 64 * 64
    // One page more, so that an eight-byte read at the very end stays inside.
    unsafe region = reserve((pages + 1) * Self.pageBytes)
    unsafe taken = reserve(pages / 8).bindMemory(to: UInt64.self, capacity: pages / 64)
    unsafe alive = reserve(pages * 2).bindMemory(to: UInt16.self, capacity: pages)
    small = SmallPlaces(pages: limitPages * 4)
  }
  deinit {
    unsafe unreserve(region, (pages + 1) * Self.pageBytes)
    unsafe unreserve(taken, pages / 8)
    unsafe unreserve(alive, pages * 2)
  }

  package var freePages: Int { max(0, limitPages - usedPages) }
  package var usedBytes: Int { usedPages * Self.pageBytes }

  // MARK: Pins

  /// Keeps every blob of now in its place until `unpin` of the number given; nobody else may reclaim codes meanwhile either.
  func pin() -> Int {
    epoch += 1
    pins.append(epoch)
    return epoch
  }
  /// The caller then lets the logs free what waited (`EngineState.unpin`).
  func unpin(_ pin: Int) { pins.removeAll { $0 == pin } }

  /// Whether anybody reads without the lock: then nothing that a code or an address stands for may change.
  var isPinned: Bool { !pins.isEmpty }
  /// The epoch of what is freed now. Readers that began at it or before may still see that.
  var freeingEpoch: Int { epoch }
  /// What was freed in an earlier epoch than this is seen by nobody: so overlapping readers never keep it for ever.
  var oldestPin: Int { pins.first ?? .max }
  /// Pages that are free, or will be once the readers of today have ended.
  var comingPages: Int { freePages + waitingBytes / Self.pageBytes }

  /// Counts pages a column grew into. Never refused: whoever admits work keeps a reserve free first.
  func charge(_ count: Int) { usedPages += count }
  func discharge(_ count: Int) { usedPages -= count }

  /// A zeroed place for a small column; nil when it needs pages of its own.
  @unsafe func allocateSmall(_ kind: Int) -> UnsafeMutableRawPointer? {
    guard let made = unsafe small.allocate(kind) else { return nil }
    if unsafe made.isNewPage { charge(1) }
    return unsafe made.place
  }
  @unsafe func releaseSmall(_ place: UnsafeMutableRawPointer, _ kind: Int) {
    if unsafe small.release(place, kind) { discharge(1) }
  }

  /// Whether `count` more pages are within the budget.
  func hasRoom(pages count: Int) -> Bool { usedPages + count <= limitPages + (isPinned ? Self.pinnedAllowance : 0) }

  // MARK: Runs of addresses

  /// First page of a run of free addresses, which cost nothing until they are charged; nil when there is no such gap.
  func reserveRun(pages count: Int) -> Int? {
    precondition(count > 0)
    guard let start = gap(count, in: next..<pages) ?? gap(count, in: 0..<min(pages, next + count)) else { return nil }
    mark(start..<start + count, true)
    next = start + count
    return start
  }

  /// Gives addresses back that were never charged.
  func returnRun(_ range: Range<Int>) { mark(range, false) }

  /// Counts a blob on each of its pages.
  func retain(_ range: Range<Int>) { for page in range { unsafe alive[page] += 1 } }

  /// The inverse; says how many pages went back to the kernel. Pages of `keeping` stay charged, whatever is on them.
  func release(_ range: Range<Int>, keeping: Int) -> Int {
    var first = range.lowerBound, freed = 0
    for page in range {
      unsafe alive[page] -= 1
      if unsafe alive[page] > 0 || page == keeping {
        drop(first..<page, &freed)
        first = page + 1
      }
    }
    drop(first..<range.upperBound, &freed)
    return freed
  }

  /// Gives a page back that a log is done with, if nothing on it is alive; says how many that were.
  func releaseIfEmpty(_ page: Int) -> Int {
    var freed = 0
    if unsafe alive[page] == 0 { drop(page..<page + 1, &freed) }
    return freed
  }

  private func drop(_ range: Range<Int>, _ freed: inout Int) {
    if range.isEmpty { return }
    mark(range, false)
    unsafe madvise(region + range.lowerBound * Self.pageBytes, range.count * Self.pageBytes, MADV_DONTNEED)
    usedPages -= range.count
    freed += range.count
  }

  /// Address of byte `offset` of the region.
  @inline(__always)
  @unsafe func address(_ offset: Int) -> UnsafeMutablePointer<UInt8> {
    unsafe (region + offset).assumingMemoryBound(to: UInt8.self)
  }

  private func gap(_ count: Int, in range: Range<Int>) -> Int? {
    var start = range.lowerBound, page = start
    while page < range.upperBound {
      let word = unsafe taken[page >> 6]
      if word == .max, page & 63 == 0 {
        page += 64
        start = page
      } else if word >> UInt64(page & 63) & 1 == 1 {
        page += 1
        start = page
      } else {
        page += 1
        if page - start == count { return start }
      }
    }
    return nil
  }

  private func mark(_ range: Range<Int>, _ value: Bool) {
    for page in range {
      let bit = UInt64(1) << UInt64(page & 63)
      unsafe precondition((taken[page >> 6] & bit == 0) == value)
      unsafe taken[page >> 6] ^= bit
    }
  }
}

/// Addresses without memory behind them yet; running out of addresses is not survivable.
func reserve(_ bytes: Int) -> UnsafeMutableRawPointer {
  let whole = (max(1, bytes) + PagePool.pageBytes - 1) / PagePool.pageBytes * PagePool.pageBytes
  let made = unsafe mmap(nil, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
  guard let made = unsafe made, unsafe made != MAP_FAILED else {
    fatalError("cannot reserve \(whole) bytes of addresses: got errno \(errno)")
  }
  return unsafe made
}

/// Gives addresses back that `reserve` made.
@unsafe func unreserve(_ start: UnsafeMutableRawPointer, _ bytes: Int) {
  let whole = (max(1, bytes) + PagePool.pageBytes - 1) / PagePool.pageBytes * PagePool.pageBytes
  unsafe munmap(start, whole)
}
