internal import Glibc

/// A small set of visitors, exact up to the collisions of its 21-bit tokens: what a closed minute keeps.
///
/// ```
///  varint n ‖ n × Rice(gap of slots, k of n) [‖ unary(class − 63) when the slot's low six bits are 63], zero padded
///
///  token   register 14 ‖ class 7        slot   register 14 ‖ min(class, 63): one bit less, since classes from 63 on,
///                                              all hashes whose six bits are zero, are as rare together as one below
///  gap     slot − slot before − 1, or − 0 after a slot ending in 63, which may come again with a larger class
/// ```
/// Example: the tokens 5 and 64 (class 5 of register 0, class 64 of register 0): n = 2, k = 18: `02`, gap 5, gap 57 and
/// one 0-bit before the 1 of `unary(1)`.
///
/// 10, 100 and 1,000 visitors take about 24, 183 and 1,455 bytes (varint gaps: 31, 248, 1,960).
package enum TokenList {
  private static let slots = 1 << 20
  private static let lastClass = 107  // 63 + 44 zeros: rank 51

  /// Sorts tokens, leaves the distinct ones ascending at the start and returns how many; `scratch` has room for `count`.
  ///
  /// Insertion below 25, else three passes of seven bits: ≈ 8 ns a token.
  package static func sort(_ tokens: UnsafeMutablePointer<UInt32>, count: Int, scratch: UnsafeMutablePointer<UInt32>) -> Int {
    if count < 2 { return count }
    if count < 25 {
      for index in 1..<count {
        let token = unsafe tokens[index]
        var at = index
        while at > 0, unsafe tokens[at - 1] > token {
          unsafe tokens[at] = tokens[at - 1]
          at -= 1
        }
        unsafe tokens[at] = token
      }
    } else {
      unsafe radixSort(tokens, count, scratch)
    }
    var distinct = 1
    for index in 1..<count {
      let token = unsafe tokens[index]
      unsafe tokens[distinct] = token
      if unsafe token != tokens[distinct &- 1] { distinct &+= 1 }
    }
    return distinct
  }

  private static func radixSort(_ tokens: UnsafeMutablePointer<UInt32>, _ count: Int, _ scratch: UnsafeMutablePointer<UInt32>) {
    unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 384) { buffer in
      unsafe buffer.initialize(repeating: 0)
      let ends = buffer.baseAddress!
      for index in 0..<count {
        let token = unsafe tokens[index]
        unsafe ends[Int(token & 127)] &+= 1
        unsafe ends[128 &+ Int(token &>> 7 & 127)] &+= 1
        unsafe ends[256 &+ Int(token &>> 14 & 127)] &+= 1
      }
      for pass in 0..<3 {
        var sum: UInt32 = 0
        for digit in pass * 128..<pass * 128 + 128 {
          let here = unsafe ends[digit]
          unsafe ends[digit] = sum
          sum &+= here
        }
        let (from, to) = unsafe pass == 1 ? (scratch, tokens) : (tokens, scratch)
        for index in 0..<count {
          let token = unsafe from[index], digit = pass &* 128 &+ Int(token &>> UInt32(7 &* pass) & 127)
          unsafe to[Int(ends[digit])] = token
          unsafe ends[digit] &+= 1
        }
      }
    }
    unsafe tokens.update(from: scratch, count: count)
  }

  /// Bytes `freeze` may need, with the slack its bit writer wants: unary parts sum to at most 2n + 44n.
  package static func maxFrozenBytes(count: Int) -> Int { 16 + count * 9 }

  /// Writes distinct, ascending tokens and returns the length.
  package static func freeze(_ sorted: UnsafePointer<UInt32>, count: Int, into out: UnsafeMutablePointer<UInt8>) -> Int {
    let head = unsafe putVarint(count, out), k = RiceCoding.parameter(count: count, space: slots)
    var writer = unsafe BitWriter(out + head), next = 0  // the smallest slot that may follow
    for index in 0..<count {
      let token = unsafe Int(sorted[index]), kind = token & 127
      let slot = (token &>> 7) &<< 6 | min(kind, 63)
      unsafe writer.rice(slot &- next, k: k)
      if kind < 63 {
        next = slot &+ 1
      } else {
        unsafe writer.unary(kind &- 63)
        next = slot
      }
    }
    return unsafe head + writer.byteCount
  }

  /// The tokens of a sound list, ascending; needs eight readable bytes past its end.
  @inline(__always)
  package static func forEach(_ bytes: UnsafePointer<UInt8>, count byteCount: Int, _ body: (UInt32) -> Void) {
    var head = 0
    let count = unsafe getVarint(bytes, &head), k = RiceCoding.parameter(count: count, space: slots)
    var reader = unsafe BitReader(bytes + head), next = 0
    for _ in 0..<count {
      let slot = unsafe next &+ reader.rice(k: k)
      var token = (slot &>> 6) &<< 7 | slot & 63
      if slot & 63 == 63 {
        unsafe token &+= reader.unary()
        next = slot
      } else {
        next = slot &+ 1
      }
      body(UInt32(truncatingIfNeeded: token))
    }
  }

  /// Merges the visitors of a sound list into registers of p ≤ 14; needs eight readable bytes past its end.
  package static func merge(
    _ bytes: UnsafePointer<UInt8>, count byteCount: Int, into registers: UnsafeMutablePointer<UInt8>, p: Int
  ) {
    if p < 14 {
      return unsafe forEach(bytes, count: byteCount) { token in
        unsafe HyperLogLog.insert(VisitorToken(rawValue: token), into: registers, p: p)
      }
    }
    // At p = 14 a slot is register ‖ six bits: the rank is one more than the zeros of these, without the token's table.
    var head = 0
    let count = unsafe getVarint(bytes, &head), k = RiceCoding.parameter(count: count, space: slots)
    var reader = unsafe BitReader(bytes + head), next = 0
    for _ in 0..<count {
      let slot = unsafe next &+ reader.rice(k: k), six = slot & 63 &+ 1
      next = slot &+ 1
      var rank = UInt8(truncatingIfNeeded: six.leadingZeroBitCount &- 57)
      if six == 64 {
        rank = unsafe UInt8(truncatingIfNeeded: 7 &+ reader.unary())
        next = slot
      }
      let register = unsafe registers + slot &>> 6
      if unsafe register.pointee < rank { unsafe register.pointee = rank }
    }
  }

  /// How many tokens a list holds; no decoding.
  @inline(__always) package static func distinct(_ bytes: UnsafePointer<UInt8>, count byteCount: Int) -> Int {
    var head = 0
    return unsafe getVarint(bytes, &head)
  }

  /// Whether untrusted bytes are exactly one list; reads nothing outside them.
  package static func isValidFrozen(_ bytes: UnsafePointer<UInt8>, count byteCount: Int) -> Bool {
    guard let (count, head) = unsafe checkedVarint(bytes, from: 0, byteCount), count <= VisitorToken.space else { return false }
    let k = RiceCoding.parameter(count: count, space: slots)
    var reader = unsafe CheckedBitReader(bytes + head, count: byteCount - head)
    var next = 0, previous = -1
    for _ in 0..<count {
      guard let gap = reader.rice(k: k, limit: slots - 1 - next) else { return false }
      let slot = next + gap
      var token = (slot >> 6) << 7 | slot & 63
      next = slot + 1
      if slot & 63 == 63 {
        guard let above = reader.unary(limit: lastClass - 63) else { return false }
        token += above
        next = slot
      }
      guard token > previous else { return false }
      previous = token
    }
    return reader.isAtEnd
  }

  /// The number of visitors behind `distinct` tokens: n visitors leave about n − n²/2M tokens, where 1/M is the chance that
  /// two visitors share one, `2^14 · (63 · 2^−40 + Σ 2^−(40+2j)) = (63 + 1/3) · 2^−26`.
  ///
  /// Exact to a visitor up to 1,000; within 0.1 % (bias) up to 100,000.
  package static func estimate(distinct: Int) -> Double {
    let collisions = 67_108_864.0 / (63 + 1.0 / 3)
    let full = min(Double(distinct), collisions * 0.99)
    return -collisions * log1p(-full / collisions)
  }
}
