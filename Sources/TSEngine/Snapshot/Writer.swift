/// Writes a snapshot section by section, through an atomic file: the name has the whole of it or what it had before.
///
/// Memory: two blocks, the compressor's 16 KiB and 40 bytes a section, whatever the size. Blocks while it writes, so never
/// under a lock of the engine. After any error it is of no more use: drop it, and write the file anew next time.
/// ```
///  var writer = try SnapshotWriter(path, generation: 7, keyID: id, writtenAt: now)
///  writer.begin("rows", compressed: false);  try writer.append(bytes, count: n) …;  try writer.end()
///  let bytes = try writer.commit()
/// ```
@safe
package struct SnapshotWriter: ~Copyable {
  private var file: AtomicFile
  private let generation: UInt64, keyID: UInt64, second: Int
  private let compressor = LZ4Compressor()
  private let raw: UnsafeMutablePointer<UInt8>  // the block being filled; freed once, in deinit
  private let stored: UnsafeMutablePointer<UInt8>  // block header and stored bytes
  private var rawCount = 0
  private var table: [SnapshotSection] = []
  private var isOpen = false, isCompressed = true

  package init(_ path: String, generation: UInt64, keyID: UInt64, writtenAt second: Int) throws(FileError) {
    var file = try AtomicFile(path)
    // The header's place; it is written last.
    let zeros = [UInt8](repeating: 0, count: SnapshotFormat.headerBytes)
    try unsafe file.append(zeros, count: zeros.count)
    self.file = file
    (self.generation, self.keyID, self.second) = (generation, keyID, second)
    unsafe raw = .allocate(capacity: SnapshotFormat.blockBytes)
    unsafe stored = .allocate(capacity: SnapshotFormat.blockHeaderBytes + SnapshotFormat.blockBytes)
  }
  deinit {
    unsafe raw.deallocate()
    unsafe stored.deallocate()
  }

  /// Bytes written so far.
  package var count: Int { file.count }

  /// Begins a section.
  /// - Parameters:
  ///   - number: which one of several of that name; below 2^32.
  ///   - compressed: false for what LZ4 is known to gain nothing on.
  package mutating func begin(_ name: SectionName, number: Int = 0, compressed: Bool = true) {
    precondition(!isOpen && number >= 0 && number <= UInt32.max && table.count < SnapshotFormat.maxSections)
    table.append(SnapshotSection(name: name, number: number, offset: file.count))
    (isOpen, isCompressed) = (true, compressed)
  }

  @unsafe package mutating func append(_ bytes: UnsafePointer<UInt8>, count: Int) throws(FileError) {
    precondition(isOpen && count >= 0)
    var done = 0
    while done < count {
      let part = min(count - done, SnapshotFormat.blockBytes - rawCount)
      if rawCount == 0, part == SnapshotFormat.blockBytes {
        try unsafe writeBlock(bytes + done, part)
      } else {
        unsafe (raw + rawCount).update(from: bytes + done, count: part)
        rawCount += part
        if rawCount == SnapshotFormat.blockBytes { try flush() }
      }
      done += part
    }
  }

  package mutating func append(_ bytes: Span<UInt8>) throws(FileError) {
    for start in stride(from: 0, to: bytes.count, by: SnapshotFormat.blockBytes) {
      let end = min(bytes.count, start + SnapshotFormat.blockBytes)
      // A typed throw does not pass through the closure of `withUnsafeBufferPointer`.
      var failure: FileError?
      unsafe bytes.extracting(start..<end).withUnsafeBufferPointer { part in
        do throws(FileError) { try unsafe append(part.baseAddress!, count: part.count) } catch { failure = error }
      }
      if let failure { throw failure }
    }
  }

  /// What a writer of bytes holds, as one piece.
  package mutating func append(_ writer: borrowing ByteWriter) throws(FileError) {
    try unsafe append(writer.start, count: writer.count)
  }

  package mutating func end() throws(FileError) {
    precondition(isOpen)
    try flush()
    isOpen = false
  }

  /// Brings to the disk what is written so far.
  package mutating func sync() throws(FileError) { try file.sync() }

  /// Writes table and header, makes the file durable and gives its size.
  package mutating func commit() throws(FileError) -> Int {
    precondition(!isOpen)
    let tableOffset = file.count
    var tableWriter = ByteWriter(capacity: max(1, table.count) * SnapshotFormat.entryBytes + 64)
    for section in table {
      tableWriter.fixed(section.name.rawValue)
      tableWriter.fixed(UInt32(section.number))
      tableWriter.fixed(section.checksum)
      tableWriter.fixed(UInt64(section.offset))
      tableWriter.fixed(UInt64(section.storedBytes))
      tableWriter.fixed(UInt64(section.rawBytes))
    }
    let tableChecksum = unsafe CRC32C.checksum(tableWriter.start, count: tableWriter.count)
    try unsafe file.append(tableWriter.start, count: tableWriter.count)
    try writeHeader(tableOffset: tableOffset, tableChecksum: tableChecksum)
    try file.commit()
    return file.count
  }

  private mutating func writeHeader(tableOffset: Int, tableChecksum: UInt32) throws(FileError) {
    var header = ByteWriter(capacity: 128)
    for byte in SnapshotFormat.magic { header.byte(byte) }
    header.fixed(UInt32(SnapshotFormat.version))
    header.fixed(UInt32(table.count))
    header.fixed(generation)
    header.fixed(keyID)
    header.fixed(UInt64(tableOffset))
    header.fixed(UInt64(file.count))
    header.fixed(Int64(second))
    header.fixed(tableChecksum)
    header.fixed(unsafe CRC32C.checksum(header.start, count: header.count))
    try unsafe file.overwrite(header.start, count: header.count, at: 0)
  }

  private mutating func flush() throws(FileError) {
    if rawCount == 0 { return }
    let count = rawCount
    rawCount = 0
    try unsafe writeBlock(raw, count)
  }

  /// Compressed only where that saves a sixteenth: less is not worth decoding.
  private mutating func writeBlock(_ bytes: UnsafePointer<UInt8>, _ count: Int) throws(FileError) {
    let body = unsafe stored + SnapshotFormat.blockHeaderBytes
    var storedCount = count
    if isCompressed, count >= 64,
      let small = unsafe compressor.compress(bytes, count: count, into: body, limit: count - count / 16)
    {
      storedCount = small
    } else {
      unsafe body.update(from: bytes, count: count)
    }
    unsafe UnsafeMutableRawPointer(stored).storeBytes(of: UInt32(count).littleEndian, as: UInt32.self)
    unsafe UnsafeMutableRawPointer(stored + 4).storeBytes(of: UInt32(storedCount).littleEndian, as: UInt32.self)
    let whole = SnapshotFormat.blockHeaderBytes + storedCount, last = table.count - 1
    table[last].checksum = unsafe CRC32C.checksum(stored, count: whole, after: table[last].checksum)
    table[last].storedBytes += whole
    table[last].rawBytes += count
    try unsafe file.append(stored, count: whole)
  }
}
