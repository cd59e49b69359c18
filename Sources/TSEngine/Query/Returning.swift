/// Visitors of a window, told apart by whether they came in an earlier one.
package struct ReturningResult: Sendable {
  package var before = 0..<0, window = 0..<0  // Unix seconds, as answered: widened to whole buckets where finer ones are gone
  package var visitorsBefore = 0.0, visitors = 0.0
  /// `|A ∪ B| − |A|`: in the window and not before. Always known, within `sigma`.
  package var new = 0.0
  /// `|A| + |B| − |A ∪ B|`: nil below three `sigma`, where it would be noise. `3 · sigma` bounds what is not shown.
  package var returning: Double?
  /// Standard error of `new` and `returning`, visitors.
  package var sigma = 0.0
  package var coverageFrom = 0  // the first second the answer knows about
  package init() {}
}

/// Counting an intersection by inclusion and exclusion.
///
/// ```
///        A = before          B = window            |A|, |B| and |A ∪ B| each come from a sketch; what they leave
///   ┌───────────────┬───────────┬─────────┐
///   │ gone          │ returning │ new     │         returning = |A| + |B| − |A ∪ B|       new = |A ∪ B| − |A|
///   └───────────────┴───────────┴─────────┘
/// ```
/// With registers of p = 14 the three errors are of one size, and mostly cancel: measured over 400 pairs, σ ≈ 0.8 · 1.04/√m of the
/// *union* (0.65 %), however small the overlap. So an overlap below 2 % of the union cannot be seen at all, and saying "3,000
/// of 1,000,000 returned" would be inventing it: below 3 σ there is no number.
///
/// Few visitors are known by their 21-bit tokens (`TokenSet`), which intersect exactly but for chance: two visitors share a
/// token with q = 63⅓ · 2^−26, so |A| · |B| · q of the overlap are false, with a Poisson's own σ. A hundred against a hundred:
/// σ = 0.1, every single one is shown, and none is a 0.
enum Returning {
  /// Chance of two visitors to have one token.
  static let tokenCollision = (63 + 1.0 / 3) * 0x1p-26

  static func sigma(tokensBefore a: Double, _ b: Double) -> Double { (a * b * tokenCollision).squareRoot() }
  static func sigma(registersOfUnion union: Double) -> Double {
    0.8 * HyperLogLog.relativeError(p: Limits.bucketPrecision) * union
  }

  /// The rule of three sigma; a σ so small that 3 σ is less than one visitor shows all, zero included.
  static func shown(_ returning: Double, sigma: Double) -> Double? {
    3 * sigma < 1 || returning >= 3 * sigma ? max(0, returning) : nil
  }
}

extension Planner {
  /// - Parameters:
  ///   - before: ends where `window` begins, or earlier.
  /// - Throws: `range` when one of them is empty or they overlap.
  func returning(before: Range<Int>, window: Range<Int>, audience: Audience) throws(QueryError) -> ReturningResult {
    guard !before.isEmpty, !window.isEmpty, before.upperBound <= window.lowerBound else {
      throw .range("cannot compare \(before) and \(window): want two ranges, the first one over when the second begins")
    }
    var query = Query(service: series.name, from: max(0, before.lowerBound), to: max(1, window.upperBound))
    (query.metrics, query.audience) = ([.visitors], audience)
    let reader = RangeReader(query, MetricNeeds(query), self)
    // A bucket that both windows touch belongs to the second: who came in it once has not returned.
    let cut = reader.edge(before: window.lowerBound)
    var result = ReturningResult()
    result.window = cut..<max(cut, reader.edge(after: window.upperBound))
    let start = reader.edge(before: max(0, before.lowerBound))
    result.before = start..<max(start, min(cut, reader.edge(after: before.upperBound)))
    result.coverageFrom = max(reader.knownFrom, result.before.lowerBound)
    let a = scratch.tally, b = scratch.total
    a.clear()
    b.clear()
    reader.add(result.before, to: a)
    reader.add(result.window, to: b)
    result.visitorsBefore = a.requests == 0 ? 0 : reader.visitors(a) ?? 0
    result.visitors = b.requests == 0 ? 0 : reader.visitors(b) ?? 0
    if a.requests == 0 || b.requests == 0 {
      (result.new, result.returning) = (result.visitors, 0)
      return result
    }
    compare(a, b, &result)
    return result
  }

  /// From tokens where both sets are small, else from registers, all three from the same kind: their errors then cancel.
  private func compare(_ a: TallyAccumulator, _ b: TallyAccumulator, _ result: inout ReturningResult) {
    let hasTokens = a.tokens.isComplete && b.tokens.isComplete
    let sizeA = hasTokens ? a.visitors : a.registersEstimate, sizeB = hasTokens ? b.visitors : b.registersEstimate
    b.tokens.add(a.tokens)
    unsafe HyperLogLog.merge(a.registers, into: b.registers, p: Limits.bucketPrecision)
    let areTokens = hasTokens && b.tokens.isComplete
    let union = areTokens ? b.visitors : b.registersEstimate
    result.sigma = areTokens ? Returning.sigma(tokensBefore: sizeA, sizeB) : Returning.sigma(registersOfUnion: union)
    result.new = min(max(0, union - sizeA), sizeB)
    result.returning = Returning.shown(min(sizeA + sizeB - union, sizeA, sizeB), sigma: result.sigma)
  }
}

extension Engine {
  /// Who of `window` came in `before` too. Any thread.
  package func returning(
    service: String, before: Range<Int>, window: Range<Int>, audience: Audience
  ) throws(QueryError) -> ReturningResult {
    try plan(service) { planner throws(QueryError) in
      try planner.returning(before: before, window: window, audience: audience)
    }
  }
}
