internal import Glibc

/// Everything the engine holds, counted in 4 KiB pages: one number, and a cap by construction.
///
/// Two kinds of users share the budget. *Runs* are closed parts (rows, hours, days): they come from one reserved region
/// through a bitmap, four times as large as the budget in addresses, so that fragmentation costs addresses and never
/// memory. *Columns* (open parts, dictionaries) reserve addresses of their own and charge each page when they first grow
/// into it. Nothing is touched before it is charged, and what is released goes back to the kernel at once.
///
/// Guarded by the engine's lock.
@safe
package final class PagePool {
  package static let pageBytes = 4_096
  package let limitPages: Int
  package private(set) var usedPages = 0
  private let pages: Int  // of the region
  private let region: UnsafeMutableRawPointer  // unmapped once, in deinit
  private let taken: UnsafeMutablePointer<UInt64>  // a bit a page
  /// While a snapshot reads closed blobs without the lock, none of them is freed; a little more may be used meanwhile.
  var isPinned = false
  private static let pinnedAllowance = 1_024
  private var next = 0  // where the search for a run goes on

  package init(limitBytes: Int) {
    limitPages = max(256, limitBytes / Self.pageBytes)
    pages = (limitPages * 4 + 63) / 64 * 64
    // One page more, so that an eight-byte read at the very end stays inside.
    unsafe region = reserve((pages + 1) * Self.pageBytes)
    unsafe taken = reserve(pages / 8).bindMemory(to: UInt64.self, capacity: pages / 64)
  }
  deinit {
    unsafe munmap(region, (pages + 1) * Self.pageBytes)
    unsafe munmap(taken, (pages / 8 + Self.pageBytes - 1) / Self.pageBytes * Self.pageBytes)
  }

  package var freePages: Int { max(0, limitPages - usedPages) }
  package var usedBytes: Int { usedPages * Self.pageBytes }

  /// Counts pages a column grew into. Never refused: whoever admits work keeps a reserve free first.
  func charge(_ count: Int) { usedPages += count }
  func discharge(_ count: Int) { usedPages -= count }

  /// First page of a zeroed run, or nil when the region has no such gap or the budget is used up.
  func allocateRun(pages count: Int) -> Int? {
    let limit = limitPages + (isPinned ? Self.pinnedAllowance : 0)
    guard usedPages + count <= limit, count > 0 else { return nil }
    guard let start = gap(count, in: next..<pages) ?? gap(count, in: 0..<min(pages, next + count)) else { return nil }
    mark(start..<start + count, true)
    next = start + count
    usedPages += count
    return start
  }

  func freeRun(at page: Int, pages count: Int) {
    mark(page..<page + count, false)
    unsafe madvise(region + page * Self.pageBytes, count * Self.pageBytes, MADV_DONTNEED)
    usedPages -= count
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
