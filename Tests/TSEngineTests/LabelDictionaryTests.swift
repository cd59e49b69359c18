import Testing

@testable import TSEngine

extension LabelDictionary {
  /// Interns a string of a test.
  mutating func code(_ text: String, extra: UInt32 = 0) -> (code: UInt32, isNew: Bool) {
    let bytes = PaddedBytes(Array(text.utf8))
    return unsafe code(bytes.start, count: bytes.count, extra: extra)
  }
}

@Suite struct LabelDictionaryTests {
  @Test func `it starts with the other value and the empty string`() {
    var labels = LabelDictionary(maxCodes: 100, maxBytes: 1_000, pool: PagePool(limitBytes: 1 << 20))
    #expect(labels.count == 2)
    #expect(labels.string(0) == "~other")
    #expect(labels.code("") == (1, false))
    #expect(labels.code("~other") == (0, false))
    #expect(labels.code("/a") == (2, true))
    #expect(labels.code("/a") == (2, false))
    #expect(labels.code("/a", extra: 7) == (3, true))
    #expect(labels.extra(3) == 7)
    #expect(labels.find("/a") == 2)
    #expect(labels.find("/a", extra: 7) == 3)
    #expect(labels.find("/b") == nil)
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `it agrees with a plain dictionary`(seed: UInt64) {
    var random = SplitMix(seed: seed)
    let pool = PagePool(limitBytes: 1 << 24)
    var labels = LabelDictionary(maxCodes: 40_000, maxBytes: 4_000_000, pool: pool)
    var model: [String: UInt32] = ["~other|0": 0, "|0": 1]
    for _ in 0..<6_000 {
      let length = Int.random(in: 0...40, using: &random)
      let text = (0..<length).map { _ in ["a", "b", "/", "é"][Int.random(in: 0..<4, using: &random)] }.joined()
      let extra = UInt32.random(in: 0...2, using: &random), key = "\(text)|\(extra)"
      let found = labels.code(text, extra: extra)
      #expect(found.isNew == (model[key] == nil))
      if model[key] == nil { model[key] = UInt32(model.count) }
      #expect(found.code == model[key])
    }
    #expect(labels.count == model.count)
    for (key, code) in model {
      #expect(labels.string(code) + "|\(labels.extra(code))" == key)
    }
    #expect(labels.overflow == 0)
  }

  @Test func `what was encoded is restored, in one piece or as a journal`() {
    let pool = PagePool(limitBytes: 1 << 24)
    var labels = LabelDictionary(maxCodes: 4_000, maxBytes: 100_000, pool: pool)
    for number in 0..<600 { _ = labels.code("/page/\(number)", extra: UInt32(number % 3)) }
    var writer = ByteWriter(capacity: 1 << 20)
    labels.encode(into: &writer, from: 0)
    let whole = writer.count
    for number in 600..<1_000 { _ = labels.code("/page/\(number)") }
    labels.encode(into: &writer, from: 602)
    var restored = LabelDictionary(maxCodes: 4_000, maxBytes: 100_000, pool: pool)
    var cursor = unsafe ByteCursor(writer.start, count: writer.count)
    #expect(unsafe restored.restore(from: &cursor))
    #expect(unsafe cursor.remaining == writer.count - whole)
    #expect(unsafe restored.restore(from: &cursor))
    #expect(unsafe cursor.remaining == 0)
    #expect(restored.count == labels.count)
    for code in 0..<UInt32(labels.count) {
      #expect(restored.string(code) == labels.string(code))
      #expect(restored.extra(code) == labels.extra(code))
      #expect(restored.find(labels.string(code), extra: labels.extra(code)) == code)
    }
    // The same again does not belong here.
    var again = unsafe ByteCursor(writer.start, count: whole)
    #expect(unsafe !restored.restore(from: &again))
  }
}
