internal import Synchronization

/// Who may read: lines `name:password`; empty lines and lines beginning with `#` do not count.
package struct PasswordFile: Sendable {
  private let entries: [[UInt8]]  // `name:password` as HTTP Basic sends it

  /// - Returns: nil when not a single line has the form.
  package init?(contents: String) {
    entries = contents.split(whereSeparator: \.isNewline).map { $0.trimmed }
      .filter { !$0.hasPrefix("#") && $0.contains(":") }.map { Array($0.utf8) }
    if entries.isEmpty { return nil }
  }

  /// RFC 7617. Takes as long for a wrong password as for a right one of the same length.
  func admits(_ authorization: String?) -> Bool {
    guard let authorization else { return false }
    let parts = authorization.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].equalsIgnoringCase("basic"), let given = Base64.decode(parts[1].trimmed) else {
      return false
    }
    var admitted = false
    for entry in entries where Self.equal(entry, given) { admitted = true }
    return admitted
  }

  private static func equal(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    guard one.count == other.count else { return false }
    return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

/// Ten wrong passwords a second, whoever sends them: guessing takes years, and being locked out a second.
final class GuessLimit: Sendable {
  static let perSecond = 10
  private let state = Mutex((second: 0, failures: 0))

  var areLeft: Bool { state.withLock { $0.second != monotonicSeconds() || $0.failures < Self.perSecond } }
  func failed() {
    let now = monotonicSeconds()
    state.withLock { $0 = $0.second == now ? (now, $0.failures + 1) : (now, 1) }
  }
}

/// RFC 4648 4, decoding only.
enum Base64 {
  static func decode(_ text: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0, padding = 0
    for byte in text.utf8 {
      let value: UInt8
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - UInt8(ascii: "A")
      case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - UInt8(ascii: "a") + 26
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0") + 52
      case UInt8(ascii: "+"): value = 62
      case UInt8(ascii: "/"): value = 63
      case UInt8(ascii: "="):
        padding += 1
        continue
      default: return nil
      }
      guard padding == 0 else { return nil }
      (bits, count) = (bits << 6 | UInt32(value), count + 1)
      if count % 4 != 1 { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32((6 * count) % 8))) }
    }
    return count % 4 == 1 || padding > 2 ? nil : bytes
  }
}
