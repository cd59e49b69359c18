internal import Glibc

/// Why a country database was refused, as the one line an operator reads.
package struct CountryError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(path: String, got: String, want: String) {
    description = "cannot read country database \(path): got \(got), want \(want)"
  }

  init(path: String, errno code: CInt) {
    let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    description = "cannot read country database \(path): \(reason)"
  }
}
