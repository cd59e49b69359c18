import Testing

@testable import TSEngine

@Suite struct TopTableTests {
  private typealias Entry = (key: Int, cell: Cell, sketch: [UInt8]?)

  private func encode(_ entries: [Entry]) -> [UInt8] {
    let made = TableEntries(pool: PagePool(limitBytes: 1 << 22))
    var out = ByteWriter(capacity: 1 << 22)
    for (key, cell, sketch) in entries {
      made.append(key, cell) { sketches in
        guard let sketch else { return false }
        sketches.varint(UInt64(sketch.count))
        for byte in sketch { sketches.byte(byte) }
        return true
      }
    }
    made.write(into: &out)
    return unsafe Array(UnsafeBufferPointer(start: out.start, count: out.count))
  }

  private func decode(_ bytes: [UInt8]) -> [Entry] {
    let padded = PaddedBytes(bytes)
    var entries: [Entry] = []
    unsafe TopTable.forEach(padded.start, count: padded.count) { key, cell, sketch in
      entries.append((key, cell, sketch.map { Array(bytes[$0]) }))
    }
    return entries
  }

  private func isValid(_ bytes: [UInt8], codes: Int = Limits.pathCodes) -> Bool {
    let padded = PaddedBytes(bytes)
    return unsafe TopTable.isValid(padded.start, count: padded.count, codes: codes)
  }

  /// Entries as sites have them: small and large, with and without each number.
  private func entries(_ random: inout SplitMix, timed: Bool, errors: Bool, sketches: Bool) -> [Entry] {
    var entries: [Entry] = [], key = -1
    for _ in 0..<Int(random.next() % 300) {
      key += 1 + Int(random.next() % (random.next() % 9 == 0 ? 900 : 6))
      let requests = UInt32(1 + random.next() % (random.next() % 20 == 0 ? 4_000_000_000 : 30))
      var cell = Cell(requests: requests, pageviews: 0, errors: 0, timed: 0, bytes: 0, microseconds: 0)
      cell.counts.y = UInt32(random.next() % (UInt64(requests) + 1))
      if errors { cell.counts.z = UInt32(random.next() % 3) }
      if timed { cell.counts.w = requests - UInt32(random.next() % 2) }
      cell.sums.x = random.next() >> (random.next() % 50)
      if timed { cell.sums.y = random.next() >> (random.next() % 50) }
      entries.append((key, cell, sketches && random.next() % 3 == 0 ? [0] : nil))
    }
    return entries
  }

  @Test(arguments: 0..<40)
  func `what is written is read again`(seed: Int) {
    var random = SplitMix(seed: UInt64(seed))
    let entries = entries(&random, timed: seed & 1 == 1, errors: seed & 2 == 2, sketches: seed & 4 == 4)
    let bytes = encode(entries), read = decode(bytes)
    #expect(read.map(\.key) == entries.map(\.key) && read.map(\.cell) == entries.map(\.cell), "seed \(seed)")
    #expect(read.map(\.sketch) == entries.map(\.sketch))
    #expect(isValid(bytes))
    if let last = entries.last { #expect(!isValid(bytes, codes: last.key / 2)) }
  }

  @Test func `damaged bytes are refused, or read without harm`() {
    var random = SplitMix(seed: 99)
    let bytes = encode(entries(&random, timed: true, errors: true, sketches: true))
    for count in 0..<bytes.count { #expect(!isValid(Array(bytes[..<count])), "cut at \(count)") }
    for at in bytes.indices {
      for value in [bytes[at] ^ 1, bytes[at] ^ 0x80, 0xff, 0] as [UInt8] where value != bytes[at] {
        var damaged = bytes
        damaged[at] = value
        _ = isValid(damaged)
        _ = decode(damaged)
      }
    }
  }

  @Test func `a table of a busy hour takes six bytes an entry, nine with durations`() {
    for (timed, limit) in [(false, 6.0), (true, 9.2)] {
      var random = SplitMix(seed: 5), entries: [Entry] = []
      for value in 0..<256 {
        let requests = UInt32(1 + 1_500 / (value + 1))
        let bytes = (0..<requests).reduce(UInt64(0)) { sum, _ in sum + random.next() % 60_000 }
        let time = (0..<requests).reduce(UInt64(0)) { sum, _ in sum + random.next() % 400_000 }
        var cell = Cell(
          requests: requests, pageviews: requests * 8 / 10, errors: requests / 10, timed: timed ? requests : 0, bytes: bytes,
          microseconds: timed ? time : 0)
        if random.next() & 1 == 0 { cell.counts.z = 0 }
        entries.append((value * 75 + Int(random.next() % 75), cell, nil))
      }
      let size = Double(encode(entries).count) / 256
      #expect(size < limit, "\(size) bytes an entry")
    }
  }

  @Test func `the worked example of a column`() {
    let values: [UInt64] = [5, 1, 900, 3]
    var out = ByteWriter(capacity: 1 << 12)
    unsafe values.withUnsafeBufferPointer { unsafe PackedColumn.write($0.baseAddress!, count: 4, into: &out) }
    let bytes = unsafe Array(UnsafeBufferPointer(start: out.start, count: out.count))
    #expect(bytes == [0x83, 0x01, 0x0d, 0x07, 0x02, 0x6f])
  }
}
