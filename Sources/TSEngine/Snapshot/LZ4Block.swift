internal import CLZ4

/// Owns the 16 KiB working state of LZ4's block compressor, so that a block costs no allocation.
///
/// A block says neither how long it is nor whether it is whole: sizes and a CRC32C belong beside it (one flipped byte
/// decodes silently wrong in about half of all cases).
@safe
struct LZ4Compressor: ~Copyable {
  private let state: UnsafeMutableRawPointer  // freed once, in deinit

  init() { unsafe state = .allocate(byteCount: Int(LZ4_sizeofState()), alignment: 8) }
  deinit { unsafe state.deallocate() }

  /// Compresses into `limit` bytes; nil when the result does not fit, which is how a block that gains too little is kept
  /// as it is.
  @unsafe
  func compress(_ from: UnsafePointer<UInt8>, count: Int, into out: UnsafeMutablePointer<UInt8>, limit: Int) -> Int? {
    let written = unsafe LZ4_compress_fast_extState(
      state, UnsafeRawPointer(from).assumingMemoryBound(to: CChar.self),
      UnsafeMutableRawPointer(out).assumingMemoryBound(to: CChar.self), CInt(count), CInt(limit), 1)
    return written > 0 ? Int(written) : nil
  }
}

enum LZ4Block {
  /// Decodes exactly `rawCount` bytes, a size the caller has checked; false when the block is anything else. Reads nothing
  /// outside the block and writes nothing outside `rawCount`, whatever the bytes.
  @unsafe
  static func decompress(
    _ from: UnsafePointer<UInt8>, count: Int, into out: UnsafeMutablePointer<UInt8>, rawCount: Int
  ) -> Bool {
    let written = unsafe LZ4_decompress_safe(
      UnsafeRawPointer(from).assumingMemoryBound(to: CChar.self),
      UnsafeMutableRawPointer(out).assumingMemoryBound(to: CChar.self), CInt(count), CInt(rawCount))
    return Int(written) == rawCount
  }
}
