/// Many paths that are one page: `/users/* → /users/:id`.
package struct PathRule: Hashable, Sendable {
  let pattern: PathPattern
  let replacement: [UInt8]

  /// nil unless it reads `PATTERN → PATH` or `PATTERN -> PATH`, the path without a star and of at most 255 bytes.
  package init?(_ text: String) {
    for arrow in ["→", "->"] {
      let parts = text.split(separator: arrow, maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      let (left, right) = (Self.trimmed(parts[0]), Self.trimmed(parts[1]))
      guard let pattern = PathPattern(left), right.hasPrefix("/"), right.utf8.count <= 255, !right.contains("*") else {
        return nil
      }
      (self.pattern, replacement) = (pattern, Array(right.utf8))
      return
    }
    return nil
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
  }
}

/// Segments that only name one of many things: numbers become `:id`, UUIDs `:uuid`.
enum IdentifierFold {
  /// Writes `path` with its segments folded into `room`, cut at its end. Returns how many bytes it wrote.
  static func copy(_ path: Span<UInt8>, into room: inout MutableSpan<UInt8>) -> Int {
    var written = 0, start = 0
    while start <= path.count {
      let end = path.index(of: UInt8(ascii: "/"), from: start)
      let segment = path.extracting(start..<end)
      if isNumber(segment) {
        append(":id", to: &room, at: &written)
      } else if isUUID(segment) {
        append(":uuid", to: &room, at: &written)
      } else {
        for i in 0..<min(segment.count, room.count - written) { room[written + i] = segment[i] }
        written = min(room.count, written + segment.count)
      }
      if end < path.count, written < room.count {
        room[written] = UInt8(ascii: "/")
        written += 1
      }
      start = end + 1
    }
    return UTF8Text.wholeCount(room.span.extracting(0..<written))
  }

  private static func append(_ text: StaticString, to room: inout MutableSpan<UInt8>, at written: inout Int) {
    guard room.count - written >= text.utf8CodeUnitCount else { return }
    for i in 0..<text.utf8CodeUnitCount { unsafe room[written + i] = text.utf8Start[i] }
    written += text.utf8CodeUnitCount
  }

  private static func isNumber(_ segment: Span<UInt8>) -> Bool {
    guard segment.count > 0 else { return false }
    for i in segment.indices where !segment[i].isDigit { return false }
    return true
  }

  /// `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, RFC 9562.
  private static func isUUID(_ segment: Span<UInt8>) -> Bool {
    guard segment.count == 36 else { return false }
    for i in segment.indices {
      let isDash = i == 8 || i == 13 || i == 18 || i == 23
      if isDash ? segment[i] != UInt8(ascii: "-") : segment[i].hexValue == nil { return false }
    }
    return true
  }
}
