internal import CDeflate

/// RFC 1952 of a whole answer; the only file that knows zlib's compressor.
enum Gzip {
  /// Below this an answer fits one packet anyway.
  static let leastBytes = 1_024

  /// The gzip form of `bytes`, or nil when it would not be smaller.
  ///
  /// - Parameter level: 1 for answers made for one reader (0.1 ms for 20 KiB), 9 for assets, which are packed once.
  static func compress(_ bytes: Span<UInt8>, level: Int = 1) -> [UInt8]? {
    guard bytes.count > 64 else { return nil }
    var stream = unsafe z_stream()
    guard unsafe ballcone_deflate_init(&stream, CInt(level)) == Z_OK else { return nil }
    defer { unsafe deflateEnd(&stream) }
    let packed = unsafe [UInt8](unsafeUninitializedCapacity: bytes.count) { room, count in
      unsafe bytes.withUnsafeBufferPointer { input in
        unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.avail_in = UInt32(input.count)
        unsafe stream.next_out = room.baseAddress
        unsafe stream.avail_out = UInt32(room.count)
        let finished = unsafe deflate(&stream, Z_FINISH) == Z_STREAM_END
        count = finished ? unsafe room.count - Int(stream.avail_out) : 0
      }
    }
    return packed.isEmpty ? nil : packed
  }
}
