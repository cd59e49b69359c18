internal import Glibc

/// Files an operator writes by hand.
enum SmallFile {
  static let limit = 64 << 10

  static func read(_ path: String) throws(Failure) -> String {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure("cannot read \(path): \(Log.reason())") }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: limit + 1)
    let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw Failure("cannot read \(path): \(Log.reason())") }
    guard count <= limit else { throw Failure("cannot read \(path): got more than \(Unit.size(limit)), want a few lines") }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
