/// The frozen form of registers that are mostly 0, 1 or 2: two bits each, and what is larger behind.
///
/// Half as large as dense where visitors are about as many as registers, which is what a busy hour and most values of a day
/// are: 5.2 instead of 8.2 KB with 10,000 visitors at p = 14, 305 instead of 515 bytes with 400 at p = 10.
/// ```
///  04 ‖ varint e ‖ 2^(p−2) bytes ‖ e nibbles, low one first, zero padded to a byte ‖ a byte for each nibble 15
///
///  byte i: registers i, i + m/4, i + m/2, i + 3m/4 from its low bits on, m = 2^p; 3 stands for "3 or more"
///  nibble: rank − 3 of each such register in order; 15 stands for 18 or more, whose rank is one of the last bytes
/// ```
/// Example, p = 10: register 0 = 1, register 256 = 2, register 513 = 21, the rest empty: byte 0 is 01 + 10·4 = 09, byte 1 is
/// 3·16 = 30; e = 1, its nibble 15, its rank 15: `04 01 09 30 00… 0f 15`.
extension HyperLogLog {
  static let quarterTag: UInt8 = 4
  private static let mark: UInt8 = 3, farthest: UInt8 = 15

  /// Bytes of this form for `escapes` registers above 2, `far` of them above 17.
  static func quarterBytes(_ m: Int, escapes: Int, far: Int) -> Int {
    1 + (escapes < 128 ? 1 : escapes < 16_384 ? 2 : 3) + m / 4 + (escapes + 1) / 2 + far
  }

  static func freezeQuarter(
    _ registers: UnsafePointer<UInt8>, _ m: Int, escapes: Int, into out: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let quarter = m / 4
    unsafe out[0] = quarterTag
    var end = unsafe 1 + putVarint(escapes, out + 1)
    let codes = unsafe out + end
    for index in 0..<quarter {
      var byte: UInt8 = 0
      for plane in 0..<4 {
        let rank = unsafe registers[plane &* quarter &+ index]
        byte |= (rank < mark ? rank : mark) &<< UInt8(truncatingIfNeeded: 2 &* plane)
      }
      unsafe codes[index] = byte
    }
    end += quarter
    let nibbles = unsafe out + end
    end += (escapes + 1) / 2
    for byte in 0..<(escapes + 1) / 2 { unsafe nibbles[byte] = 0 }
    var number = 0
    for index in 0..<m where unsafe registers[index] >= mark {
      let nibble = min(farthest, unsafe registers[index] - mark)
      unsafe nibbles[number >> 1] |= nibble << UInt8(number & 1 * 4)
      if nibble == farthest {
        unsafe out[end] = registers[index]
        end += 1
      }
      number += 1
    }
    return end
  }

  /// Merges sound bytes into registers; needs eight readable bytes past their end.
  static func mergeQuarter(_ bytes: UnsafePointer<UInt8>, into registers: UnsafeMutablePointer<UInt8>, p: Int) {
    let m = count(p: p)
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: m) { room in
      let ranks = room.baseAddress!
      unsafe expandQuarter(bytes, m, into: ranks)
      unsafe merge(ranks, into: registers, p: p)
    }
  }

  private static func expandQuarter(_ bytes: UnsafePointer<UInt8>, _ m: Int, into ranks: UnsafeMutablePointer<UInt8>) {
    let quarter = m / 4
    var head = 1
    let escapes = unsafe getVarint(bytes, &head), codes = unsafe bytes + head
    for plane in 0..<4 {
      let to = unsafe ranks + plane &* quarter, shift = UInt8(truncatingIfNeeded: 2 &* plane)
      for index in 0..<quarter { unsafe to[index] = (codes[index] &>> shift) & 3 }
    }
    if escapes == 0 { return }
    let nibbles = unsafe codes + quarter
    var far = unsafe nibbles + (escapes + 1) / 2, number = 0
    for word in 0..<m / 8 {
      let eight = unsafe UnsafeRawPointer(ranks + word &* 8).loadUnaligned(as: UInt64.self).littleEndian
      var marked = eight & eight &>> 1 & 0x0101_0101_0101_0101  // a byte of 3
      while marked != 0 {
        let at = word &* 8 &+ marked.trailingZeroBitCount &>> 3
        let nibble = unsafe nibbles[number &>> 1] &>> UInt8(truncatingIfNeeded: (number & 1) &* 4) & 15
        if nibble == farthest {
          unsafe ranks[at] = far.pointee
          unsafe far += 1
        } else {
          unsafe ranks[at] = nibble &+ mark
        }
        number &+= 1
        marked &= marked &- 1
      }
    }
  }

  /// Whether untrusted bytes are exactly what `freezeQuarter` may write; reads nothing outside them.
  static func isValidQuarter(_ bytes: UnsafePointer<UInt8>, _ byteCount: Int, p: Int) -> Bool {
    let m = count(p: p), quarter = m / 4
    guard let (escapes, head) = unsafe checkedVarint(bytes, from: 1, byteCount), escapes <= m,
      byteCount >= head + quarter + (escapes + 1) / 2
    else { return false }
    var marked = 0
    for index in head..<head + quarter {
      let code = unsafe bytes[index]
      marked += Int((code & code >> 1 & 0x55).nonzeroBitCount)
    }
    guard marked == escapes else { return false }
    let nibbles = unsafe bytes + head + quarter
    var end = head + quarter + (escapes + 1) / 2
    for number in 0..<escapes where unsafe nibbles[number >> 1] >> UInt8(number & 1 * 4) & 15 == farthest {
      guard end < byteCount, unsafe bytes[end] >= mark + farthest, unsafe bytes[end] <= maxRank(p: p) else { return false }
      end += 1
    }
    if escapes & 1 == 1, unsafe nibbles[escapes >> 1] >> 4 != 0 { return false }
    return end == byteCount
  }
}
