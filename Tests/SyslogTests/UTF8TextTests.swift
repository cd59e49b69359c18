import Testing

@testable import Syslog

private func repaired(_ bytes: [UInt8], limit: Int = 64) -> [UInt8] {
  var room = [UInt8](repeating: 0, count: limit)
  var span = room.mutableSpan
  let count = UTF8Text.copy(bytes.span, into: &span)
  return Array(room[..<count])
}

@Suite struct UTF8TextTests {
  @Test func `what is repaired equals the standard library's repair`() {
    var state: UInt64 = 42
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
    let pieces: [[UInt8]] = [
      [0x41], [0xc3, 0xa9], [0xe2, 0x82, 0xac], [0xf0, 0x9f, 0xa6, 0x8a], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0xa6], [0x80],
      [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe0, 0x80, 0x80], [0xf0, 0x80, 0x80, 0x80],
    ]
    for _ in 0..<20_000 {
      var bytes: [UInt8] = []
      for _ in 0..<next() % 6 { bytes += pieces[Int(next()) % pieces.count] }
      #expect(repaired(bytes) == utf8(String(decoding: bytes, as: UTF8.self)), "\(bytes)")
    }
  }

  @Test(arguments: 0...12) func `a limit never cuts a character`(limit: Int) {
    let text = utf8("aé€🦊z")  // 1, 2, 3, 4, 1 bytes
    let edges = [0, 1, 3, 6, 10, 11]
    #expect(repaired(text, limit: limit).count == edges.last { $0 <= limit })
    // A replacement is longer than what it replaces: nothing of it is written unless all of it fits.
    #expect(repaired([0x61, 0x62, 0xff], limit: limit).count == (limit >= 5 ? 5 : min(limit, 2)))
  }
}
