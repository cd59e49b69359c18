internal import Glibc

/// Places of 32 to 2,048 bytes for columns that are still small: a site of a few visitors has some two hundred columns, and
/// a page for each would be 0.8 MB.
///
/// ```
///  page of 256 B places │ 0 │ 1 │ 2 │ … │ 15 │      a free place holds the address of the next free one of its size
/// ```
/// A page keeps its size once it has one, and stays charged: what small columns took at most is little. Guarded by the
/// engine's lock, as part of the pool.
@safe
struct SmallPlaces: ~Copyable {
  static let smallest = 5, largest = 11  // log₂ of bytes
  private let region: UnsafeMutableRawPointer  // unmapped once, in deinit
  private let pages: Int
  private var used = 0
  private var free = InlineArray<12, UInt>(repeating: 0)

  /// - Parameter pages: addresses for so many.
  init(pages: Int) {
    self.pages = pages
    unsafe region = reserve((pages + 1) * PagePool.pageBytes)
  }
  deinit { unsafe unreserve(region, (pages + 1) * PagePool.pageBytes) }

  /// The class of a size, or nil for one that deserves pages of its own.
  @inline(__always) static func kind(bytes: Int) -> Int? {
    bytes > 1 << largest ? nil : max(smallest, Int.bitWidth - (bytes - 1).leadingZeroBitCount)
  }

  /// A zeroed place, readable eight bytes past its end; nil when addresses are used up.
  /// - Returns: whether a page was taken for it.
  @unsafe mutating func allocate(_ kind: Int) -> (place: UnsafeMutableRawPointer, isNewPage: Bool)? {
    var isNewPage = false
    if free[kind] == 0 {
      guard used < pages else { return nil }
      isNewPage = true
      for at in stride(from: PagePool.pageBytes - 1 << kind, through: 0, by: -(1 << kind)) {
        unsafe release(region + used * PagePool.pageBytes + at, kind)
      }
      used += 1
    }
    guard let place = unsafe UnsafeMutableRawPointer(bitPattern: free[kind]) else { return nil }
    free[kind] = unsafe place.load(as: UInt.self)
    unsafe memset(place, 0, 1 << kind)
    return unsafe (place, isNewPage)
  }

  @unsafe mutating func release(_ place: UnsafeMutableRawPointer, _ kind: Int) {
    unsafe place.storeBytes(of: free[kind], as: UInt.self)
    free[kind] = UInt(bitPattern: place)
  }
}
