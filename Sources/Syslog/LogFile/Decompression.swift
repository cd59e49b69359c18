/// Which way a log is compressed, told by its first bytes: names lie, and an upload has none.
enum LogDecoder: ~Copyable {
  case plain, gzip(Gunzip), zstd(Unzstd), lz4(UnLZ4)

  /// How many bytes decide.
  static let signatureBytes = 4

  /// - Throws: the name of a format we know and do not read.
  init(for start: Span<UInt8>) throws(UnreadableFormat) {
    if start.starts(with: "BZh") { throw UnreadableFormat(name: "bzip2") }
    switch start.word(at: 0) & 0xffff_ffff {
    case 0xfd2f_b528: self = .zstd(Unzstd())  // RFC 8878, 3.1.1
    case 0x184d_2204: self = .lz4(UnLZ4())
    case 0x587a_37fd: throw UnreadableFormat(name: "xz")
    case 0x0403_4b50: throw UnreadableFormat(name: "zip")
    case let word where word & 0xffff == 0x8b1f: self = .gzip(Gunzip())  // RFC 1952, 2.3.1
    default: self = .plain
    }
  }

  var isPlain: Bool {
    switch self {
    case .plain: true
    default: false
    }
  }

  /// Whether the input may end here.
  var isComplete: Bool {
    switch self {
    case .plain: true
    case .gzip(let stream): stream.isComplete
    case .zstd(let stream): stream.isComplete
    case .lz4(let stream): stream.isComplete
    }
  }

  /// Decodes some of `input` into `room`. With nothing consumed and nothing produced it wants more of either.
  borrowing func decode(
    _ input: Span<UInt8>, into room: inout MutableSpan<UInt8>
  ) throws(DecodeError) -> (consumed: Int, produced: Int) {
    switch self {
    case .plain:
      let count = min(input.count, room.count)
      unsafe input.withUnsafeBytes { source in
        unsafe room.withUnsafeMutableBytes { unsafe $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<count])) }
      }
      return (count, count)
    case .gzip(let stream): return try stream.decode(input, into: &room)
    case .zstd(let stream): return try stream.decode(input, into: &room)
    case .lz4(let stream): return try stream.decode(input, into: &room)
    }
  }
}

struct UnreadableFormat: Error { let name: String }
