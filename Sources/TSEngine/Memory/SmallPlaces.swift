internal import Glibc

/// Places of 32 to 2,048 bytes for columns that are still small: a site of a few visitors has some two hundred columns, and
/// a page for each would be 0.8 MB.
///
/// ```
///  page of 256 B places │ 0 │ 1 │ 2 │ … │ 15 │      a free place holds the addresses of the next and the last one of its size
/// ```
/// A page whose places are all free goes back when many of its size are, and may come again with another size. Guarded by the engine's lock, as part
/// of the pool.
@safe
struct SmallPlaces: ~Copyable {
  static let smallest = 5, largest = 11  // log₂ of bytes
  private let region: UnsafeMutableRawPointer  // unmapped once, in deinit
  private let pages: Int
  private var used = 0  // pages that ever had places
  /// By page: places in use, or the next page that went back + 1.
  private let pageInfo: UnsafeMutablePointer<UInt32>
  private var spare = 0  // the first page that went back + 1
  private var free = InlineArray<12, UInt>(repeating: 0)  // by class: the first free place
  private var freePlaces = InlineArray<12, Int>(repeating: 0)  // by class
  /// Free bytes of a class that are kept: a minute that closes gives back what the next one takes.
  private static let keptBytes = 16 * PagePool.pageBytes

  /// - Parameter pages: addresses for so many.
  init(pages: Int) {
    self.pages = pages
    unsafe region = reserve((pages + 1) * PagePool.pageBytes)
    unsafe pageInfo = reserve(pages * 4).bindMemory(to: UInt32.self, capacity: pages)
  }
  deinit {
    unsafe unreserve(region, (pages + 1) * PagePool.pageBytes)
    unsafe unreserve(pageInfo, pages * 4)
  }

  /// The class of a size, or nil for one that deserves pages of its own.
  @inline(__always) static func kind(bytes: Int) -> Int? {
    bytes > 1 << largest ? nil : max(smallest, Int.bitWidth - (bytes - 1).leadingZeroBitCount)
  }

  /// A zeroed place, readable eight bytes past its end; nil when addresses are used up.
  /// - Returns: whether a page was taken for it.
  @unsafe mutating func allocate(_ kind: Int) -> (place: UnsafeMutableRawPointer, isNewPage: Bool)? {
    let isNewPage = free[kind] == 0
    if isNewPage, !openPage(kind) { return nil }
    guard let place = unsafe UnsafeMutableRawPointer(bitPattern: free[kind]) else { return nil }
    unsafe unlink(place, kind)
    unsafe pageInfo[page(of: place)] += 1
    unsafe memset(place, 0, 1 << kind)
    return unsafe (place, isNewPage)
  }

  /// Says whether a page went back for it.
  @unsafe mutating func release(_ place: UnsafeMutableRawPointer, _ kind: Int) -> Bool {
    let page = unsafe page(of: place)
    unsafe link(place, kind)
    unsafe pageInfo[page] -= 1
    guard unsafe pageInfo[page] == 0, freePlaces[kind] << kind > Self.keptBytes else { return false }
    let start = unsafe region + page * PagePool.pageBytes
    for at in stride(from: 0, to: PagePool.pageBytes, by: 1 << kind) { unsafe unlink(start + at, kind) }
    unsafe madvise(start, PagePool.pageBytes, MADV_DONTNEED)
    unsafe pageInfo[page] = UInt32(spare)
    spare = page + 1
    return true
  }

  private mutating func openPage(_ kind: Int) -> Bool {
    var page = spare - 1
    if page >= 0 {
      spare = unsafe Int(pageInfo[page])
    } else {
      guard used < pages else { return false }
      page = used
      used += 1
    }
    unsafe pageInfo[page] = 0
    let start = unsafe region + page * PagePool.pageBytes
    for at in stride(from: PagePool.pageBytes - 1 << kind, through: 0, by: -(1 << kind)) { unsafe link(start + at, kind) }
    return true
  }

  @unsafe private func page(of place: UnsafeMutableRawPointer) -> Int { unsafe (place - region) / PagePool.pageBytes }

  @unsafe private mutating func link(_ place: UnsafeMutableRawPointer, _ kind: Int) {
    let next = free[kind]
    unsafe place.storeBytes(of: next, as: UInt.self)
    unsafe place.storeBytes(of: 0, toByteOffset: 8, as: UInt.self)
    if let next = unsafe UnsafeMutableRawPointer(bitPattern: next) {
      unsafe next.storeBytes(of: UInt(bitPattern: place), toByteOffset: 8, as: UInt.self)
    }
    free[kind] = UInt(bitPattern: place)
    freePlaces[kind] += 1
  }

  @unsafe private mutating func unlink(_ place: UnsafeMutableRawPointer, _ kind: Int) {
    freePlaces[kind] -= 1
    let next = unsafe place.load(as: UInt.self), previous = unsafe place.load(fromByteOffset: 8, as: UInt.self)
    if let previous = unsafe UnsafeMutableRawPointer(bitPattern: previous) {
      unsafe previous.storeBytes(of: next, as: UInt.self)
    } else {
      free[kind] = next
    }
    if let next = unsafe UnsafeMutableRawPointer(bitPattern: next) {
      unsafe next.storeBytes(of: previous, toByteOffset: 8, as: UInt.self)
    }
  }
}
