@testable import TSEngine

extension SplitMix {
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
  mutating func token() -> VisitorToken { VisitorToken(hash: next()) }
}

/// Memory with the padding that decoders ask for, filled with ones so that nothing relies on zeros behind the end.
@safe final class PaddedBytes {
  let start: UnsafeMutablePointer<UInt8>, count: Int
  init(_ bytes: [UInt8]) {
    count = bytes.count
    unsafe start = .allocate(capacity: bytes.count + 16)
    unsafe start.initialize(repeating: 0xff, count: bytes.count + 16)
    for index in bytes.indices { unsafe start[index] = bytes[index] }
  }
  deinit { unsafe start.deallocate() }
}

/// A register array with an owner.
@safe final class Registers: Equatable {
  let p: Int
  let start: UnsafeMutablePointer<UInt8>

  init(p: Int) {
    self.p = p
    unsafe start = .allocate(capacity: 1 << p)
    unsafe start.initialize(repeating: 0, count: 1 << p)
  }
  convenience init(p: Int, _ tokens: [VisitorToken]) {
    self.init(p: p)
    for token in tokens { unsafe HyperLogLog.insert(token, into: start, p: p) }
  }
  deinit { unsafe start.deallocate() }

  var values: [UInt8] { unsafe Array(UnsafeBufferPointer(start: start, count: 1 << p)) }
  var estimate: Double { unsafe HyperLogLog.estimate(start, p: p) }
  subscript(index: Int) -> UInt8 {
    get { unsafe start[index] }
    set { unsafe start[index] = newValue }
  }

  func merged(with other: Registers) -> Registers {
    let union = Registers(p: p)
    unsafe HyperLogLog.merge(start, into: union.start, p: p)
    unsafe HyperLogLog.merge(other.start, into: union.start, p: p)
    return union
  }
  func folded(to q: Int) -> Registers {
    let folded = Registers(p: q)
    unsafe HyperLogLog.fold(start, p: p, into: folded.start, to: q)
    return folded
  }
  var frozen: [UInt8] {
    let limit = HyperLogLog.maxFrozenBytes(p: p), out = PaddedBytes([UInt8](repeating: 0, count: limit))
    let count = unsafe HyperLogLog.freeze(start, p: p, into: out.start)
    precondition(count <= limit)
    return unsafe Array(UnsafeBufferPointer(start: out.start, count: count))
  }
  func merge(frozen: [UInt8]) {
    let bytes = PaddedBytes(frozen)
    unsafe HyperLogLog.mergeFrozen(bytes.start, count: bytes.count, into: start, p: p)
  }
  static func isValid(_ frozen: [UInt8], p: Int) -> Bool {
    // The exact bytes alone, so that a sanitizer would see a read past their end.
    unsafe frozen.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return false }
      return unsafe HyperLogLog.isValidFrozen(start, count: bytes.count, p: p)
    }
  }
  static func == (a: Registers, b: Registers) -> Bool { a.p == b.p && a.values == b.values }
}
