internal import Glibc

/// Small files beside the snapshot, whole in memory.
extension FileSystem {
  /// The bytes of `path`; nil when it is not there.
  /// - Throws: also when it is longer than `limit`.
  package static func contents(of path: String, limit: Int) throws(FileError) -> [UInt8]? {
    guard let file = try openIfThere(path) else { return nil }
    let count = try size(file, path)
    guard count <= limit else { throw FileError(call: .read, path: path, code: EFBIG) }
    var bytes = [UInt8](repeating: 0, count: count)
    var got: Result<Int, FileError> = .success(0)
    unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      do throws(FileError) {
        got = .success(try unsafe read(file, path, base, count: count, at: 0))
      } catch { got = .failure(error) }
    }
    bytes.removeLast(count - (try got.get()))
    return bytes
  }

  private static func openIfThere(_ path: String) throws(FileError) -> Descriptor? {
    do throws(FileError) {
      return try open(path, O_RDONLY)
    } catch {
      guard error.code == ENOENT else { throw error }
      return nil
    }
  }

  /// Makes `bytes` all there is in `path`, whole or not at all (`AtomicFile`).
  package static func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
    var file = try AtomicFile(path)
    var failure: FileError?
    unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      do throws(FileError) { try unsafe file.append(base, count: buffer.count) } catch { failure = error }
    }
    if let failure { throw failure }
    try file.commit()
  }
}
