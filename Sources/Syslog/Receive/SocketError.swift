internal import Glibc

/// A socket could not be had: what was tried, where, and why.
package struct SocketError: Error, CustomStringConvertible, Sendable {
  package let description: String
  package let number: CInt  // errno; 0 when it was not the kernel who refused

  init(cannot call: String, _ place: String, want: String) {
    number = errno
    let reason = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    description = "cannot \(call) \(place): got \(reason), want \(want)"
  }

  init(got: String, cannot call: String, want: String) {
    (number, description) = (0, "cannot \(call): got \(got), want \(want)")
  }
}
