/// Which keys of an array are in use: a bit a key, read in ascending order.
///
/// Most hours meet a few hundred of 40,000 keys; walking set bits instead of cells made closing an hour several times cheaper.
struct KeySet: ~Copyable {
  private var words: Column<UInt64>

  init(capacity: Int, pool: PagePool) { words = Column(capacity: (capacity + 63) / 64, pool: pool) }

  mutating func grow(keys: Int) { words.grow(to: min((keys + 63) / 64, words.capacity)) }
  mutating func removeAll() { words.removeAll() }
  func clear() { words.clear() }

  /// - Precondition: room was made for the key.
  @inline(__always) func insert(_ key: Int) {
    // `words.start[…] |= …` is what Swift 6.3.1 cannot compile for the thread sanitizer, here and wherever a place is named first.
    let word = unsafe words.start + key &>> 6
    unsafe word.pointee |= 1 &<< UInt64(truncatingIfNeeded: key & 63)
  }

  @inline(__always) func forEach(_ body: (Int) -> Void) {
    for index in 0..<words.count {
      var word = unsafe words.start[index]
      while word != 0 {
        body(index &<< 6 &+ word.trailingZeroBitCount)
        word &= word &- 1
      }
    }
  }

  var count: Int {
    var sum = 0
    for index in 0..<words.count { sum += words[index].nonzeroBitCount }
    return sum
  }
}
