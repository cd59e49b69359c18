internal import Glibc

extension LogImport {
  /// Reads the log at `path`, or standard input for `-`, to its end.
  package mutating func read(path: String) {
    if path == "-" { return read(STDIN_FILENO, named: "standard input") }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      return fail("cannot open \(path): got \(unsafe String(cString: strerror(errno))), want a readable file")
    }
    defer { close(descriptor) }
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)  // twice the read-ahead
    read(descriptor, named: path)
  }

  /// Reads `descriptor` to its end.
  mutating func read(_ descriptor: CInt, named name: String) {
    let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: ImportLedger.pieceBytes)
    defer { unsafe buffer.deallocate() }
    while !hasFailed {
      let count = unsafe readOnce(descriptor, through: buffer)
      if count < 0, errno == EINTR { continue }
      if count < 0 { fail("cannot read \(name): got \(unsafe String(cString: strerror(errno))), want a readable file") }
      if count <= 0 { return }
    }
  }
}
