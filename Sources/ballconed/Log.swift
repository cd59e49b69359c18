internal import Glibc

/// Lines for the operator, on stderr. Never a line of somebody's access log: those are data, and hostile.
enum Log {
  static func line(_ text: String) { write(text, to: STDERR_FILENO) }

  /// One whole line in one `write`, so that threads do not mix theirs.
  static func write(_ text: String, to descriptor: CInt) {
    var bytes = Array(text.utf8)
    bytes.append(10)
    var start = 0
    while start < bytes.count {
      let wrote = unsafe bytes.withUnsafeBytes { all in
        unsafe Glibc.write(descriptor, all.baseAddress! + start, all.count - start)
      }
      if wrote > 0 {
        start += wrote
      } else if errno != EINTR {
        return  // nobody reads: there is no better place to say so
      }
    }
  }

  /// A value from outside, fit to stand in a message: control characters escaped, cut after 100 characters.
  static func quoted(_ text: String) -> String {
    var out = "\""
    for (count, scalar) in text.unicodeScalars.enumerated() {
      if count == 100 {
        out += "…"
        break
      }
      switch scalar {
      case "\"", "\\": out += "\\\(scalar)"
      case _ where scalar.value < 32 || (127...159).contains(scalar.value): out += "\\u{\(String(scalar.value, radix: 16))}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  /// Data fit for a terminal: a control character cannot reach it.
  static func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 || (127...159).contains($0.value) ? "\u{FFFD}" : $0 }))
  }

  /// What `errno` says, in the system's words.
  static func reason(_ number: CInt = errno) -> String { unsafe String(cString: strerror(number)) }
}
