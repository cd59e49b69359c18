import Glibc

import TSEngine

/// Sketches at the sizes the engine meets them: a busy hour's registers, a minute's visitors, a day of minutes.
enum SketchBenchmarks {
  static func run() {
    let bench = SketchBench()
    bench.insert()
    bench.sort(100)
    bench.sort(1_000)
    bench.minutes()
    bench.mergeAndEstimate()
    for visitors in [1_000, 4_000, 10_000, 100_000] { bench.freeze(visitors) }
  }
}

@safe private final class SketchBench {
  private let p = 14
  private let registers: UnsafeMutablePointer<UInt8>, other: UnsafeMutablePointer<UInt8>, out: UnsafeMutablePointer<UInt8>
  private let key = SipKey(k0: 0x0706_0504_0302_0100, k1: 0x0f0e_0d0c_0b0a_0908)

  init() {
    unsafe (registers, other, out) = (.allocate(capacity: 1 << 14), .allocate(capacity: 1 << 14), .allocate(capacity: 1 << 20))
    unsafe registers.initialize(repeating: 0, count: 1 << 14)
    unsafe other.initialize(repeating: 0, count: 1 << 14)
    unsafe out.initialize(repeating: 0, count: 1 << 20)
  }
  deinit {
    unsafe registers.deallocate()
    unsafe other.deallocate()
    unsafe out.deallocate()
  }

  /// The best of five rounds, each of `count` operations.
  private func report(_ name: String, _ count: Int, _ body: () -> UInt64) {
    var best = UInt64.max, checksum: UInt64 = 0
    for _ in 0..<5 {
      let start = Self.nanoseconds()
      checksum = body()
      best = min(best, Self.nanoseconds() - start)
    }
    let tenths = best * 10 / UInt64(count)
    print("\(name)\t\(tenths / 10).\(tenths % 10) ns/op\tchecksum \(checksum)")
  }
  private static func nanoseconds() -> UInt64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
  }
  private func clear(_ registers: UnsafeMutablePointer<UInt8>) { unsafe registers.update(repeating: 0, count: 1 << 14) }
  private func token(_ number: Int) -> VisitorToken { VisitorToken(hash: key.hash(UInt64(number), 0)) }

  func insert() {
    report("sketch: SipHash, token and insert, p = 14", 1_000_000) {
      unsafe clear(registers)
      for number in 0..<1_000_000 { unsafe HyperLogLog.insert(token(number), into: registers, p: p) }
      return unsafe UInt64(HyperLogLog.estimate(registers, p: p))
    }
  }

  func sort(_ count: Int) {
    let source = (0..<count).map { token($0).rawValue }
    var tokens = source, scratch = source
    report("sketch: sort a list of \(count), per visitor", count * 200) {
      var sum: UInt64 = 0
      for _ in 0..<200 {
        for index in 0..<count { tokens[index] = source[index] }
        sum &+= UInt64(unsafe TokenList.sort(&tokens, count: count, scratch: &scratch))
      }
      return sum
    }
  }

  /// 1,440 minutes of 100 visitors each, end to end as a log of blobs holds them.
  func minutes() {
    var starts = [0], scratch = [UInt32](repeating: 0, count: 100)
    for minute in 0..<1_440 {
      var tokens = (0..<100).map { token(minute * 60 + $0 * 7).rawValue }
      let distinct = unsafe TokenList.sort(&tokens, count: 100, scratch: &scratch)
      starts.append(starts[minute] + (unsafe TokenList.freeze(tokens, count: distinct, into: out + starts[minute])))
    }
    report("sketch: union of 1,440 lists of 100, per union", 1) {
      unsafe clear(registers)
      for minute in 0..<1_440 {
        unsafe TokenList.merge(out + starts[minute], count: starts[minute + 1] - starts[minute], into: registers, p: p)
      }
      return unsafe UInt64(HyperLogLog.estimate(registers, p: p))
    }
    print("sketch: bytes of a list of 100\t\(starts[1_440] / 1_440)")
  }

  func mergeAndEstimate() {
    for number in 0..<50_000 { unsafe HyperLogLog.insert(token(number), into: other, p: p) }
    report("sketch: merge registers, p = 14", 1_000) {
      unsafe clear(registers)
      for _ in 0..<1_000 { unsafe HyperLogLog.merge(other, into: registers, p: p) }
      return unsafe UInt64(registers[0])
    }
    report("sketch: fold 14 to 12", 1_000) {
      unsafe clear(registers)
      for _ in 0..<1_000 { unsafe HyperLogLog.fold(other, p: p, into: registers, to: 12) }
      return unsafe UInt64(registers[0])
    }
    report("sketch: estimate, p = 14", 100) {
      var sum = 0.0
      for _ in 0..<100 { sum += unsafe HyperLogLog.estimate(other, p: p) }
      return UInt64(sum)
    }
  }

  func freeze(_ visitors: Int) {
    unsafe clear(other)
    for number in 0..<visitors { unsafe HyperLogLog.insert(token(number), into: other, p: p) }
    var bytes = 0
    report("sketch: freeze \(visitors) visitors", 200) {
      for _ in 0..<200 { bytes = unsafe HyperLogLog.freeze(other, p: p, into: out) }
      return UInt64(bytes)
    }
    report("sketch: thaw \(visitors) visitors (\(bytes) bytes)", 200) {
      unsafe clear(registers)
      for _ in 0..<200 { unsafe HyperLogLog.mergeFrozen(out, count: bytes, into: registers, p: p) }
      return unsafe UInt64(HyperLogLog.estimate(registers, p: p))
    }
  }
}
