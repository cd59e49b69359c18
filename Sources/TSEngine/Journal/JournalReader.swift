/// Reads a journal frame by frame; each is checked before its first byte is handed out.
///
/// No input makes it trap, read outside its buffer, or take memory for a size that a file merely declares. Memory: one frame.
/// ```
///  var reader = try JournalReader(path)
///  while let (frame, bytes) = try reader.next() { … }      then reader.torn says what an unfinished write left, if anything
/// ```
@safe
struct JournalReader: ~Copyable {
  /// Nil when the file ends before its header does: a crash while it was made, and so an empty journal.
  let header: JournalHeader?
  let fileBytes: Int
  private let file: SnapshotFile
  private let buffer: UnsafeMutablePointer<UInt8>  // a frame, padded; freed once, in deinit
  private let checksum: UInt32
  private var offset = JournalFormat.headerBytes
  private var expected: UInt64
  /// What an unfinished write left at the end.
  private(set) var torn: (offset: Int, bytes: Int)?

  private static let bufferBytes = JournalFormat.maxFrameBytes + 16

  init(_ path: String) throws(SnapshotError) {
    let file = try SnapshotFile(path), header = try Self.header(of: file)
    fileBytes = file.count
    unsafe buffer = .allocate(capacity: Self.bufferBytes)
    self.header = header
    expected = header?.first ?? 0
    checksum = header.map { $0.encode().checksum } ?? 0
    if header == nil, file.count > 0 { torn = (0, file.count) }
    self.file = file
  }
  deinit { unsafe buffer.deallocate() }

  var name: String { file.name }
  /// Sequence number of the frame that `next` will give, if there is one.
  var sequence: UInt64 { expected }
  /// Where the frame that `next` will give begins.
  var position: Int { offset }

  private static func header(of file: borrowing SnapshotFile) throws(SnapshotError) -> JournalHeader? {
    let size = JournalFormat.headerBytes
    if file.count < size { return nil }
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
    defer { unsafe bytes.deallocate() }
    try unsafe file.fill(bytes, size, at: 0)
    let computed = unsafe CRC32C.checksum(bytes, count: size - 4)
    var cursor = unsafe ByteCursor(bytes, count: size)
    let isOurs = (0..<8).map({ _ in unsafe cursor.byte() }) == JournalFormat.magic
    let version = unsafe cursor.fixed(UInt32.self), flags = unsafe cursor.fixed(UInt32.self)
    var header = JournalHeader()
    header.generation = unsafe cursor.fixed(UInt64.self)
    header.keyID = unsafe cursor.fixed(UInt64.self)
    header.first = unsafe cursor.fixed(UInt64.self)
    header.writtenAt = unsafe Int(cursor.fixed(Int64.self))
    let zeros = unsafe cursor.fixed(UInt64.self) | UInt64(cursor.fixed(UInt32.self))
    let checksum = unsafe cursor.fixed(UInt32.self)
    guard isOurs, checksum == computed else {
      if file.count == size { return nil }  // not on the disk when the power went: nothing can follow it
      guard isOurs else { throw file.damage(at: 0, "another kind of file", "BALLJRNL") }
      throw file.damage(at: size - 4, "CRC \(hexadecimal(computed))", hexadecimal(checksum))
    }
    guard version == JournalFormat.version else {
      throw file.damage(at: 8, "version \(version)", "\(JournalFormat.version)", .version)
    }
    guard flags < 2, zeros == 0, header.first < 1 << 63 else {
      throw file.damage(at: 12, "a header with unknown marks", "none")
    }
    header.startsEmpty = flags & 1 == 1
    return header
  }

  // MARK: Frames

  /// The next frame with its payload, which stays until the next call; nil at the end.
  @unsafe mutating func next() throws(SnapshotError) -> (frame: JournalFrame, payload: ByteCursor)? {
    guard header != nil, torn == nil, offset < file.count else { return nil }
    if let frame = try frame(at: offset, sequence: expected...expected) {
      offset += frame.bytes
      expected += 1
      let payload = unsafe ByteCursor(buffer + JournalFormat.frameHeaderBytes, count: frame.payloadBytes)
      return unsafe (frame, payload)
    }
    let sequence = expected, bad = offset
    if let later = try frameBehind(bad) {
      throw file.damage(
        at: bad, "no frame \(sequence), and frame \(later.sequence) behind it at \(later.at)", "frame \(sequence)")
    }
    torn = (bad, file.count - bad)
    return nil
  }

  /// A whole frame with a right sum at `at`, in the buffer.
  private func frame(at: Int, sequence: ClosedRange<UInt64>) throws(SnapshotError) -> JournalFrame? {
    let size = JournalFormat.frameHeaderBytes
    guard file.count - at > size else { return nil }
    try unsafe file.fill(buffer, size, at: at)
    let frame = unsafe Self.frame(buffer)
    guard sequence.contains(frame.sequence), 1...JournalFormat.maxPayloadBytes ~= frame.payloadBytes,
      frame.bytes <= file.count - at, frame.rows <= frame.payloadBytes
    else { return nil }
    let rest = frame.payloadBytes
    try unsafe file.fill(buffer + size, rest, at: at + size)
    unsafe (buffer + frame.bytes).initialize(repeating: 0, count: 16)
    var sum = unsafe ByteCursor(buffer + 24, count: 4)
    let want = unsafe sum.fixed(UInt32.self)
    return unsafe JournalFrame.checksum(buffer, payload: rest, after: checksum) == want ? frame : nil
  }

  @unsafe private static func frame(_ start: UnsafePointer<UInt8>) -> JournalFrame {
    var cursor = unsafe ByteCursor(start, count: JournalFormat.frameHeaderBytes), frame = JournalFrame()
    frame.payloadBytes = unsafe Int(cursor.fixed(UInt32.self))
    frame.rows = unsafe Int(cursor.fixed(UInt32.self))
    frame.sequence = unsafe cursor.fixed(UInt64.self)
    frame.writtenAt = unsafe Int(cursor.fixed(Int64.self))
    return frame
  }

  /// A sound frame of a later number anywhere behind a bad one. Its number must be near, so that few places are looked at
  /// closely; so many wrong ones that they cost time are no accident, and not taken for the end of a journal either.
  private func frameBehind(_ bad: Int) throws(SnapshotError) -> (sequence: UInt64, at: Int)? {
    let piece = 64 << 10, size = JournalFormat.frameHeaderBytes, later = expected + 1...expected + 1 << 20
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: piece)
    defer { unsafe bytes.deallocate() }
    var start = bad + 1, closeLooks = 0
    while file.count - start > size {
      let count = min(piece, file.count - start)
      try unsafe file.fill(bytes, count, at: start)
      for at in 0..<max(0, count - size + 1) {
        let sequence = unsafe UInt64(littleEndian: UnsafeRawPointer(bytes + at + 8).loadUnaligned(as: UInt64.self))
        guard later.contains(sequence) else { continue }
        closeLooks += 1
        if closeLooks > 4_096 { return (sequence, start + at) }
        if let frame = try frame(at: start + at, sequence: later) { return (frame.sequence, start + at) }
      }
      start += max(1, count - size + 1)
    }
    return nil
  }
}
