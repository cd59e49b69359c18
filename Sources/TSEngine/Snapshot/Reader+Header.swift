internal import Glibc

/// A snapshot's file as its readers see it: bytes at offsets, and errors that say where.
struct SnapshotFile: ~Copyable {
  let path: String, name: String, count: Int
  private let descriptor: Descriptor

  init(_ path: String) throws(SnapshotError) {
    let name = FileSystem.name(of: path)
    let descriptor = try Self.system(name, nil, 0) { () throws(FileError) in try FileSystem.open(path, O_RDONLY) }
    count = try Self.system(name, nil, 0) { () throws(FileError) in try FileSystem.size(descriptor, path) }
    (self.path, self.name) = (path, name)
    self.descriptor = descriptor
  }

  /// Exactly `count` bytes from `offset`.
  func fill(
    _ out: UnsafeMutablePointer<UInt8>, _ count: Int, at offset: Int, of section: SnapshotSection? = nil
  ) throws(SnapshotError) {
    let got = try Self.system(name, section, offset) { () throws(FileError) in
      try unsafe FileSystem.read(descriptor, path, out, count: count, at: offset)
    }
    guard got == count else { throw damage(at: offset, of: section, "\(got) bytes", "\(count)") }
  }

  func damage(
    at offset: Int, of section: SnapshotSection? = nil, _ got: String, _ want: String, _ kind: SnapshotError.Kind = .damaged
  ) -> SnapshotError {
    SnapshotError(kind: kind, file: name, section: section?.description, offset: offset, got: got, want: want)
  }

  private static func system<R: ~Copyable>(
    _ name: String, _ section: SnapshotSection?, _ offset: Int, _ body: () throws(FileError) -> R
  ) throws(SnapshotError) -> R {
    do throws(FileError) {
      return try body()
    } catch {
      throw SnapshotError(
        kind: .system(error), file: name, section: section?.description, offset: offset, got: "", want: "")
    }
  }
}

/// The 64 bytes at the start, checked against the file they stand in.
struct SnapshotHeader {
  let generation: UInt64, keyID: UInt64, writtenAt: Int
  private let sectionCount: Int, tableOffset: Int, tableChecksum: UInt32

  init(of file: borrowing SnapshotFile, limitBytes: Int) throws(SnapshotError) {
    let size = SnapshotFormat.headerBytes
    guard file.count >= size else { throw file.damage(at: 0, "\(file.count) bytes", "a header of \(size)") }
    guard file.count <= limitBytes else { throw file.damage(at: 40, "\(file.count) bytes", "at most \(limitBytes)", .misuse) }
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
    defer { unsafe bytes.deallocate() }
    try unsafe file.fill(bytes, size, at: 0)
    let computed = unsafe CRC32C.checksum(bytes, count: size - 4)
    var cursor = unsafe ByteCursor(bytes, count: size)
    guard (0..<8).map({ _ in unsafe cursor.byte() }) == SnapshotFormat.magic else {
      throw file.damage(at: 0, "another kind of file", "BALLCONE")
    }
    let version = unsafe cursor.fixed(UInt32.self), count = unsafe cursor.fixed(UInt32.self)
    generation = unsafe cursor.fixed(UInt64.self)
    keyID = unsafe cursor.fixed(UInt64.self)
    let table = unsafe cursor.fixed(UInt64.self), whole = unsafe cursor.fixed(UInt64.self)
    writtenAt = unsafe Int(cursor.fixed(Int64.self))
    tableChecksum = unsafe cursor.fixed(UInt32.self)
    let checksum = unsafe cursor.fixed(UInt32.self)

    guard checksum == computed else {
      throw file.damage(at: size - 4, "CRC \(hexadecimal(computed))", hexadecimal(checksum))
    }
    guard version == SnapshotFormat.version else {
      throw file.damage(at: 8, "version \(version)", "\(SnapshotFormat.version)", .version)
    }
    guard whole == UInt64(file.count) else { throw file.damage(at: 40, "a file of \(file.count) bytes", "\(whole)") }
    guard count <= SnapshotFormat.maxSections else {
      throw file.damage(at: 12, "\(count) sections", "at most \(SnapshotFormat.maxSections)")
    }
    let end = file.count - Int(count) * SnapshotFormat.entryBytes
    guard end >= size, table == UInt64(end) else { throw file.damage(at: 32, "a table at \(table)", "\(end)") }
    (sectionCount, tableOffset) = (Int(count), end)
  }

  /// The sections, which lie end to end between header and table.
  func table(of file: borrowing SnapshotFile) throws(SnapshotError) -> [SnapshotSection] {
    let size = sectionCount * SnapshotFormat.entryBytes
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: size + 1)
    defer { unsafe bytes.deallocate() }
    try unsafe file.fill(bytes, size, at: tableOffset)
    let checksum = unsafe CRC32C.checksum(bytes, count: size)
    guard checksum == tableChecksum else {
      throw file.damage(at: tableOffset, "CRC \(hexadecimal(checksum))", hexadecimal(tableChecksum))
    }
    var cursor = unsafe ByteCursor(bytes, count: size), next = SnapshotFormat.headerBytes
    var sections: [SnapshotSection] = []
    sections.reserveCapacity(sectionCount)
    for index in 0..<sectionCount {
      var section = SnapshotSection(name: unsafe SectionName(rawValue: cursor.fixed(UInt64.self)))
      section.number = unsafe Int(cursor.fixed(UInt32.self))
      section.checksum = unsafe cursor.fixed(UInt32.self)
      let offset = unsafe cursor.fixed(UInt64.self), stored = unsafe cursor.fixed(UInt64.self)
      let raw = unsafe cursor.fixed(UInt64.self), here = tableOffset + index * SnapshotFormat.entryBytes
      guard offset == UInt64(next), stored <= UInt64(tableOffset - next) else {
        throw file.damage(
          at: here, "section \(section) of \(stored) bytes at \(offset)", "one at \(next) that ends by \(tableOffset)")
      }
      guard raw <= stored * UInt64(SnapshotFormat.maxExpansion), (raw == 0) == (stored == 0) else {
        throw file.damage(at: here, "section \(section) of \(raw) bytes", "at most 255 for each of \(stored) stored")
      }
      (section.offset, section.storedBytes, section.rawBytes) = (next, Int(stored), Int(raw))
      next += Int(stored)
      sections.append(section)
    }
    guard next == tableOffset else { throw file.damage(at: next, "\(tableOffset - next) bytes of no section", "none") }
    return sections
  }
}
