/// The first values of an order, ties by label, so that the same question always has the same answer.
enum TopValues {
  /// - Returns: at most `limit` codes; values without a number come last.
  static func choose(
    _ candidates: [(code: Int, value: Double?)], limit: Int, ascending: Bool, _ series: Series, _ dimension: Dimension
  ) -> [Int] {
    guard limit > 0, !candidates.isEmpty else { return [] }
    // Larger is better, whatever the order.
    let worst = -Double.infinity
    let ranked = candidates.map { (code: $0.code, rank: $0.value.map { ascending ? -$0 : $0 } ?? worst) }
    var kept = ranked
    if ranked.count > limit {
      var ranks = ranked.map(\.rank)
      let least = unsafe ranks.withUnsafeMutableBufferPointer { buffer in
        unsafe KthLargest.select(limit, of: buffer.baseAddress!, count: buffer.count)
      }
      kept = ranked.filter { $0.rank > least }
      var ties = ranked.filter { $0.rank == least }
      ties.sort { unsafe precedes($0.code, $1.code, series, dimension) }
      kept += ties.prefix(limit - kept.count)
    }
    kept.sort { a, b in
      a.rank != b.rank ? a.rank > b.rank : unsafe precedes(a.code, b.code, series, dimension)
    }
    return kept.map(\.code)
  }

  /// The order of labels, byte by byte.
  @unsafe private static func precedes(_ a: Int, _ b: Int, _ series: Series, _ dimension: Dimension) -> Bool {
    unsafe series.withLabel(dimension, a) { first in
      unsafe series.withLabel(dimension, b) { second in unsafe first.lexicographicallyPrecedes(second) }
    }
  }
}
