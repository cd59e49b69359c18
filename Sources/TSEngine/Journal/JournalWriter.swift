internal import Glibc

/// A journal being written: each frame is one write, and on the disk when `append` returns.
///
/// After any error it is of no more use: a frame may be there in part or whole, so the file is left as it is and never
/// touched again. One owner; blocking calls, so never under a lock of the engine.
struct JournalWriter: ~Copyable {
  let path: String
  private let file: Descriptor
  private let checksum: UInt32
  /// Sequence number of the next frame.
  private(set) var next: UInt64
  private(set) var count: Int  // bytes written

  /// Makes the file, which must not be there, and its name durable.
  init(_ path: String, _ header: JournalHeader) throws(FileError) {
    let (bytes, checksum) = header.encode()
    let file = try FileSystem.open(path, O_WRONLY | O_CREAT | O_EXCL)
    // A frame behind a header that is not sure to be there would be lost with it.
    try unsafe FileSystem.write(file, path, bytes, count: bytes.count)
    try FileSystem.fsync(file, path)
    try FileSystem.fsyncDirectory(FileSystem.parent(of: path))
    self.file = file
    (self.path, self.checksum, next, count) = (path, checksum, header.first, bytes.count)
  }

  /// Appends what a block holds; fills in its first bytes.
  mutating func append(_ block: JournalBuffer.Block, writtenAt second: Int) throws(FileError) {
    let size = JournalFormat.frameHeaderBytes, payload = block.count - size
    precondition(payload > 0 && payload <= JournalFormat.maxPayloadBytes)
    let start = unsafe UnsafeMutableRawPointer(block.start)
    unsafe start.storeBytes(of: UInt32(payload).littleEndian, as: UInt32.self)
    unsafe start.storeBytes(of: UInt32(block.rows).littleEndian, toByteOffset: 4, as: UInt32.self)
    unsafe start.storeBytes(of: next.littleEndian, toByteOffset: 8, as: UInt64.self)
    unsafe start.storeBytes(of: Int64(second).littleEndian, toByteOffset: 16, as: Int64.self)
    let sum = unsafe JournalFrame.checksum(block.start, payload: payload, after: checksum)
    unsafe start.storeBytes(of: sum.littleEndian, toByteOffset: 24, as: UInt32.self)
    try unsafe FileSystem.write(file, path, block.start, count: block.count)
    try FileSystem.fsync(file, path)
    next += 1
    count += block.count
  }
}

/// The first bytes of a frame.
struct JournalFrame {
  var payloadBytes = 0, rows = 0, sequence: UInt64 = 0, writtenAt = 0
  var bytes: Int { JournalFormat.frameHeaderBytes + payloadBytes }

  /// Sum of a whole frame but for the sum itself.
  @unsafe static func checksum(_ frame: UnsafePointer<UInt8>, payload: Int, after header: UInt32) -> UInt32 {
    let first = unsafe CRC32C.checksum(frame, count: 24, after: header)
    return unsafe CRC32C.checksum(frame + JournalFormat.frameHeaderBytes, count: payload, after: first)
  }
}
