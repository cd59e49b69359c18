internal import Glibc

/// Numbers appended once and then only read, in pages of their own: a reload gives every byte back to the system, and
/// growing never leaves a second copy behind in the heap.
@safe
struct RangeColumn<Element: FixedWidthInteger & BitwiseCopyable>: ~Copyable, @unchecked Sendable {
  private var base: UnsafeMutablePointer<Element>  // `mappedBytes` of address space, unmapped once, in deinit
  private var mappedBytes: Int
  private(set) var count = 0

  /// Room for `capacity` numbers; only the pages that are written to ever exist. Nil when the system refuses.
  init?(capacity: Int) {
    let bytes = Self.wholePages(max(capacity, 1) * MemoryLayout<Element>.stride)
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let mapped = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0), unsafe mapped != MAP_FAILED
    else { return nil }
    mappedBytes = bytes
    unsafe base = mapped.bindMemory(to: Element.self, capacity: bytes / MemoryLayout<Element>.stride)
  }
  deinit { unsafe munmap(base, mappedBytes) }

  /// False when it is full.
  mutating func append(_ value: Element) -> Bool {
    guard (count + 1) * MemoryLayout<Element>.stride <= mappedBytes else { return false }
    unsafe base[count] = value
    count += 1
    return true
  }

  /// Gives the address space past the last number back.
  mutating func shrink() {
    let keep = Self.wholePages(max(count, 1) * MemoryLayout<Element>.stride)
    guard keep < mappedBytes else { return }
    unsafe munmap(UnsafeMutableRawPointer(base) + keep, mappedBytes - keep)
    mappedBytes = keep
  }

  subscript(index: Int) -> Element {
    precondition(index >= 0 && index < count)
    return unsafe base[index]
  }

  /// The last of `indices` whose number is ≤ `value`; the first when none is. Halves without branching on what it reads.
  /// - Precondition: the numbers ascend, and `indices` is not empty and inside.
  @inline(__always)
  func last(notAbove value: Element, in indices: Range<Int>) -> Int {
    precondition(indices.lowerBound >= 0 && indices.upperBound <= count && !indices.isEmpty)
    var low = indices.lowerBound, length = indices.count
    while length > 1 {  // low + length never passes upperBound
      let half = length &>> 1
      low = unsafe base[low &+ half] <= value ? low &+ half : low
      length &-= half
    }
    return low
  }

  private static func wholePages(_ bytes: Int) -> Int { (bytes + 4_095) & ~4_095 }
}
