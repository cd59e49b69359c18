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

  /// All of standard input, of at most `limit` bytes.
  static func readInput(limit: Int) throws(Failure) -> [UInt8] {
    var all: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe Glibc.read(STDIN_FILENO, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure("cannot read standard input: \(Log.reason())") }
      if count == 0 { return all }
      all += piece[..<count]
      guard all.count <= limit else {
        throw Failure("cannot read standard input: got more than \(Unit.size(limit)), want a few lines")
      }
    }
  }
}
