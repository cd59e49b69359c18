import Testing

@testable import TSEngine

@Suite struct ColumnTests {
  @Test func `a column keeps what it holds on its way from small to large`() {
    let pool = PagePool(limitBytes: 1 << 22)
    var column = Column<UInt32>(capacity: 10_000, pool: pool)
    for count in 1...10_000 {
      column.grow(to: count)
      #expect(column[count - 1] == 0)
      column[count - 1] = UInt32(count)
    }
    #expect((0..<10_000).allSatisfy { column[$0] == UInt32($0 + 1) })
    column.removeAll()
    column.grow(to: 5_000)
    #expect((0..<5_000).allSatisfy { column[$0] == 0 })
  }

  @Test func `small columns share pages, and places come back zeroed`() {
    let pool = PagePool(limitBytes: 1 << 22)
    for round in 0..<20 {
      var columns: [Box] = []
      for index in 0..<100 {
        let box = Box(pool, count: 1 + index % 60)
        #expect((0..<box.column.count).allSatisfy { box.column[$0] == 0 }, "round \(round)")
        for at in 0..<box.column.count { box.column[at] = .max }
        columns.append(box)
      }
      columns.removeAll()
    }
    #expect(pool.usedPages <= 12)  // 100 columns of at most 512 bytes
  }

  @Test func `places that a column has grown out of stay readable where that was asked for`() {
    let pool = PagePool(limitBytes: 1 << 22)
    var column = Column<UInt64>(capacity: 4_096, count: 4, keepsPlaces: true, pool: pool)
    column[3] = 77
    let before = unsafe column.start
    column.grow(to: 4_096)
    let others = (0..<50).map { _ in Box(pool, count: 8) }
    for other in others { for at in 0..<8 { other.column[at] = 1 } }
    #expect(unsafe before[3] == 77 && column[3] == 77)
  }

  private final class Box {
    var column: Column<UInt64>
    init(_ pool: PagePool, count: Int) { column = Column(capacity: 1_000, count: count, pool: pool) }
  }
}
