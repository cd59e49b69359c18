internal import Glibc

/// The lines of a file, or of standard input for `-`, one after the other and without their ends.
@safe
final class LineReader {
  private let path: String
  private let descriptor: CInt
  private let limit: Int
  private var bytes: [UInt8] = []
  private var at = 0  // of `bytes`: the next line begins here
  private var isAtEnd = false

  /// - Parameter limit: a longer line is refused.
  init(_ path: String, limit: Int = 1 << 28) throws(Failure) {
    (self.path, self.limit) = (path, limit)
    descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure("cannot read \(path): \(Log.reason())") }
  }
  deinit { if descriptor > STDIN_FILENO { close(descriptor) } }

  /// nil at the end.
  func next() throws(Failure) -> [UInt8]? {
    var looked = at
    while true {
      if let end = bytes[looked...].firstIndex(of: 10) {
        defer { at = end + 1 }
        return Array(bytes[at..<end])
      }
      looked = bytes.count
      if isAtEnd {
        defer { at = bytes.count }
        return at < bytes.count ? Array(bytes[at...]) : nil
      }
      guard bytes.count - at <= limit else { throw Failure("cannot read \(path): got a line of more than \(limit) bytes") }
      looked -= at
      try fill()
    }
  }

  private func fill() throws(Failure) {
    bytes.removeFirst(at)
    at = 0
    var piece = [UInt8](repeating: 0, count: 1 << 18)
    var count: Int
    repeat { count = unsafe read(descriptor, &piece, piece.count) } while count < 0 && errno == EINTR
    guard count >= 0 else { throw Failure("cannot read \(path): \(Log.reason())") }
    if count == 0 { isAtEnd = true }
    bytes += piece[..<count]
  }
}
