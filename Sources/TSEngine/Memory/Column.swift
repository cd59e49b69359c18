internal import Glibc

/// A typed column over reserved addresses: its place never moves, its memory grows page by page and is charged to the pool.
///
/// Zero until written. Indices below `count` are valid; `grow(to:)` makes more of them so. Reference semantics inside a
/// class that the engine's lock guards; trivial elements only.
@safe
package struct Column<Element: BitwiseCopyable>: ~Copyable {
  package let capacity: Int
  package private(set) var count = 0
  private var touchedPages = 0
  @usableFromInline let base: UnsafeMutablePointer<Element>  // unmapped once, in deinit
  private let pool: PagePool

  package init(_: Element.Type = Element.self, capacity: Int, count: Int = 0, pool: PagePool) {
    (self.capacity, self.pool) = (capacity, pool)
    unsafe base = reserve(capacity * MemoryLayout<Element>.stride)
      .bindMemory(to: Element.self, capacity: capacity)
    grow(to: count)
  }
  deinit {
    unsafe munmap(base, Self.bytes(capacity))
    pool.discharge(touchedPages)
  }

  private static func bytes(_ elements: Int) -> Int {
    (max(1, elements * MemoryLayout<Element>.stride) + PagePool.pageBytes - 1) / PagePool.pageBytes * PagePool.pageBytes
  }

  /// Makes `0..<newCount` valid; new elements are zero.
  package mutating func grow(to newCount: Int) {
    guard newCount > count else { return }
    precondition(newCount <= capacity)
    count = newCount
    let need = Self.bytes(newCount) / PagePool.pageBytes
    if need > touchedPages {
      pool.charge(need - touchedPages)
      touchedPages = need
    }
  }

  /// Gives all memory back; the column is empty afterwards.
  package mutating func removeAll() {
    if touchedPages > 0 { unsafe madvise(base, touchedPages * PagePool.pageBytes, MADV_DONTNEED) }
    pool.discharge(touchedPages)
    (count, touchedPages) = (0, 0)
  }

  /// Sets the first `limit` elements to zero and keeps the memory.
  package func clear(upTo limit: Int = .max) { unsafe memset(base, 0, min(limit, count) * MemoryLayout<Element>.stride) }

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
  package var bytes: Int { touchedPages * PagePool.pageBytes }
}
