import Glibc

@testable import TSEngine

/// A directory of a test's own, removed with all that is in it.
final class TemporaryDirectory {
  let path: String

  /// - Parameter inMemory: for who writes thousands of files.
  init(inMemory: Bool = false) {
    let hasMemory = unsafe access("/dev/shm", W_OK) == 0
    let root = inMemory && hasMemory ? "/dev/shm" : "/tmp"
    var template = Array("\(root)/ballconed-test-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { fatalError("cannot make a directory: errno \(errno)") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
  deinit { Self.remove(path) }

  private static func remove(_ path: String) {
    unsafe chmod(path, 0o700)
    for name in (try? FileSystem.list(path)) ?? [] {
      let inner = path + "/" + name
      if unsafe unlink(inner) != 0 { remove(inner) }
    }
    unsafe rmdir(path)
  }

  var names: [String] { ((try? FileSystem.list(path)) ?? []).sorted() }

  static func contents(_ path: String) -> [UInt8]? {
    guard let file = unsafe fopen(path, "r") else { return nil }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = [], block = [UInt8](repeating: 0, count: 65_536)
    while case let count = unsafe fread(&block, 1, block.count, file), count > 0 { bytes += block.prefix(count) }
    return bytes
  }
  static func write(_ bytes: [UInt8], to path: String) {
    guard let file = unsafe fopen(path, "w") else { fatalError("cannot write \(path)") }
    defer { unsafe fclose(file) }
    precondition(unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count)
  }
}
