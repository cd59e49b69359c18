import Testing

@testable import TSEngine

/// Full dictionaries, hostile strings and damaged files.
@Suite struct LabelDictionaryLimitsTests {
  private static func labels(codes: Int, bytes: Int = 1 << 20) -> LabelDictionary {
    LabelDictionary(maxCodes: codes, maxBytes: bytes, pool: PagePool(limitBytes: 1 << 26))
  }

  @Test func `codes never pass their cap, and every refusal is counted`() {
    var labels = Self.labels(codes: 100)
    var refused = 0
    for round in 0..<3 {
      for number in 0..<300 {
        let found = labels.code("/page/\(number)")
        if found.code == LabelDictionary.other { refused += 1 }
        #expect(found.code < 100, "round \(round)")
      }
    }
    #expect(labels.count == 100)
    #expect(labels.overflow == refused)
    #expect(refused > 500)
  }

  @Test func `bytes never pass their cap`() {
    var labels = Self.labels(codes: 10_000, bytes: 2_000)
    for round in 0..<4 { for number in 0..<200 { _ = labels.code("/a/rather/long/page/\(number + round)") } }
    #expect(labels.usedBytes <= 2_000 && labels.usedBytes > 1_900)
    #expect(labels.overflow > 0)
  }

  @Test func `half empty, it takes a string at once; half full, at its second sight`() {
    var labels = Self.labels(codes: 1_000)
    for number in 0..<499 { #expect(labels.code("/early/\(number)").isNew) }
    let before = labels.memoryBytes
    #expect(labels.code("/late") == (LabelDictionary.other, false))
    #expect(labels.memoryBytes == before + 65_536, "the doorkeeper comes with the first knock")
    #expect(labels.code("/late").isNew)
    #expect(labels.code("/late").code == 501)
    #expect(labels.overflow == 1)
    #expect(labels.code("/early/7").code == 9, "what is known needs no door")
  }

  @Test func `a flood of strings sent once leaves room for those sent twice`() {
    var labels = Self.labels(codes: 4_000)
    for number in 0..<60_000 { _ = labels.code("/attack/\(number)") }
    // Half is taken before the door closes; a Bloom filter of four bits lets a few strangers through.
    #expect(labels.count < 2_000 + 400)
    var admitted = 0
    for number in 0..<1_000 {
      _ = labels.code("/honest/\(number)")
      if labels.code("/honest/\(number)").code != 0 { admitted += 1 }
    }
    #expect(admitted > 990)
  }

  @Test func `a doorkeeper forgets when it has seen too much`() {
    var door = Doorkeeper(pool: PagePool(limitBytes: 1 << 24)), random = SplitMix(seed: 61)
    let first = random.next()
    let sights = [door.knock(first), door.knock(first)]
    #expect(sights == [false, true])
    var wronglyKnown = 0, seen = 0
    while seen < Doorkeeper.clearedAfter { if door.knock(random.next()) { wronglyKnown += 1 } else { seen += 1 } }
    let isKnown = door.knock(first)
    #expect(!isKnown)
    #expect(wronglyKnown < 200, "\(wronglyKnown) of \(seen)")
  }

  @Test(arguments: [2_047, 2_048, 2_049])
  func `a string is at most 2,048 bytes`(count: Int) {
    var labels = Self.labels(codes: 100)
    let found = labels.code(String(repeating: "x", count: count))
    #expect(found.isNew == (count <= 2_048))
    #expect(labels.overflow == (count <= 2_048 ? 0 : 1))
  }

  @Test func `strings of all lengths are told apart by their last byte`() {
    var labels = Self.labels(codes: 1_000)
    for length in 1...40 {
      let text = String(repeating: "a", count: length)
      let code = labels.code(text).code, other = labels.code(String(text.dropLast()) + "b").code
      #expect(code != other)
      #expect(labels.string(code) == text)
      #expect(labels.find(text) == code)
    }
  }

  @Test func `bytes that are not text keep their identity`() {
    var labels = Self.labels(codes: 100)
    let bytes = PaddedBytes([0xff, 0xfe, 0x2f])
    let code = unsafe labels.code(bytes.start, count: 3, extra: 0).code
    #expect(labels.string(code) == "\u{fffd}\u{fffd}/")
    #expect(unsafe labels.withBytes(code) { unsafe Array($0) } == [0xff, 0xfe, 0x2f])
    #expect(unsafe labels.code(bytes.start, count: 3, extra: 0) == (code, false))
  }

  @Test func `an empty one takes little, and what it took is used again`() {
    let pool = PagePool(limitBytes: 1 << 24)
    for _ in 0..<1_000 {
      let labels = LabelDictionary(maxCodes: 65_536, maxBytes: 1 << 22, pool: pool)
      #expect(labels.memoryBytes <= 256)
    }
    #expect(pool.usedPages <= 2)
  }

  /// The strings of a small dictionary as its file has them.
  private static func encoded() -> [UInt8] {
    var labels = labels(codes: 100)
    for number in 0..<20 { _ = labels.code("/p/\(number * 7)", extra: UInt32(number) << 20) }
    _ = labels.code(String(repeating: "long", count: 60))
    var writer = ByteWriter(capacity: 1 << 16)
    labels.encode(into: &writer, from: 0)
    return unsafe Array(UnsafeBufferPointer(start: writer.start, count: writer.count))
  }
  private static func restore(_ bytes: [UInt8], into labels: inout LabelDictionary) -> Bool {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return false }
      var cursor = unsafe ByteCursor(start, count: buffer.count)
      return unsafe labels.restore(from: &cursor)
    }
  }

  @Test func `a cut file adds nothing`() {
    let whole = Self.encoded()
    for length in 0..<whole.count {
      var labels = Self.labels(codes: 100)
      #expect(!Self.restore(Array(whole.prefix(length)), into: &labels), "cut at \(length)")
      #expect(labels.count == 2 && labels.usedBytes == 6)
      #expect(labels.code("/fresh").code == 2)
    }
  }

  @Test func `a damaged file adds nothing or a dictionary that works`() {
    let whole = Self.encoded()
    var random = SplitMix(seed: 62), refused = 0
    for _ in 0..<3_000 {
      var bytes = whole
      for _ in 0..<2 { bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8(truncatingIfNeeded: random.next()) }
      var labels = Self.labels(codes: 100)
      if !Self.restore(bytes, into: &labels) {
        refused += 1
        #expect(labels.count == 2 && labels.usedBytes == 6)
        #expect(labels.find("") == 1)
      } else {
        unsafe labels.forEachCode { code, text, extra in
          #expect(text.count <= 2_048)
          let again = unsafe String(decoding: text, as: UTF8.self)
          if Array(again.utf8) == (unsafe Array(text)) { #expect(labels.find(again, extra: extra) == code) }
        }
      }
    }
    #expect(refused > 300)
  }

  @Test func `a file that does not fit or repeats a string adds nothing`() {
    let whole = Self.encoded()
    var few = Self.labels(codes: 22), small = Self.labels(codes: 100, bytes: 200)
    #expect(!Self.restore(whole, into: &few))
    #expect(!Self.restore(whole, into: &small))
    var twice = ByteWriter(capacity: 1_024)
    twice.varint(2)
    twice.varint(2)
    for _ in 0..<2 {
      twice.string("/same")
      twice.varint(5)
    }
    var labels = Self.labels(codes: 100), cursor = unsafe ByteCursor(twice.start, count: twice.count)
    #expect(unsafe !labels.restore(from: &cursor))
    #expect(labels.count == 2 && few.count == 2 && small.count == 2)
    #expect(labels.find("/same", extra: 5) == nil)
    #expect(labels.code("/same", extra: 5).code == 2)
  }
}
