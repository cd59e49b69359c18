import Testing

@testable import TSEngine

@Suite struct LZ4BlockTests {
  private static func compressed(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    let compressor = LZ4Compressor(), out = PaddedBytes([UInt8](repeating: 0, count: limit))
    let count = unsafe bytes.withUnsafeBufferPointer {
      unsafe compressor.compress($0.baseAddress!, count: bytes.count, into: out.start, limit: limit)
    }
    return count.map { unsafe Array(UnsafeBufferPointer(start: out.start, count: $0)) }
  }
  /// What was decoded, or nil; the byte behind the room must stay as it was.
  private static func decompressed(_ block: [UInt8], rawCount: Int) -> [UInt8]? {
    let out = PaddedBytes([UInt8](repeating: 0, count: rawCount))
    let isSound = unsafe block.withUnsafeBufferPointer {
      unsafe LZ4Block.decompress($0.baseAddress!, count: block.count, into: out.start, rawCount: rawCount)
    }
    for index in 0..<16 { #expect(unsafe out.start[rawCount + index] == 0xff) }
    return isSound ? unsafe Array(UnsafeBufferPointer(start: out.start, count: rawCount)) : nil
  }

  @Test func `a block comes back only under its own size`() throws {
    let text = Array(String(repeating: "GET /articles/42 HTTP/1.1 ", count: 40).utf8)
    let block = try #require(Self.compressed(text, limit: text.count))
    #expect(block.count * 5 < text.count)
    #expect(Self.decompressed(block, rawCount: text.count) == text)
    for wrong in [1, text.count - 1, text.count + 1, text.count * 2] {
      #expect(Self.decompressed(block, rawCount: wrong) == nil)
    }
    for length in 1..<block.count { #expect(Self.decompressed(Array(block[..<length]), rawCount: text.count) == nil) }
  }

  @Test func `what gains nothing is not compressed`() {
    var random = SplitMix(seed: 2)
    let noise = (0..<4_096).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    #expect(Self.compressed(noise, limit: 4_096 - 256) == nil)
  }

  @Test func `noise decodes to nothing outside its room`() {
    var random = SplitMix(seed: 3)
    for _ in 0..<3_000 {
      let block = (0..<Int.random(in: 1...60, using: &random)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      _ = Self.decompressed(block, rawCount: Int.random(in: 1...300, using: &random))
    }
  }
}
