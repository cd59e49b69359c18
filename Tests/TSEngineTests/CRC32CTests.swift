import Testing

@testable import TSEngine

@Suite struct CRC32CTests {
  private static func hardware(_ bytes: [UInt8], after: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe bytes.baseAddress.map { unsafe CRC32C.checksum($0, count: bytes.count, after: after) } ?? after
    }
  }
  private static func software(_ bytes: [UInt8], after: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe bytes.baseAddress.map { unsafe CRC32C.software($0, count: bytes.count, after: after) } ?? after
    }
  }

  /// RFC 3720, appendix B.4, and the catalogue's check value.
  @Test(
    arguments: [
      (Array("123456789".utf8), 0xe306_9283), (Array(repeating: 0, count: 32), 0x8a91_36aa),
      (Array(repeating: 0xff, count: 32), 0x62a8_ab43), (Array(0..<32), 0x46dd_794e), ([], 0),
    ] as [([UInt8], UInt32)])
  func `known sums come out`(bytes: [UInt8], sum: UInt32) {
    #expect(Self.hardware(bytes) == sum)
    #expect(Self.software(bytes) == sum)
    #expect(CRC32C.checksum(bytes.span) == sum)
  }

  @Test func `the instruction and the table agree, and sums can be continued`() {
    var random = SplitMix(seed: 1)
    for length in 0..<200 {
      let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let cut = Int.random(in: 0...length, using: &random), sum = Self.software(bytes)
      #expect(Self.hardware(bytes) == sum)
      #expect(Self.hardware(Array(bytes[cut...]), after: Self.hardware(Array(bytes[..<cut]))) == sum)
      #expect(Self.software(Array(bytes[cut...]), after: Self.software(Array(bytes[..<cut]))) == sum)
    }
  }

  @Test func `every damaged byte changes the sum`() {
    let bytes = Array("a snapshot of yesterday".utf8), sum = Self.hardware(bytes)
    for index in bytes.indices {
      for value in UInt8.min...UInt8.max where value != bytes[index] {
        var damaged = bytes
        damaged[index] = value
        #expect(Self.hardware(damaged) != sum)
      }
    }
  }
}
