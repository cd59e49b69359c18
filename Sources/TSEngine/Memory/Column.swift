internal import Glibc

/// A typed column that grows in place: small ones share pages with others, larger ones lie in reserved addresses of their
/// own, and each page is charged to the pool when the column first grows into it.
///
/// ```
///  0 bytes ──► 32 ──► 64 ──► … ──► 2,048 (SmallPlaces, copied each time) ──► own addresses: never moves again
/// ```
/// Zero until written. Indices below `count` are valid; `grow(to:)` makes more of them so. Reference semantics inside a
/// class that the engine's lock guards; trivial elements only.
@safe
package struct Column<Element: BitwiseCopyable>: ~Copyable {
  package let capacity: Int
  package private(set) var count = 0
  private var kind = 0  // of the small place, 0 for none
  private var touchedPages = 0  // of the own addresses
  private var base: UnsafeMutablePointer<Element>
  private var own: UnsafeMutablePointer<Element>?  // unmapped once, in deinit
  private let keepsPlaces: Bool
  private let pool: PagePool

  /// - Parameter keepsPlaces: places it has grown out of stay as they were, for readers that hold no lock; 4 KiB at most.
  package init(
    _: Element.Type = Element.self, capacity: Int, count: Int = 0, keepsPlaces: Bool = false, pool: PagePool
  ) {
    (self.capacity, self.keepsPlaces, self.pool) = (capacity, keepsPlaces, pool)
    unsafe (base, own) = (Self.nowhere, nil)
    grow(to: count)
  }
  deinit {
    if kind > 0 { unsafe pool.releaseSmall(UnsafeMutableRawPointer(base), kind) }
    if let own = unsafe own { unsafe unreserve(own, capacity * MemoryLayout<Element>.stride) }
    pool.discharge(touchedPages)
  }

  private static var nowhere: UnsafeMutablePointer<Element> {
    unsafe UnsafeMutablePointer(bitPattern: MemoryLayout<Element>.alignment)!
  }

  /// Makes `0..<newCount` valid; new elements are zero.
  package mutating func grow(to newCount: Int) {
    guard newCount > count else { return }
    precondition(newCount <= capacity)
    let bytes = newCount * MemoryLayout<Element>.stride
    if touchedPages == 0, bytes > (kind == 0 ? 0 : 1 << kind) {
      let wanted = SmallPlaces.kind(bytes: bytes)
      if let wanted, let place = unsafe pool.allocateSmall(wanted) {
        unsafe move(to: place)
        kind = wanted
      } else {
        moveToOwn()
      }
    }
    count = newCount
    if kind > 0 { return }
    let need = (bytes + PagePool.pageBytes - 1) / PagePool.pageBytes
    if need > touchedPages {
      pool.charge(need - touchedPages)
      touchedPages = need
    }
  }

  private mutating func moveToOwn() {
    let place: UnsafeMutableRawPointer
    if let own = unsafe own {
      unsafe place = UnsafeMutableRawPointer(own)
    } else {
      unsafe place = reserve(capacity * MemoryLayout<Element>.stride)
      unsafe own = place.bindMemory(to: Element.self, capacity: capacity)
    }
    unsafe move(to: place)
    kind = 0
  }

  @unsafe private mutating func move(to place: UnsafeMutableRawPointer) {
    if count > 0 { unsafe memcpy(place, base, count * MemoryLayout<Element>.stride) }
    if kind > 0, !keepsPlaces { unsafe pool.releaseSmall(UnsafeMutableRawPointer(base), kind) }
    unsafe base = place.bindMemory(to: Element.self, capacity: capacity)
  }

  /// Gives all memory back; the column is empty afterwards.
  package mutating func removeAll() {
    if kind > 0 { unsafe pool.releaseSmall(UnsafeMutableRawPointer(base), kind) }
    if touchedPages > 0 { unsafe madvise(base, touchedPages * PagePool.pageBytes, MADV_DONTNEED) }
    pool.discharge(touchedPages)
    (count, touchedPages, kind) = (0, 0, 0)
    unsafe base = Self.nowhere
  }

  /// Sets the first `limit` elements to zero and keeps the memory.
  package func clear(upTo limit: Int = .max) {
    if count > 0 { unsafe memset(base, 0, min(limit, count) * MemoryLayout<Element>.stride) }
  }

  @inline(__always)
  package subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count)
      return unsafe base[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count)
      unsafe base[index] = newValue
    }
  }

  /// The first element, for loops that have checked their bounds once; valid as long as the column.
  @unsafe @inline(__always) package var start: UnsafeMutablePointer<Element> { unsafe base }
  package var bytes: Int { kind > 0 ? 1 << kind : touchedPages * PagePool.pageBytes }
}
