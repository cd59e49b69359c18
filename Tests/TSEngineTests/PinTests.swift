import Testing

@testable import TSEngine

/// Readers without the lock, and what is given up meanwhile.
@Suite struct PinTests {
  private func store(_ byte: UInt8, _ count: Int, in log: inout BlobLog) throws -> BlobRef {
    let bytes = Array(repeating: byte, count: count)
    return try #require(unsafe bytes.withUnsafeBufferPointer { unsafe log.append($0.baseAddress!, count: $0.count) })
  }

  @Test func `a blob given up stays as it was until its readers have ended`() throws {
    let pool = PagePool(limitBytes: 2 << 20)
    var log = BlobLog(pool: pool)
    let blob = try store(7, 9_000, in: &log), pin = pool.pin()
    log.free(blob)
    #expect(pool.waitingBytes > 9_000 && pool.comingPages > pool.freePages)
    for _ in 0..<30 { log.free(try store(9, 9_000, in: &log)) }
    #expect((0..<9_000).allSatisfy { unsafe log.address(blob)[$0] == 7 })
    pool.unpin(pin)
    log.freeWaiting()
    #expect(pool.waitingBytes == 0 && log.liveBytes == 0)
  }

  @Test func `readers that always overlap do not keep what was freed before them`() throws {
    let pool = PagePool(limitBytes: 2 << 20)
    var log = BlobLog(pool: pool), pin = pool.pin(), most = 0
    for id in 0..<500 {
      log.free(try store(UInt8(truncatingIfNeeded: id), 9_000, in: &log))
      let next = pool.pin()
      pool.unpin(pin)
      log.freeWaiting()
      pin = next
      most = max(most, pool.waitingBytes)
    }
    #expect(pool.isPinned && most < 20_000 && pool.usedPages < 20)
  }
}
