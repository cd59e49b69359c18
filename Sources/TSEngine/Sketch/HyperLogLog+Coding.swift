extension HyperLogLog {
  // A frozen sketch describes itself by its first byte:
  //
  //  0x00          empty         nothing follows
  //  0x01          sparse        varint n ‖ varint b ‖ b bytes: n × Rice(gap to the index before − 1, k of n) ‖ n × unary(rank − 1)
  //                              both zero padded to bytes; two streams, so that neither waits for the other
  //  0x02          raw           2^p registers (never seen in practice; bounds the size)
  //  0x04          quarter       two bits a register and what is larger: HyperLogLog+Quarter.swift
  //  0x80 | base   dense         exceptions e (2, little-endian) ‖ 2^(p−1) bytes ‖ e × (index (2) ‖ rank (1)), ascending
  //                              byte i: rank − base of register i (low four bits) and of register i + 2^(p−1) (high)
  //                              15 stands for "15 or more": an exception says how much
  //
  // Example, p = 10, register 700 = 3 and register 701 = 1, the rest empty: n = 2, k = ⌊log₂(0.962 · 1024 / 2)⌋ = 8
  //   gap 700 = 2·256 + 188 → 001 00111101 │ gap 0 → 1 00000000      bits 00100111 10110000 0000 → e4 0d 00
  //   rank 3 → 001 │ rank 1 → 1                                      bits 0011 → 0c         whole: 01 02 03 e4 0d 00 0c

  private enum Tag {
    static let empty: UInt8 = 0, sparse: UInt8 = 1, raw: UInt8 = 2, dense: UInt8 = 0x80
  }

  /// Bytes `freeze` may need, with the slack its bit writer wants.
  package static func maxFrozenBytes(p: Int) -> Int { count(p: p) + 16 }

  /// Writes the smallest form of `registers` and returns its length.
  ///
  /// Sparse only where it takes a quarter of dense or less: reading it costs ≈ 3 ns a register, dense 0.4 µs in all (p = 14).
  package static func freeze(_ registers: UnsafePointer<UInt8>, p: Int, into out: UnsafeMutablePointer<UInt8>) -> Int {
    let m = count(p: p)
    var base: UInt8 = 255, used = 0
    for index in 0..<m {
      let rank = unsafe registers[index]
      base = rank < base ? rank : base
      used &+= rank == 0 ? 0 : 1
    }
    if used == 0 {
      unsafe out[0] = Tag.empty
      return 1
    }
    let dense = 3 + m / 2
    if used * 8 <= m, unsafe sparseBytes(registers, m, used) * 4 <= dense {
      return unsafe freezeSparse(registers, m, used, into: out)
    }
    var exceptions = 0, escapes = 0, far = 0
    for index in 0..<m {
      let rank = unsafe registers[index]
      exceptions &+= rank &- base >= 15 ? 1 : 0
      escapes &+= rank > 2 ? 1 : 0
      far &+= rank > 17 ? 1 : 0
    }
    let quarter = quarterBytes(m, escapes: escapes, far: far)
    if quarter * 8 <= dense * 7 { return unsafe freezeQuarter(registers, m, escapes: escapes, into: out) }
    if dense + 3 * exceptions <= m { return unsafe freezeDense(registers, m, base, exceptions, into: out) }
    unsafe out[0] = Tag.raw
    unsafe (out + 1).update(from: registers, count: m)
    return 1 + m
  }

  private static func sparseBytes(_ registers: UnsafePointer<UInt8>, _ m: Int, _ used: Int) -> Int {
    let k = RiceCoding.parameter(count: used, space: m)
    var bits = 0, previous = -1
    for index in 0..<m where unsafe registers[index] != 0 {
      bits += unsafe RiceCoding.bits(index - previous - 1, k: k) + Int(registers[index])
      previous = index
    }
    return 6 + (bits + 7) / 8
  }

  private static func freezeSparse(
    _ registers: UnsafePointer<UInt8>, _ m: Int, _ used: Int, into out: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let k = RiceCoding.parameter(count: used, space: m)
    return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: m + 16) { buffer in
      let scratch = buffer.baseAddress!
      var gaps = unsafe BitWriter(scratch), previous = -1
      for index in 0..<m where unsafe registers[index] != 0 {
        unsafe gaps.rice(index &- previous &- 1, k: k)
        previous = index
      }
      unsafe out[0] = Tag.sparse
      var end = unsafe 1 + putVarint(used, out + 1)
      unsafe end += putVarint(gaps.byteCount, out + end)
      unsafe (out + end).update(from: scratch, count: gaps.byteCount)
      unsafe end += gaps.byteCount
      var ranks = unsafe BitWriter(out + end)
      for index in 0..<m where unsafe registers[index] != 0 { unsafe ranks.unary(Int(registers[index]) &- 1) }
      return unsafe end + ranks.byteCount
    }
  }

  private static func freezeDense(
    _ registers: UnsafePointer<UInt8>, _ m: Int, _ base: UInt8, _ exceptions: Int, into out: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let half = m / 2
    unsafe out[0] = Tag.dense | base
    unsafe out[1] = UInt8(truncatingIfNeeded: exceptions)
    unsafe out[2] = UInt8(truncatingIfNeeded: exceptions >> 8)
    let lanes = unsafe out + 3
    for index in 0..<half {
      let low = unsafe registers[index] &- base, high = unsafe registers[index &+ half] &- base
      unsafe lanes[index] = (low > 15 ? 15 : low) | (high > 15 ? 15 : high) &<< 4
    }
    var end = 3 + half
    if exceptions > 0 {
      for index in 0..<m where unsafe registers[index] &- base >= 15 {
        unsafe out[end] = UInt8(truncatingIfNeeded: index)
        unsafe out[end + 1] = UInt8(truncatingIfNeeded: index >> 8)
        unsafe out[end + 2] = registers[index]
        end += 3
      }
    }
    return end
  }

  /// Merges a sound frozen sketch into registers; needs eight readable bytes past its end.
  package static func mergeFrozen(
    _ bytes: UnsafePointer<UInt8>, count byteCount: Int, into registers: UnsafeMutablePointer<UInt8>, p: Int
  ) {
    switch unsafe bytes[0] {
    case Tag.empty: return
    case Tag.sparse: unsafe mergeSparse(bytes, into: registers, p: p)
    case Tag.raw: unsafe merge(bytes + 1, into: registers, p: p)
    case quarterTag: unsafe mergeQuarter(bytes, into: registers, p: p)
    default: unsafe mergeDense(bytes, into: registers, half: count(p: p) / 2)
    }
  }

  private static func mergeSparse(_ bytes: UnsafePointer<UInt8>, into registers: UnsafeMutablePointer<UInt8>, p: Int) {
    var head = 1
    let used = unsafe getVarint(bytes, &head), gapBytes = unsafe getVarint(bytes, &head)
    let k = RiceCoding.parameter(count: used, space: count(p: p))
    var gaps = unsafe BitReader(bytes + head), ranks = unsafe BitReader(bytes + head + gapBytes), index = -1
    for _ in 0..<used {
      unsafe index &+= gaps.rice(k: k) &+ 1
      let rank = unsafe UInt8(truncatingIfNeeded: ranks.unary() &+ 1)
      if unsafe registers[index] < rank { unsafe registers[index] = rank }
    }
  }

  private static func mergeDense(_ bytes: UnsafePointer<UInt8>, into registers: UnsafeMutablePointer<UInt8>, half: Int) {
    let base = unsafe bytes[0] & 0x7f
    let lanes = unsafe bytes + 3, upper = unsafe registers + half
    // An exception merges as base + 15 first, which is at most its rank.
    for index in 0..<half {
      let rank = unsafe (lanes[index] & 15) &+ base, old = unsafe registers[index]
      unsafe registers[index] = old > rank ? old : rank
    }
    for index in 0..<half {
      let rank = unsafe (lanes[index] &>> 4) &+ base, old = unsafe upper[index]
      unsafe upper[index] = old > rank ? old : rank
    }
    var exception = unsafe lanes + half
    for _ in 0..<(unsafe Int(bytes[1]) | Int(bytes[2]) << 8) {
      let index = unsafe Int(exception[0]) | Int(exception[1]) << 8
      if unsafe registers[index] < exception[2] { unsafe registers[index] = exception[2] }
      unsafe exception += 3
    }
  }

  /// Whether untrusted bytes are exactly one frozen sketch of precision `p`; reads nothing outside them.
  ///
  /// Everything `mergeFrozen` relies on: exact length, ascending indices below 2^p, ranks ≤ 65 − p.
  package static func isValidFrozen(_ bytes: UnsafePointer<UInt8>, count byteCount: Int, p: Int) -> Bool {
    guard byteCount >= 1 else { return false }
    let m = count(p: p), limit = maxRank(p: p)
    switch unsafe bytes[0] {
    case Tag.empty: return byteCount == 1
    case Tag.sparse: return unsafe isValidSparse(bytes, byteCount, p: p)
    case Tag.raw:
      guard byteCount == 1 + m else { return false }
      for index in 1...m where unsafe bytes[index] > limit { return false }
      return true
    case quarterTag: return unsafe isValidQuarter(bytes, byteCount, p: p)
    case Tag.dense...: return unsafe isValidDense(bytes, byteCount, p: p)
    default: return false
    }
  }

  private static func isValidSparse(_ bytes: UnsafePointer<UInt8>, _ byteCount: Int, p: Int) -> Bool {
    let m = count(p: p)
    guard let (used, middle) = unsafe checkedVarint(bytes, from: 1, byteCount), used >= 1, used <= m,
      let (gapBytes, head) = unsafe checkedVarint(bytes, from: middle, byteCount), gapBytes <= byteCount - head
    else { return false }
    let k = RiceCoding.parameter(count: used, space: m)
    var gaps = unsafe CheckedBitReader(bytes + head, count: gapBytes), index = -1
    var ranks = unsafe CheckedBitReader(bytes + head + gapBytes, count: byteCount - head - gapBytes)
    for _ in 0..<used {
      guard let gap = gaps.rice(k: k, limit: m - 2 - index), ranks.unary(limit: Int(maxRank(p: p)) - 1) != nil else {
        return false
      }
      index += gap + 1
    }
    return gaps.isAtEnd && ranks.isAtEnd
  }

  private static func isValidDense(_ bytes: UnsafePointer<UInt8>, _ byteCount: Int, p: Int) -> Bool {
    let m = count(p: p), half = m / 2, limit = maxRank(p: p)
    guard byteCount >= 3 + half else { return false }
    let base = unsafe bytes[0] & 0x7f, exceptions = unsafe Int(bytes[1]) | Int(bytes[2]) << 8
    guard byteCount == 3 + half + 3 * exceptions, base <= limit else { return false }
    var marked = 0
    for index in 0..<half {
      let low = unsafe bytes[3 + index] & 15, high = unsafe bytes[3 + index] >> 4
      marked += (low == 15 ? 1 : 0) + (high == 15 ? 1 : 0)
      if low < 15 && base + low > limit || high < 15 && base + high > limit { return false }
    }
    var previous = -1
    for number in 0..<exceptions {
      let at = 3 + half + 3 * number
      let index = unsafe Int(bytes[at]) | Int(bytes[at + 1]) << 8, rank = unsafe bytes[at + 2]
      guard index > previous, index < m, rank <= limit, rank >= base + 15 else { return false }
      let lane = unsafe bytes[3 + index % half]
      guard (index < half ? lane & 15 : lane >> 4) == 15 else { return false }
      previous = index
    }
    return marked == exceptions
  }
}

/// LEB128 over raw bytes, for codings that carry their count; the same form as `ByteWriter.varint`.
@inline(__always) func putVarint(_ value: Int, _ out: UnsafeMutablePointer<UInt8>) -> Int {
  var rest = value, count = 0
  while rest >= 128 {
    unsafe out[count] = UInt8(truncatingIfNeeded: rest) | 128
    count &+= 1
    rest &>>= 7
  }
  unsafe out[count] = UInt8(truncatingIfNeeded: rest)
  return count &+ 1
}

@inline(__always) func getVarint(_ bytes: UnsafePointer<UInt8>, _ at: inout Int) -> Int {
  var byte = unsafe bytes[at], value = Int(byte & 127), shift = 7
  at &+= 1
  while byte >= 128 {
    byte = unsafe bytes[at]
    value |= Int(byte & 127) &<< shift
    shift &+= 7
    at &+= 1
  }
  return value
}

/// A varint below 2^28 in its shortest form, inside the bytes; and where it ends.
func checkedVarint(_ bytes: UnsafePointer<UInt8>, from start: Int, _ count: Int) -> (value: Int, end: Int)? {
  var value = 0
  for length in 0..<4 where start + length < count {
    let byte = unsafe bytes[start + length]
    value |= Int(byte & 127) << (7 * length)
    if byte < 128 { return byte == 0 && length > 0 ? nil : (value, start + length + 1) }
  }
  return nil
}
