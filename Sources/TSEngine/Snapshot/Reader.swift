/// Reads a snapshot: header and table are checked when it opens, a section's checksum before its first byte is handed out.
///
/// No input makes it trap, read outside its buffers, or take memory for a size that a file merely declares. Memory: two
/// blocks and the table.
/// ```
///  var reader = try SnapshotReader(path)
///  for section in reader.sections { try reader.open(section);  n = try reader.read(into: p, count: …) … }
/// ```
@safe
package struct SnapshotReader: ~Copyable {
  package let generation: UInt64, keyID: UInt64
  /// Unix seconds.
  package let writtenAt: Int
  package let fileBytes: Int
  package let sections: [SnapshotSection]

  private let file: SnapshotFile
  private let raw: UnsafeMutablePointer<UInt8>  // the block being read; freed once, in deinit
  private let stored: UnsafeMutablePointer<UInt8>
  private var current: SnapshotSection?
  private var rawCount = 0, rawUsed = 0  // of the block
  private var offset = 0, rawLeft = 0  // of the section

  /// - Parameter limitBytes: larger files are refused.
  package init(_ path: String, limitBytes: Int = SnapshotFormat.maxFileBytes) throws(SnapshotError) {
    let file = try SnapshotFile(path), header = try SnapshotHeader(of: file, limitBytes: limitBytes)
    sections = try header.table(of: file)
    (generation, keyID, writtenAt) = (header.generation, header.keyID, header.writtenAt)
    fileBytes = file.count
    self.file = file
    unsafe raw = .allocate(capacity: SnapshotFormat.blockBytes + 16)
    unsafe stored = .allocate(capacity: SnapshotFormat.blockBytes + 16)
  }
  deinit {
    unsafe raw.deallocate()
    unsafe stored.deallocate()
  }

  /// Name of the file without its directory, as errors say it.
  package var name: String { file.name }

  // MARK: Sections

  /// The first section of that name and number.
  package func section(_ name: SectionName, number: Int = 0) -> SnapshotSection? {
    sections.first { $0.name == name && $0.number == number }
  }

  /// Checks a section's checksum and stands before its first byte.
  package mutating func open(_ section: SnapshotSection) throws(SnapshotError) {
    current = section
    (rawCount, rawUsed, offset, rawLeft) = (0, 0, section.offset, section.rawBytes)
    var checksum: UInt32 = 0, at = section.offset
    let end = section.offset + section.storedBytes
    while at < end {
      let part = min(end - at, SnapshotFormat.blockBytes)
      try unsafe fill(stored, part, at: at)
      checksum = unsafe CRC32C.checksum(stored, count: part, after: checksum)
      at += part
    }
    guard checksum == section.checksum else {
      throw damage(at: section.offset, "CRC \(hexadecimal(checksum))", hexadecimal(section.checksum))
    }
  }

  /// Bytes of the open section that have not been read yet.
  package var remaining: Int { rawLeft + rawCount - rawUsed }

  /// Decoded bytes of the open section, up to `count`; fewer only at its end.
  @unsafe package mutating func read(into out: UnsafeMutablePointer<UInt8>, count: Int) throws(SnapshotError) -> Int {
    var done = 0
    while done < count {
      if rawUsed == rawCount {
        if rawLeft == 0 { break }
        try nextBlock()
      }
      let part = min(count - done, rawCount - rawUsed)
      unsafe (out + done).update(from: raw + rawUsed, count: part)
      rawUsed += part
      done += part
    }
    return done
  }

  /// Opens a section and lends all of its bytes, with padding behind them for eight-byte reads.
  /// - Parameter limitBytes: a larger section is refused before memory is taken for it.
  package mutating func withBytes<R>(
    _ section: SnapshotSection, limitBytes: Int, _ body: (inout ByteCursor) -> R
  ) throws(SnapshotError) -> R {
    try open(section)
    guard section.rawBytes <= limitBytes else {
      throw damage(at: section.offset, "\(section.rawBytes) bytes", "at most \(limitBytes)")
    }
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: section.rawBytes + 16)
    defer { unsafe bytes.deallocate() }
    let count = try unsafe read(into: bytes, count: section.rawBytes)
    unsafe (bytes + count).initialize(repeating: 0, count: 16)
    var cursor = unsafe ByteCursor(bytes, count: count)
    return unsafe body(&cursor)
  }

  private mutating func nextBlock() throws(SnapshotError) {
    let end = current!.offset + current!.storedBytes
    guard end - offset > SnapshotFormat.blockHeaderBytes else {
      throw damage(at: offset, "the end of the section", "\(rawLeft) more bytes")
    }
    try unsafe fill(stored, SnapshotFormat.blockHeaderBytes, at: offset)
    var cursor = unsafe ByteCursor(stored, count: SnapshotFormat.blockHeaderBytes)
    let rawSize = unsafe Int(cursor.fixed(UInt32.self)), storedSize = unsafe Int(cursor.fixed(UInt32.self))
    let want = min(rawLeft, SnapshotFormat.blockBytes)
    guard rawSize == want else { throw damage(at: offset, "a block of \(rawSize) bytes", "\(want)") }
    guard storedSize >= 1, storedSize <= rawSize, storedSize <= end - offset - SnapshotFormat.blockHeaderBytes else {
      throw damage(at: offset, "\(storedSize) stored bytes", "1 to \(rawSize) before \(end)")
    }
    let body = offset + SnapshotFormat.blockHeaderBytes
    if storedSize == rawSize {
      try unsafe fill(raw, rawSize, at: body)
    } else {
      try unsafe fill(stored, storedSize, at: body)
      guard unsafe LZ4Block.decompress(stored, count: storedSize, into: raw, rawCount: rawSize) else {
        throw damage(at: body, "no LZ4 block", "\(rawSize) bytes from \(storedSize)")
      }
    }
    offset = body + storedSize
    (rawCount, rawUsed) = (rawSize, 0)
    rawLeft -= rawSize
    if rawLeft == 0, offset != end { throw damage(at: offset, "\(end - offset) bytes behind the last block", "none") }
  }

  private func fill(_ out: UnsafeMutablePointer<UInt8>, _ count: Int, at offset: Int) throws(SnapshotError) {
    try unsafe file.fill(out, count, at: offset, of: current)
  }

  private func damage(at offset: Int, _ got: String, _ want: String) -> SnapshotError {
    file.damage(at: offset, of: current, got, want)
  }
}
