internal import CLZ4Frame

/// Owns one LZ4 frame decoder, frame behind frame as lz4(1) writes them.
@safe
struct UnLZ4: ~Copyable {
  private let context: OpaquePointer  // freed once, in deinit
  private let isBetweenFrames: UnsafeMutablePointer<Bool>

  init() {
    var made: OpaquePointer?
    let status = unsafe LZ4F_createDecompressionContext(&made, UInt32(LZ4F_VERSION))
    guard LZ4F_isError(status) == 0, let made = unsafe made else { fatalError("no memory for lz4") }
    unsafe context = made
    unsafe isBetweenFrames = .allocate(capacity: 1)
    unsafe isBetweenFrames.initialize(to: true)
  }
  deinit {
    unsafe LZ4F_freeDecompressionContext(context)
    unsafe isBetweenFrames.deallocate()
  }

  /// Whether the input may end here.
  var isComplete: Bool { unsafe isBetweenFrames.pointee }

  /// Decodes some of `input` into `room`. With nothing consumed and nothing produced it wants more of either.
  borrowing func decode(
    _ input: Span<UInt8>, into room: inout MutableSpan<UInt8>
  ) throws(DecodeError) -> (consumed: Int, produced: Int) {
    var consumed = input.count, produced = room.count
    let status = unsafe input.withUnsafeBytes { source in
      unsafe room.withUnsafeMutableBytes { target in
        unsafe LZ4F_decompress(context, target.baseAddress, &produced, source.baseAddress, &consumed, nil)
      }
    }
    guard LZ4F_isError(status) == 0 else { throw .corrupt }
    if consumed > 0 || produced > 0 { unsafe isBetweenFrames.pointee = status == 0 }
    return (consumed, produced)
  }
}
