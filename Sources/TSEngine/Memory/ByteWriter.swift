internal import Glibc

/// A growing run of bytes over reserved addresses: codings write here, the result is copied where it stays.
@safe
package struct ByteWriter: ~Copyable {
  package let capacity: Int
  package private(set) var count = 0
  private let base: UnsafeMutablePointer<UInt8>  // unmapped once, in deinit

  /// - Parameter capacity: in bytes of addresses; only what is written takes memory. Writing past it traps.
  package init(capacity: Int = 64 << 20) {
    self.capacity = capacity
    unsafe base = reserve(capacity + PagePool.pageBytes).bindMemory(to: UInt8.self, capacity: capacity)
  }
  deinit {
    let whole = (capacity + 2 * PagePool.pageBytes - 1) / PagePool.pageBytes * PagePool.pageBytes
    unsafe munmap(base, whole)
  }

  package mutating func removeAll() { count = 0 }
  /// Gives memory beyond `keep` bytes back to the kernel.
  package func trim(keep: Int = 1 << 20) {
    let from = (keep + PagePool.pageBytes - 1) / PagePool.pageBytes * PagePool.pageBytes
    if from < capacity { unsafe madvise(base + from, capacity - from, MADV_DONTNEED) }
  }
  package mutating func truncate(to newCount: Int) {
    precondition(newCount >= 0 && newCount <= count)
    count = newCount
  }

  @inline(__always) package mutating func byte(_ value: UInt8) {
    precondition(count < capacity)
    unsafe base[count] = value
    count &+= 1  // below capacity
  }

  /// LEB128: seven bits a byte, least first.
  @inline(__always) package mutating func varint(_ value: UInt64) {
    precondition(count + 10 <= capacity)
    var rest = value
    while rest >= 128 {
      unsafe base[count] = UInt8(truncatingIfNeeded: rest) | 128
      count &+= 1
      rest &>>= 7
    }
    unsafe base[count] = UInt8(truncatingIfNeeded: rest)
    count &+= 1
  }

  /// Little-endian, whatever the machine.
  package mutating func fixed<T: FixedWidthInteger>(_ value: T) {
    let size = MemoryLayout<T>.size
    precondition(count + size <= capacity)
    unsafe UnsafeMutableRawPointer(base + count).storeBytes(of: value.littleEndian, as: T.self)
    count += size
  }
  package mutating func setFixed<T: FixedWidthInteger>(_ value: T, at offset: Int) {
    precondition(offset >= 0 && offset + MemoryLayout<T>.size <= count)
    unsafe UnsafeMutableRawPointer(base + offset).storeBytes(of: value.littleEndian, as: T.self)
  }

  package mutating func string(_ text: String) {
    varint(UInt64(text.utf8.count))
    for byte in text.utf8 { self.byte(byte) }
  }

  @unsafe package mutating func bytes(_ from: UnsafePointer<UInt8>, count added: Int) {
    precondition(added >= 0 && count + added <= capacity)
    unsafe (base + count).update(from: from, count: added)
    count += added
  }

  /// Room for `limit` bytes at the end; `write` says how many it used. For codings with a known bound.
  @unsafe package mutating func write(limit: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Int) {
    precondition(count + limit <= capacity)
    let used = unsafe write(base + count)
    precondition(used >= 0 && used <= limit)
    count += used
  }

  @unsafe package var start: UnsafePointer<UInt8> { unsafe UnsafePointer(base) }
}
