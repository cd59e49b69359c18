internal import Glibc

/// A file that is there whole or not at all, whatever happens while it is written.
///
/// ```
///  NAME.tmp   create, write …, fsync, close        any failure: removed, and the error thrown
///  NAME       rename over it, fsync of the directory
/// ```
/// After a failed `fsync` the kernel forgets what it could not write and the next `fsync` lies (Rebello et al., ATC 2020), so
/// the temporary file is thrown away and never synced again: whoever wants the file writes it anew from memory.
///
/// One owner; blocking calls, so never under a lock of the engine.
struct AtomicFile: ~Copyable {
  let path: String
  private let temporary: String
  private var file: Descriptor?
  private(set) var count = 0  // bytes written

  /// Opens NAME.tmp anew with mode 0600; what an earlier process left there is removed.
  init(_ path: String) throws(FileError) {
    (self.path, temporary) = (path, path + Self.suffix)
    do throws(FileError) {
      file = try FileSystem.open(temporary, O_WRONLY | O_CREAT | O_EXCL)
    } catch {
      guard error.code == EEXIST else { throw error }
      try FileSystem.remove(temporary)
      file = try FileSystem.open(temporary, O_WRONLY | O_CREAT | O_EXCL)
    }
  }
  static let suffix = ".tmp"

  deinit { if file != nil { try? FileSystem.remove(temporary) } }

  @unsafe mutating func append(_ bytes: UnsafePointer<UInt8>, count added: Int) throws(FileError) {
    try unsafe FileSystem.write(file!, temporary, bytes, count: added)
    count += added
  }

  /// Writes over bytes that are there already: a header that knows its file only at the end.
  @unsafe mutating func overwrite(_ bytes: UnsafePointer<UInt8>, count: Int, at offset: Int) throws(FileError) {
    precondition(offset >= 0 && offset + count <= self.count)
    try unsafe FileSystem.write(file!, temporary, bytes, count: count, at: offset)
  }

  /// Brings what is written to the disk. After an error the file must not be committed.
  mutating func sync() throws(FileError) { try FileSystem.fsync(file!, temporary) }

  /// Makes the file durable under its name. When this throws, the name still has what it had before, or, if only the
  /// directory could not be synced, the new file without a promise that its name survives a power cut.
  mutating func commit() throws(FileError) {
    do throws(FileError) {
      try FileSystem.fsync(file!, temporary)
      let open = file.take()!
      try open.close(temporary)
      try FileSystem.rename(temporary, to: path)
    } catch {
      file = nil
      try? FileSystem.remove(temporary)
      throw error
    }
    try FileSystem.fsyncDirectory(FileSystem.parent(of: path))
  }
}
