import Glibc

import TSEngine

/// Interning the paths of a site: known strings, new ones, and the longest single call while the table grows.
enum LabelBenchmarks {
  static func run() {
    let paths = (0..<60_000).map { Array("/articles/2026/\($0 &* 2_654_435_761 % 1_000_003)/a-title-of-some-length".utf8) }
    let arena = LabelArena(paths)
    var labels = LabelDictionary(maxCodes: 131_072, maxBytes: 8 << 20, pool: PagePool(limitBytes: 64 << 20))
    var longest: UInt64 = 0, sum: UInt64 = 0
    let start = nanoseconds()
    for index in paths.indices {
      let before = nanoseconds()
      sum &+= UInt64(arena.intern(index, into: &labels))
      longest = max(longest, nanoseconds() - before)
    }
    report("labels: new paths, clock included", start, paths.count, sum)
    print("labels: longest call while growing to \(labels.count)\t\(longest / 1_000) µs")
    sum = 0
    let again = nanoseconds()
    for round in 0..<20 {
      for index in 0..<20_000 { sum &+= UInt64(arena.intern(index &* 7_919 % 20_000, into: &labels)) &+ UInt64(round) }
    }
    report("labels: known paths of 20,000, in random order", again, 400_000, sum)
  }

  private static func report(_ name: String, _ start: UInt64, _ count: Int, _ checksum: UInt64) {
    let tenths = (nanoseconds() - start) * 10 / UInt64(count)
    print("\(name)\t\(tenths / 10).\(tenths % 10) ns/op\tchecksum \(checksum)")
  }
  private static func nanoseconds() -> UInt64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
  }
}

/// Strings end to end with the padding that interning reads over.
@safe private final class LabelArena {
  private let start: UnsafeMutablePointer<UInt8>
  private var offsets = [0]

  init(_ strings: [[UInt8]]) {
    unsafe start = .allocate(capacity: strings.reduce(16) { $0 + $1.count })
    for string in strings {
      unsafe (start + offsets.last!).update(from: string, count: string.count)
      offsets.append(offsets.last! + string.count)
    }
    unsafe (start + offsets.last!).update(repeating: 0, count: 16)
  }
  deinit { unsafe start.deallocate() }

  func intern(_ index: Int, into labels: inout LabelDictionary) -> UInt32 {
    unsafe labels.code(start + offsets[index], count: offsets[index + 1] - offsets[index], extra: 0).code
  }
}
