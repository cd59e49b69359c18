import Testing

@testable import TSEngine

@Suite struct BlobLogTests {
  /// Bytes that say whose they are.
  private func bytes(_ id: Int, _ count: Int) -> [UInt8] {
    Array(repeating: UInt8(truncatingIfNeeded: id), count: count - 1) + [UInt8(truncatingIfNeeded: id / 256)]
  }

  private func store(_ bytes: [UInt8], in log: inout BlobLog) -> BlobRef? {
    unsafe bytes.withUnsafeBufferPointer { unsafe log.append($0.baseAddress!, count: $0.count) }
  }
  private func holds(_ log: borrowing BlobLog, _ blob: BlobRef, _ bytes: [UInt8]) -> Bool {
    unsafe Array(UnsafeBufferPointer(start: log.address(blob), count: blob.count)) == bytes
  }

  @Test func `blobs stay as they were while others come and go, and every page is counted once`() throws {
    let pool = PagePool(limitBytes: 8 << 20)
    var small = BlobLog(pool: pool), large = BlobLog(pool: pool), random = SplitMix(seed: 7)
    var kept: [(id: Int, isLarge: Bool, blob: BlobRef, count: Int)] = []
    for id in 0..<1_200 {
      let isLarge = random.next() % 3 == 0
      let count = isLarge ? 1_000 + Int(random.next() % 30_000) : 1 + Int(random.next() % 700)
      let blob = isLarge ? store(bytes(id, count), in: &large) : store(bytes(id, count), in: &small)
      kept.append((id, isLarge, try #require(blob), count))
      while kept.count > 60 {
        // Mostly the oldest, as rings do; now and then any.
        let at = random.next() % 4 == 0 ? Int(random.next() % UInt64(kept.count)) : 0
        let gone = kept.remove(at: at)
        #expect(
          gone.isLarge
            ? holds(large, gone.blob, bytes(gone.id, gone.count)) : holds(small, gone.blob, bytes(gone.id, gone.count)))
        if gone.isLarge { large.free(gone.blob) } else { small.free(gone.blob) }
      }
      #expect(pool.usedPages == small.livePages + large.livePages)
    }
    for one in kept { if one.isLarge { large.free(one.blob) } else { small.free(one.blob) } }
    #expect(pool.usedPages <= 2)  // the page each log is filling
    #expect(small.liveBytes == 0 && large.liveBytes == 0)
  }

  @Test func `a ring of large blobs costs its bytes and little more`() throws {
    let pool = PagePool(limitBytes: 16 << 20)
    var log = BlobLog(pool: pool), ring: [BlobRef] = []
    for id in 0..<400 {
      ring.append(try #require(store(bytes(id, 31_000 + id % 7_000), in: &log)))
      if ring.count > 150 { log.free(ring.removeFirst()) }
    }
    let used = pool.usedPages * PagePool.pageBytes
    #expect(used < log.liveBytes * 102 / 100, "\(used) for \(log.liveBytes)")
  }

  @Test func `a full pool refuses, and takes again when something goes`() throws {
    let pool = PagePool(limitBytes: 1 << 20)
    var log = BlobLog(pool: pool), blobs: [BlobRef] = []
    while let blob = store(bytes(blobs.count, 30_000), in: &log) { blobs.append(blob) }
    #expect(pool.usedPages <= pool.limitPages && blobs.count > 30)
    for blob in blobs.prefix(2) { log.free(blob) }
    #expect(store(bytes(1, 30_000), in: &log) != nil)
  }
}

extension BlobLogTests {
  @Test func `logs side by side waste nothing either`() throws {
    let pool = PagePool(limitBytes: 52 << 20)
    var spans = BlobLog(pool: pool), rows = BlobLog(pool: pool), ring: [BlobRef] = []
    let hour = bytes(1, 21_534), block = bytes(2, 64_000)
    for _ in 0..<700 {
      for _ in 0..<2 {
        ring.append(try #require(store(block, in: &rows)))
        if ring.count > 160 { rows.free(ring.removeFirst()) }
      }
      _ = try #require(store(hour, in: &spans))
    }
    #expect(spans.livePages * PagePool.pageBytes < spans.liveBytes * 101 / 100 + 65_536)
    #expect(rows.livePages * PagePool.pageBytes < rows.liveBytes * 103 / 100 + 65_536)
  }
}
