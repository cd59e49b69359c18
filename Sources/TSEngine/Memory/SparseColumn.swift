/// Numbers by key where few of many keys are in use: chunks of 64 keys, made when a key of theirs is first met.
///
/// ```
///  directory  │ 0 │ • │ 0 │ • │ …          key >> 6 → where its chunk lies, 0 for none
///                   └─► 64 elements        (SmallPlaces)
/// ```
/// A site that shares names or agents with 255 others pays for those it has seen. Zero is "none". Guarded by the engine's
/// lock.
@safe
struct SparseColumn<Element: FixedWidthInteger & BitwiseCopyable>: ~Copyable {
  private static var shift: Int { 6 }
  private static var mask: Int { 63 }
  private static var kind: Int { MemoryLayout<Element>.stride.trailingZeroBitCount + shift }  // log₂ of a chunk's bytes
  private var directory: Column<UInt>
  private(set) var chunks = 0
  private let pool: PagePool

  /// - Parameter capacity: keys there may be at most.
  init(capacity: Int, pool: PagePool) {
    directory = Column(capacity: capacity >> Self.shift + 1, pool: pool)
    self.pool = pool
  }
  deinit { releaseChunks() }

  var bytes: Int { directory.bytes + chunks << Self.kind }

  /// The chunk that holds a key at `key & 63`, made at its first sight.
  @unsafe @inline(__always) mutating func chunk(of key: Int) -> UnsafeMutablePointer<Element> {
    let index = key &>> Self.shift
    if index < directory.count,
      let chunk = unsafe UnsafeMutablePointer<Element>(bitPattern: directory.start[index])
    {
      return unsafe chunk
    }
    return unsafe makeChunk(index)
  }

  @unsafe @inline(never) private mutating func makeChunk(_ index: Int) -> UnsafeMutablePointer<Element> {
    precondition(index >= 0 && index < directory.capacity)
    directory.grow(to: min(directory.capacity, (index | 7) + 1))
    guard let place = unsafe pool.allocateSmall(Self.kind) else { fatalError("BUG: no addresses for a chunk") }
    directory[index] = UInt(bitPattern: place)
    chunks += 1
    return unsafe place.bindMemory(to: Element.self, capacity: 1 << Self.shift)
  }

  /// Where a key lies whose chunk is there: for who goes through the keys and changes numbers that are not zero.
  @unsafe @inline(__always) func place(of key: Int) -> UnsafeMutablePointer<Element> {
    unsafe UnsafeMutablePointer<Element>(bitPattern: directory.start[key &>> Self.shift])! + (key & Self.mask)
  }

  @inline(__always) subscript(key: Int) -> Element {
    let index = key &>> Self.shift
    guard index < directory.count,
      let chunk = unsafe UnsafeMutablePointer<Element>(bitPattern: directory.start[index])
    else { return 0 }
    return unsafe chunk[key & Self.mask]
  }

  /// Wraps.
  @inline(__always) mutating func add(_ key: Int, _ amount: Element) {
    let place = unsafe chunk(of: key) + (key & Self.mask)
    unsafe place.pointee &+= amount
  }

  @inline(__always) mutating func set(_ key: Int, _ value: Element) { unsafe chunk(of: key)[key & Self.mask] = value }

  /// Calls `body` for each key that is not zero, ascending.
  @inline(__always) func forEach(_ body: (_ key: Int, _ value: Element) -> Void) {
    for index in 0..<directory.count {
      guard let chunk = unsafe UnsafeMutablePointer<Element>(bitPattern: directory.start[index]) else { continue }
      for at in 0...Self.mask {
        let value = unsafe chunk[at]
        if value != 0 { body(index &<< Self.shift &+ at, value) }
      }
    }
  }

  /// Forgets everything and gives the memory back.
  mutating func removeAll() {
    releaseChunks()
    directory.removeAll()
    chunks = 0
  }

  private func releaseChunks() {
    for index in 0..<directory.count {
      guard let chunk = unsafe UnsafeMutableRawPointer(bitPattern: directory[index]) else { continue }
      unsafe pool.releaseSmall(chunk, Self.kind)
    }
  }
}
