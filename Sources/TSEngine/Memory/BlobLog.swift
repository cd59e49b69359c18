/// A closed part in the pool: where it lies and how long it is, in one word. Zero is "nothing".
///
/// ```
///  63 ────────────── 24 23 ─────── 0
///  offset / 4 (40 bits)  bytes (24)
/// ```
package struct BlobRef: Hashable, BitwiseCopyable, Sendable {
  let rawValue: UInt64
  package static let none = BlobRef(rawValue: 0)
  package static let maxBytes = 1 << 24 - 1
  static let maxOffset = 1 << 42 - 4
  init(rawValue: UInt64) { self.rawValue = rawValue }
  init(offset: Int, count: Int) { rawValue = UInt64(offset / 4) << 24 | UInt64(count) }
  package var count: Int { Int(rawValue & 0xff_ffff) }
  var offset: Int { Int(rawValue >> 24) * 4 }
  package var isNone: Bool { rawValue == 0 }
}

/// Closed parts of one kind and service, written once and dropped roughly in the order they came.
///
/// They lie end to end in runs of addresses, so that a blob costs its bytes and not a page; a page goes back to the kernel
/// when the last blob on it does.
/// ```
///  pages   │    0    │    1    │    2    │    3    │ …
///  blobs   │ a ───│ b ──────────────│ c ─│ d ───────▸ at          alive: a 1 │ b+a 2 │ b c d …
/// ```
/// The eight bytes at a blob's end are never written, so that reading past the end meets no writer.
package struct BlobLog: ~Copyable {
  private let pool: PagePool
  private var at = 0, end = 0  // bytes of the region: where the next blob goes, and where this run of addresses ends
  private var chargedPages = 0  // of the region: the run is charged up to this page
  package private(set) var liveBytes = 0, livePages = 0
  /// Freed while somebody was reading, in order of epochs.
  private(set) var waiting: [(blob: BlobRef, epoch: Int)] = []

  // A run grows with its log: what is left of its last page when a blob does not fit is little of it.
  private static let smallestRun = 16, largestRun = 512  // pages

  package init(pool: PagePool) { self.pool = pool }

  /// Bytes a blob takes: its own, whole words, and the eight behind it.
  static func padded(_ count: Int) -> Int { (count + 3) / 4 * 4 + 8 }
  private static func pages(_ offset: Int, _ count: Int) -> Range<Int> {
    offset / PagePool.pageBytes..<(offset + count + PagePool.pageBytes - 1) / PagePool.pageBytes
  }

  /// Pages that storing `count` bytes may charge at most.
  static func mostPages(for count: Int) -> Int { (count + 11) / PagePool.pageBytes + 2 }

  /// Copies `count` bytes into the log; nil when the pool has no room.
  @unsafe package mutating func append(_ bytes: UnsafePointer<UInt8>, count: Int) -> BlobRef? {
    precondition(count > 0 && count <= BlobRef.maxBytes)
    let need = Self.padded(count)
    guard pool.hasRoom(pages: Self.mostPages(for: need)) else { return nil }
    if at + need > end { guard openRun(for: need) else { return nil } }
    let blob = BlobRef(offset: at, count: count), pages = Self.pages(at, need)
    if pages.upperBound > chargedPages {
      pool.charge(pages.upperBound - chargedPages)
      livePages += pages.upperBound - chargedPages
      chargedPages = pages.upperBound
    }
    pool.retain(pages)
    unsafe pool.address(at).update(from: bytes, count: count)
    at += need
    liveBytes += need
    return blob
  }

  /// Gives a blob back; while the pool is pinned it only notes it.
  package mutating func free(_ blob: BlobRef) {
    if blob.isNone { return }
    if pool.isPinned {
      waiting.append((blob, pool.freeingEpoch))
      pool.waitingBytes += Self.padded(blob.count)
      return
    }
    release(blob)
  }

  /// Gives back what nobody reads any more.
  mutating func freeWaiting() {
    let oldest = pool.oldestPin, done = waiting.prefix { $0.epoch < oldest }
    for (blob, _) in done {
      pool.waitingBytes -= Self.padded(blob.count)
      release(blob)
    }
    waiting.removeFirst(done.count)
  }

  private mutating func release(_ blob: BlobRef) {
    let need = Self.padded(blob.count)
    // The page being filled stays, empty or not.
    livePages -= pool.release(Self.pages(blob.offset, need), keeping: at < end ? chargedPages - 1 : -1)
    liveBytes -= need
  }

  /// The bytes of a blob; readable eight bytes past the end.
  @unsafe @inline(__always) package func address(_ blob: BlobRef) -> UnsafePointer<UInt8> {
    unsafe UnsafePointer(pool.address(blob.offset))
  }

  private mutating func openRun(for need: Int) -> Bool {
    let least = (need + PagePool.pageBytes - 1) / PagePool.pageBytes
    let usual = min(Self.largestRun, max(Self.smallestRun, livePages / 4))
    var pages = max(least, usual), found = pool.reserveRun(pages: pages)
    if found == nil, pages > least { (pages, found) = (least, pool.reserveRun(pages: least)) }
    guard let page = found else { return false }
    closeRun()
    (at, end, chargedPages) = (page * PagePool.pageBytes, (page + pages) * PagePool.pageBytes, page)
    return true
  }

  /// Gives back what is untouched of the run, and its last page if nothing is on it; every run holds a blob at least.
  private mutating func closeRun() {
    if at == end { return }
    pool.returnRun(chargedPages..<end / PagePool.pageBytes)
    livePages -= pool.releaseIfEmpty(chargedPages - 1)
    (at, end) = (0, 0)
  }
}
