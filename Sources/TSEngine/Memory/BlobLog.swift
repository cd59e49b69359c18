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
  init(rawValue: UInt64) { self.rawValue = rawValue }
  init(offset: Int, count: Int) { rawValue = UInt64(offset / 4) << 24 | UInt64(count) }
  package var count: Int { Int(rawValue & 0xff_ffff) }
  var offset: Int { Int(rawValue >> 24) * 4 }
  package var isNone: Bool { rawValue == 0 }
}

/// Closed parts of one kind and service, written once and dropped roughly in the order they came.
///
/// They share chunks of 1 to 16 pages, so that a blob costs its bytes and not a page; a chunk goes back to the pool when
/// its last blob does.
/// ```
///  chunk: live blobs (4) ‖ pages (4) ‖ blob, blob, …        blob: distance to the chunk's start (4) ‖ bytes, padded to 4
/// ```
package struct BlobLog: ~Copyable {
  private let pool: PagePool
  private var chunk = -1  // page of the chunk being filled
  private var chunkPages = 0, chunkUsed = 0
  package private(set) var liveBytes = 0, livePages = 0
  private var pinned: [BlobRef] = []  // freed while a snapshot was reading
  private static let headerBytes = 8
  static let maxPages = 16

  package init(pool: PagePool) { self.pool = pool }

  /// Copies `count` bytes into the log; nil when the pool has no room.
  @unsafe package mutating func append(_ bytes: UnsafePointer<UInt8>, count: Int) -> BlobRef? {
    precondition(count > 0 && count <= BlobRef.maxBytes)
    let need = 4 + (count + 3) / 4 * 4
    if chunk < 0 || chunkUsed + need > chunkPages * PagePool.pageBytes {
      guard openChunk(for: need) else { return nil }
    }
    let start = chunk * PagePool.pageBytes, offset = start + chunkUsed
    unsafe store(UInt32(chunkUsed), at: offset)
    unsafe pool.address(offset + 4).update(from: bytes, count: count)
    unsafe store(load(at: start) + 1, at: start)
    chunkUsed += need
    liveBytes += need
    return BlobRef(offset: offset + 4, count: count)
  }

  /// Gives a blob back; while the pool is pinned it only notes it.
  package mutating func free(_ blob: BlobRef) {
    if blob.isNone { return }
    if pool.isPinned {
      pinned.append(blob)
      return
    }
    let start = unsafe blob.offset - 4 - Int(load(at: blob.offset - 4))
    let live = unsafe load(at: start) - 1
    unsafe store(live, at: start)
    liveBytes -= 4 + (blob.count + 3) / 4 * 4
    let page = start / PagePool.pageBytes
    if live == 0, page != chunk { release(page) }
  }

  /// Gives back what was freed while the pool was pinned.
  mutating func freePinned() {
    let waiting = pinned
    pinned = []
    for blob in waiting { free(blob) }
  }

  /// The bytes of a blob; readable eight bytes past the end.
  @unsafe @inline(__always) package func address(_ blob: BlobRef) -> UnsafePointer<UInt8> {
    unsafe UnsafePointer(pool.address(blob.offset))
  }

  private mutating func openChunk(for need: Int) -> Bool {
    let least = (need + Self.headerBytes + PagePool.pageBytes - 1) / PagePool.pageBytes
    // Small services stay small: a log's chunks grow with what it already holds.
    let usual = min(Self.maxPages, max(1, livePages / 4))
    var pages = max(least, usual), found = pool.allocateRun(pages: pages)
    if found == nil, pages > least { (pages, found) = (least, pool.allocateRun(pages: least)) }
    guard let page = found else { return false }
    if chunk >= 0, unsafe load(at: chunk * PagePool.pageBytes) == 0 { release(chunk) }
    (chunk, chunkPages, chunkUsed) = (page, pages, Self.headerBytes)
    unsafe store(0, at: page * PagePool.pageBytes)
    unsafe store(UInt32(pages), at: page * PagePool.pageBytes + 4)
    livePages += pages
    return true
  }

  private mutating func release(_ page: Int) {
    let pages = unsafe Int(load(at: page * PagePool.pageBytes + 4))
    pool.freeRun(at: page, pages: pages)
    livePages -= pages
  }

  @unsafe private func load(at offset: Int) -> UInt32 {
    unsafe UnsafeRawPointer(pool.address(offset)).load(as: UInt32.self)
  }
  @unsafe private func store(_ value: UInt32, at offset: Int) {
    unsafe UnsafeMutableRawPointer(pool.address(offset)).storeBytes(of: value, as: UInt32.self)
  }
}
