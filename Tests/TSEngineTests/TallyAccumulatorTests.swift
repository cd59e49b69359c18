import Glibc
import Testing

@testable import TSEngine

@Suite struct TallyAccumulatorTests {
  /// A file whose checksums are right may still say anything (P5).
  @Test func `counts no log could bring wrap, and do not end the process`() async {
    await #expect(processExitsWith: .success) {
      var cell = TableAccumulator.Sums()
      (cell.requests, cell.bytes, cell.microseconds, cell.allRequests) = (.max, .max, .max, .max)
      let sums = TallyAccumulator(), others = TallyAccumulator()
      for _ in 0..<2 { others.add(cell) }
      unsafe others.histogram[5] = .max
      for _ in 0..<2 { sums.add(others, [.latency, .visitors]) }
      #expect(sums.requests == -4 && sums.bytes == -4)
      exit(0)
    }
  }

  @Test func `what is added to nothing is all there is`() {
    var cell = TableAccumulator.Sums()
    (cell.requests, cell.pageviews, cell.errors, cell.timed) = (7, 5, 1, 6)
    (cell.bytes, cell.microseconds, cell.allRequests, cell.botRequests) = (900, 80, 9, 2)
    let sums = TallyAccumulator(), others = TallyAccumulator()
    others.add(cell)
    sums.add(others, [])
    #expect(sums.requests == 7 && sums.pageviews == 5 && sums.errors == 1 && sums.timed == 6)
    #expect(sums.bytes == 900 && sums.microseconds == 80 && sums.allRequests == 9 && sums.botRequests == 2)
  }
}
