internal import CZstd

/// Owns one zstd decoder, frame behind frame; a frame may ask for at most 8 MiB of window.
@safe
struct Unzstd: ~Copyable {
  private let context: OpaquePointer  // freed once, in deinit
  private let isBetweenFrames: UnsafeMutablePointer<Bool>

  init() {
    guard let made = unsafe ZSTD_createDStream() else { fatalError("no memory for zstd") }
    unsafe context = made
    unsafe ZSTD_DCtx_setParameter(made, ZSTD_d_windowLogMax, 23)
    unsafe isBetweenFrames = .allocate(capacity: 1)
    unsafe isBetweenFrames.initialize(to: true)
  }
  deinit {
    unsafe ZSTD_freeDStream(context)
    unsafe isBetweenFrames.deallocate()
  }

  /// Whether the input may end here.
  var isComplete: Bool { unsafe isBetweenFrames.pointee }

  /// Decodes some of `input` into `room`. With nothing consumed and nothing produced it wants more of either.
  borrowing func decode(
    _ input: Span<UInt8>, into room: inout MutableSpan<UInt8>
  ) throws(DecodeError) -> (consumed: Int, produced: Int) {
    let (status, consumed, produced) = unsafe input.withUnsafeBytes { source in
      unsafe room.withUnsafeMutableBytes { target in
        var from = unsafe ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
        var to = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
        let status = unsafe ZSTD_decompressStream(context, &to, &from)
        return unsafe (status, from.pos, to.pos)
      }
    }
    if ZSTD_isError(status) != 0 {
      throw ZSTD_getErrorCode(status) == ZSTD_error_frameParameter_windowTooLarge ? .tooLarge : .corrupt
    }
    if consumed > 0 || produced > 0 { unsafe isBetweenFrames.pointee = status == 0 }
    return (consumed, produced)
  }
}
