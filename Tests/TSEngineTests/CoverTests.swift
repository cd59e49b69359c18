import Testing

@testable import TSEngine

@Suite struct CoverTests {
  private static func pieces(_ cover: Cover, _ range: Range<Int>) -> [Piece] {
    var made: [Piece] = []
    cover.forEachPiece(range) { made.append($0) }
    return made
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `the pieces of any range tile it, each one kept, and few`(seed: UInt64) {
    var random = SplitMix(seed: seed)
    for _ in 0..<400 {
      let minutesFrom = Int.random(in: 0...60 * 1_440, using: &random), hoursFrom = Int.random(in: 0...60 * 24, using: &random)
      let cover = Cover(minutesFrom: minutesFrom, hoursFrom: hoursFrom)
      let low = Int.random(in: 0..<60 * 86_400, using: &random)
      let asked = low..<low + Int.random(in: 1...(Bool.random(using: &random) ? 200_000 : 30 * 86_400), using: &random)
      let range = cover.edge(before: asked.lowerBound)..<cover.edge(after: asked.upperBound)
      #expect(range.lowerBound <= asked.lowerBound && range.upperBound >= asked.upperBound)
      #expect(
        cover.edge(before: range.lowerBound) == range.lowerBound && cover.edge(after: range.upperBound) == range.upperBound)
      var at = range.lowerBound, fine = 0
      for piece in Self.pieces(cover, range) {
        #expect(piece.range.lowerBound == at)
        at = piece.range.upperBound
        switch piece {
        case .day: break
        case .hour(let number): #expect(number >= hoursFrom)
        case .minute(let number): #expect(number >= minutesFrom)
        }
        if case .day = piece { continue }
        fine += 1
      }
      #expect(at == range.upperBound, "\(asked) minutes \(minutesFrom) hours \(hoursFrom)")
      if hoursFrom * 60 <= minutesFrom { #expect(fine <= 118 + 46) }
    }
  }

  @Test func `edges lie on the finest bucket that is kept whole`() {
    // Hours from 1970-01-03 05:00: days before the 4th; minutes from the 5th, 07:20: hours before 08:00.
    let day = 86_400, cover = Cover(minutesFrom: 4 * 1_440 + 440, hoursFrom: 2 * 24 + 5)
    #expect(cover.edge(before: 2 * day + 20 * 3_600) == 2 * day && cover.edge(after: 2 * day + 20 * 3_600) == 3 * day)
    #expect(cover.edge(before: 3 * day + 3_700) == 3 * day + 3_600 && cover.edge(after: 3 * day + 3_700) == 3 * day + 7_200)
    #expect(cover.edge(before: 4 * day + 27_000) == 4 * day + 25_200)
    #expect(cover.edge(before: 4 * day + 28_830) == 4 * day + 28_800 && cover.edge(after: 4 * day + 28_830) == 4 * day + 28_860)
    #expect(cover.hourEdge(after: 4 * day + 28_830) == 4 * day + 32_400)
    #expect(cover.isWholeHours(3 * day + 3_600..<5 * day) && !cover.isWholeHours(2 * day + 3_600..<5 * day))
  }
}

@Suite struct BucketsTests {
  static let zones = [nil, "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns"]

  @Test(arguments: zones, [Step.minute, .hour, .day, .week, .month])
  func `buckets lie end to end over the range and begin on the zone's clock`(name: String?, step: Step) throws {
    let zone = try name.map { try TimeZone(named: $0) }
    var random = SplitMix(seed: 3)
    for _ in 0..<30 {
      let from = Int.random(in: 1_600_000_000..<1_790_000_000, using: &random)
      let length = step == .minute ? 20_000 : step == .hour ? 2_000_000 : 60_000_000
      let range = from..<from + Int.random(in: 1...length, using: &random)
      let buckets = try Buckets(range, step: step, zone: zone)
      var at = range.lowerBound
      for index in 0..<buckets.count {
        let part = buckets.seconds(index)
        #expect(part.lowerBound == at && !part.isEmpty)
        #expect(buckets.time(index)! <= part.lowerBound && (index == 0 || buckets.time(index) == part.lowerBound))
        if step == .day, let time = buckets.time(index) { #expect(Calendar.startOfDay(at: time, in: zone) == time) }
        at = part.upperBound
      }
      #expect(at == range.upperBound)
    }
  }

  @Test func `more buckets than an answer may have are refused with a reason`() throws {
    #expect(try Buckets(0..<50_000 * 60, step: .minute, zone: nil).count == 50_000)
    #expect(throws: QueryError.range("cannot answer: got 50001 buckets, want at most 50000")) {
      try Buckets(0..<50_001 * 60, step: .minute, zone: nil)
    }
    #expect(try Buckets(100..<200, step: .all, zone: nil).time(0) == nil)
  }
}
