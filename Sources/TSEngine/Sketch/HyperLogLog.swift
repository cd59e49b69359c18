/// Distinct counting over raw arrays of 8-bit registers.
///
/// A visitor's keyed hash is cut into an index of `p` bits and a rest; the register at that index keeps the largest
/// *rank* seen, 1 + the number of leading zeros of the rest. With `m = 2^p` registers the number of distinct visitors is
/// known within `1.04 / √m` (0.81 % at p = 14), whatever their number up to 10⁹ and more.
///
/// ```
///  hash   10 0000 0000 0001 │ 0001 0110 …        p = 14: index 8193, rest begins with 000 → rank 4
///         10 0000 0000      │ 0001 0001 0110 …   p = 10: index  512, rest begins with 000 → rank 4
///
///  registers   0 0 0 … 4 … 0       one byte each, at most 65 − p
/// ```
/// Three operations are exact, bit for bit, and every promise about ranges rests on them:
/// - `merge` (element-wise maximum) equals the sketch of the union;
/// - `fold` to a smaller p equals a sketch built at that p, since bits of the index become bits of the rest;
/// - `freeze` and `mergeFrozen` lose nothing.
///
/// Flajolet, Fusy, Gandouet & Meunier 2007 for the sketch; Ertl 2017 for the estimator (`HyperLogLog+Estimate`).
/// Registers belong to whoever calls; all functions are pure over them, from any thread that owns the memory.
package enum HyperLogLog {
  /// Precision of hours, days and everything merged.
  package static let precision = 14
  /// Precision of the visitors of one value.
  package static let valuePrecision = 10

  @inline(__always) package static func count(p: Int) -> Int { 1 &<< p }
  /// The largest rank a 64-bit hash can have.
  @inline(__always) package static func maxRank(p: Int) -> UInt8 { UInt8(truncatingIfNeeded: 65 &- p) }

  /// Counts a visitor in; `p` ≤ 14.
  @inline(__always)
  package static func insert(_ token: VisitorToken, into registers: UnsafeMutablePointer<UInt8>, p: Int) {
    let index = token.register(p), rank = token.rank(p)
    if unsafe registers[index] < rank { unsafe registers[index] = rank }
  }

  /// Relative standard error of an estimate from registers.
  package static func relativeError(p: Int) -> Double { 1.04 / Double(count(p: p)).squareRoot() }
}
