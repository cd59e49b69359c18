import Testing

@testable import TSEngine

@Suite struct RowBlockTests {
  private static let codes = RowBlock.CodeCounts(
    paths: 65_536, agents: 16_384, referrers: 65_536, hosts: 16_384, campaigns: 16_384)

  /// What a block must give back for a row.
  private func value(_ row: OpenBatch.Row, _ column: RowBlock.Column) -> UInt32 {
    switch column {
    case .token: row.token
    case .path: row.path
    case .agent: UInt32(row.agent)
    case .referrer: row.referrer
    case .host: UInt32(row.host)
    case .campaign: UInt32(row.campaign)
    case .country: UInt32(row.country)
    case .status: UInt32(row.status)
    case .verb: UInt32(row.verb)
    case .bytes: RowBlock.bytesCode(row.bytes)
    case .duration: RowBlock.durationCode(row.duration)
    }
  }

  @Test(arguments: RowShape.all)
  func `every column of every row comes back, whole, in parts and one by one`(shape: RowShape) {
    let batch = shape.batch(seed: 1), packed = PackedRows(batch)
    let rows = (0..<batch.count).map { batch[$0] }
    #expect(packed.hour == 490_000 && packed.rows == rows.count)
    for minute in 0...60 { #expect(packed.start(minute: minute) == rows.count { $0.minute < minute }) }
    for column in RowBlock.Column.allCases {
      let want = rows.map { value($0, column) }
      for low in Set([0, 64, 128, 4_096, rows.count / 128 * 64]) where low < rows.count {
        for high in Set([low + 1, low + 64, low + 65, rows.count]) where high <= rows.count {
          #expect(packed.decode(column, low..<high) == Array(want[low..<high]), "\(column) \(low)..<\(high)")
        }
      }
      for row in stride(from: 0, to: rows.count, by: max(1, rows.count / 211)) {
        #expect(packed.value(column, at: row) == want[row], "\(column) \(row)")
      }
    }
  }

  @Test(arguments: RowShape.all)
  func `chosen rows are picked as they are decoded`(shape: RowShape) {
    var random = SplitMix(seed: 4)
    let batch = shape.batch(seed: 3), packed = PackedRows(batch)
    for column in RowBlock.Column.allCases {
      for first in Set([0, batch.count / 128 * 64]) where first < batch.count {
        for share in [1, 3, 100] {
          let chosen = (0..<batch.count - first).filter { _ in Int.random(in: 0..<share, using: &random) == 0 }.map(UInt16.init)
          let want = chosen.map { value(batch[first + Int($0)], column) }
          #expect(packed.pick(column, chosen, from: first) == want, "\(column) from \(first), one in \(share)")
        }
      }
    }
  }

  @Test(arguments: RowShape.all)
  func `a look-up chooses the same rows as a naive pass, alone and joined`(shape: RowShape) {
    var random = SplitMix(seed: 9)
    let batch = shape.batch(seed: 2), packed = PackedRows(batch), low = batch.count / 256 * 64
    for column in RowFixtures.filtered {
      let want = (low..<batch.count).map { value(batch[$0], column) }
      let before = want.map { _ in UInt8.random(in: 0...1, using: &random) }
      for share in [2, 50, 10_000] {
        var lut = [UInt8](repeating: 0, count: 65_536)
        for value in Set(want) where Int.random(in: 0..<share, using: &random) == 0 { lut[Int(value)] = 1 }
        let hits = want.map { lut[Int($0)] }
        for and in [false, true] {
          let (selection, mask) = packed.select(column, low..<batch.count, before: and ? before : nil, lut)
          switch selection {
          case .none: #expect(hits.allSatisfy { $0 == 0 })
          case .all: #expect(hits.allSatisfy { $0 == 1 })
          case .some: #expect(mask == (and ? zip(hits, before).map { $0 & $1 } : hits), "\(column) 1/\(share) and \(and)")
          }
        }
      }
    }
  }

  @Test func `skewed columns are split, uniform ones are not`() {
    let skewed = PackedRows(RowShape(rows: 8_192, paths: 20_000, agents: 2_500).batch(seed: 6))
    #expect(skewed.isSplit(.path) && skewed.isSplit(.agent) && skewed.isSplit(.status) && !skewed.isSplit(.token))
    let uniform = PackedRows(RowShape(rows: 8_192, paths: 60_000, isSkewed: false).batch(seed: 6))
    #expect(!uniform.isSplit(.path))
  }

  @Test func `a busy site's row takes less than ten bytes, a timed one eleven`() {
    var shape = RowShape(rows: 8_192, paths: 20_000, agents: 2_500, referrers: 610, countries: 200, isTimed: false)
    #expect(PackedRows(shape.batch(seed: 3)).count < 8_192 * 10)
    shape.isTimed = true
    #expect(PackedRows(shape.batch(seed: 3)).count < 8_192 * 11)
  }

  @Test func `bytes round to at most one in thirty-two, the middle of their code, in order`() {
    var random = SplitMix(seed: 4), last: UInt32 = 0
    for code in 0..<UInt32(RowBlock.bytesCodes) {
      #expect(RowBlock.bytesCode(RowBlock.bytes(code: code)) == code)
      #expect(code == 0 || RowBlock.bytes(code: code) > last)
      last = RowBlock.bytes(code: code)
    }
    for _ in 0..<5_000 {
      let bytes = UInt32.random(in: 0...UInt32.max >> UInt32.random(in: 0...31, using: &random), using: &random)
      let rounded = RowBlock.bytes(code: RowBlock.bytesCode(bytes))
      #expect(abs(Double(rounded) - Double(bytes)) <= Double(bytes) / 32)
      if bytes < 32 { #expect(rounded == bytes) }
    }
    #expect(RowBlock.bytesCode(.max) == UInt32(RowBlock.bytesCodes - 1))
  }

  @Test(arguments: RowShape.all)
  func `a block is valid as written, and not with fewer codes or bytes`(shape: RowShape) {
    let batch = shape.batch(seed: 5), packed = PackedRows(batch)
    #expect(packed.isValid(codes: Self.codes))
    for cut in [0, 4, 200, RowBlock.headerBytes - 1, packed.count - 1] {
      #expect(!packed.isValid(count: cut, codes: Self.codes))
    }
    let most = Int((0..<batch.count).map { batch[$0].path }.max()!)
    var fewer = Self.codes
    fewer.paths = most + 1
    #expect(packed.isValid(codes: fewer))
    fewer.paths = most
    #expect(!packed.isValid(codes: fewer))
  }

  /// Whatever passes is then read in every way that scans read: under the address sanitizer this shows what a block may do.
  @Test(arguments: 0..<6)
  func `a damaged block is refused or harmless, and never traps`(seed: UInt64) {
    var random = SplitMix(seed: 100 + seed)
    let packed = PackedRows(RowShape.all[Int(seed) + 1].batch(seed: seed))
    var refused = 0
    for _ in 0..<100 {
      var undo: [(Int, UInt8)] = []
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let isHeader = Int.random(in: 0..<3, using: &random) > 0
        let at = Int.random(in: 0..<(isHeader ? RowBlock.headerBytes : packed.count), using: &random)
        undo.append((at, packed[at]))
        packed[at] = UInt8.random(in: 0...255, using: &random)
      }
      if packed.isValid(codes: Self.codes) {
        for column in RowFixtures.filtered {
          let all = [UInt8](repeating: 1, count: Self.codes.bound(column))
          #expect(packed.select(column, 0..<packed.rows, before: nil, all).selection != .none)
        }
        for column in RowBlock.Column.allCases {
          #expect(packed.value(column, at: packed.rows - 1) < Self.codes.bound(column))
        }
      } else {
        refused += 1
      }
      for (at, byte) in undo.reversed() { packed[at] = byte }
    }
    #expect(refused > 10)
    #expect(packed.isValid(codes: Self.codes))
  }
}
