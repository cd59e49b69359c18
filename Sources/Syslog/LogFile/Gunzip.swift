internal import CZlib

/// Owns one zlib stream that reads gzip members one behind the other, as gzip(1) and logrotate write them.
@safe
struct Gunzip: ~Copyable {
  @unsafe private struct State {
    var stream = unsafe z_stream()
    var isBetweenMembers = true
  }
  private let state: UnsafeMutablePointer<State>  // stable address: zlib keeps it; freed once, in deinit

  init() {
    unsafe state = .allocate(capacity: 1)
    unsafe state.initialize(to: State())
    guard unsafe ballcone_inflate_init(&state.pointee.stream) == Z_OK else { fatalError("no memory for inflate") }
  }
  deinit {
    unsafe inflateEnd(&state.pointee.stream)
    unsafe state.deinitialize(count: 1)
    unsafe state.deallocate()
  }

  /// Whether the input may end here.
  var isComplete: Bool { unsafe state.pointee.isBetweenMembers }

  /// Decodes some of `input` into `room`. With nothing consumed and nothing produced it wants more of either.
  borrowing func decode(
    _ input: Span<UInt8>, into room: inout MutableSpan<UInt8>
  ) throws(DecodeError) -> (consumed: Int, produced: Int) {
    if input.count > 0, isComplete, input[0] == 0 { return (zeros(input), 0) }
    if input.count == 0, isComplete { return (0, 0) }
    let status = unsafe input.withUnsafeBufferPointer { source in
      unsafe room.withUnsafeMutableBytes { target in
        unsafe state.pointee.stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
        unsafe state.pointee.stream.avail_in = UInt32(clamping: source.count)
        unsafe state.pointee.stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe state.pointee.stream.avail_out = UInt32(clamping: target.count)
        return unsafe inflate(&state.pointee.stream, Z_NO_FLUSH)
      }
    }
    let consumed = unsafe input.count - Int(state.pointee.stream.avail_in)
    let produced = unsafe room.count - Int(state.pointee.stream.avail_out)
    if consumed > 0 { unsafe state.pointee.isBetweenMembers = false }
    switch status {
    case Z_OK, Z_BUF_ERROR: break  // the latter: nothing could be done
    case Z_STREAM_END:
      unsafe inflateReset(&state.pointee.stream)
      unsafe state.pointee.isBetweenMembers = true
    default: throw .corrupt
    }
    return (consumed, produced)
  }

  /// Zeros between or behind members are padding of tapes and blocks.
  private func zeros(_ input: Span<UInt8>) -> Int {
    var count = 0
    while count < input.count, input[count] == 0 { count += 1 }
    return count
  }
}
