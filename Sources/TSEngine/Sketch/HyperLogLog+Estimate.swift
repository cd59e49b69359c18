extension HyperLogLog {
  /// The number of distinct visitors behind `registers`: Ertl's improved estimator, which needs no tables and no switch
  /// between ranges, and has no bias from 0 to 10⁹.
  ///
  /// Ertl 2017, "New cardinality estimation algorithms for HyperLogLog sketches", arXiv:1702.01284, algorithm 6. With
  /// `C_k` the number of registers that hold `k`, `q = 64 − p` and `m = 2^p`:
  /// ```
  ///  z = m · τ(1 − C_{q+1}/m);   for k = q … 1: z = (z + C_k) / 2;   z += m · σ(C_0/m);   n̂ = m² / (2 ln 2 · z)
  /// ```
  package static func estimate(_ registers: UnsafePointer<UInt8>, p: Int) -> Double {
    unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { counts in
      unsafe counts.initialize(repeating: 0)
      let lane = counts.baseAddress!
      // Four histograms, so that equal neighbours do not wait for each other's store. A rank fits six bits (p ≥ 2).
      var index = 0
      while index < count(p: p) {
        unsafe lane[Int(registers[index] & 63)] &+= 1
        unsafe lane[64 &+ Int(registers[index &+ 1] & 63)] &+= 1
        unsafe lane[128 &+ Int(registers[index &+ 2] & 63)] &+= 1
        unsafe lane[192 &+ Int(registers[index &+ 3] & 63)] &+= 1
        index &+= 4
      }
      for rank in 0..<64 { unsafe lane[rank] += lane[64 + rank] + lane[128 + rank] + lane[192 + rank] }
      return unsafe estimate(counts: lane, p: p)
    }
  }

  /// The same from a histogram of 64 register values.
  package static func estimate(counts: UnsafePointer<Int>, p: Int) -> Double {
    let m = Double(count(p: p)), q = 64 - p
    var z = unsafe m * tau(1 - Double(counts[q + 1]) / m)
    for rank in stride(from: q, through: 1, by: -1) { z = unsafe 0.5 * (z + Double(counts[rank])) }
    z += unsafe m * sigma(Double(counts[0]) / m)
    return m * m / (2 * 0.693_147_180_559_945_3 * z)
  }

  /// σ(x) = x + Σ x^(2^k) · 2^(k−1): the part of registers that are still empty.
  private static func sigma(_ share: Double) -> Double {
    if share == 1 { return .infinity }
    var x = share, y = 1.0, z = share, before: Double
    repeat {
      x *= x
      before = z
      z += x * y
      y += y
    } while before != z
    return z
  }

  /// τ(x) = (1 − x − Σ (1 − x^(2^−k))² · 2^−k) / 3: the part of registers that are full.
  private static func tau(_ share: Double) -> Double {
    if share == 0 || share == 1 { return 0 }
    var x = share, y = 1.0, z = 1 - share, before: Double
    repeat {
      x = x.squareRoot()
      before = z
      y *= 0.5
      z -= (1 - x) * (1 - x) * y
    } while before != z
    return z / 3
  }
}
