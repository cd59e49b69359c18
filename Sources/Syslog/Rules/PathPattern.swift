/// A pattern of paths: `*` stands for any bytes but `/`, and for at least one where it is a whole segment; `/**` at the end
/// for any rest.
///
/// ```
/// /users/*         /users/7          not /users/, /users/7/edit
/// /img-*.png       /img-.png /img-7.png
/// /admin/**        /admin/ /admin/a/b   not /admin
/// ```
package struct PathPattern: Hashable, Sendable {
  private let bytes: [UInt8]
  private let takesRest: Bool

  /// nil unless it begins with `/` or `*`, and `**` stands at its end only.
  package init?(_ text: some StringProtocol) {
    var bytes = Array(text.utf8)
    takesRest = bytes.suffix(3).elementsEqual("/**".utf8)
    if takesRest { bytes.removeLast(2) }
    guard let first = bytes.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "*"), bytes.count <= 1_024 else {
      return nil
    }
    for i in bytes.indices.dropFirst() where bytes[i] == UInt8(ascii: "*") && bytes[i - 1] == bytes[i] { return nil }
    self.bytes = bytes
  }

  /// At most pattern times segment steps: a star never reaches past its segment.
  func matches(_ path: Span<UInt8>) -> Bool {
    let pattern = bytes.span
    var at = 0, i = 0, star = -1, mark = 0
    while i < path.count {
      if at == pattern.count, takesRest { return true }
      if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
        if Self.isSegment(pattern, at) {
          if path[i] == UInt8(ascii: "/") { return false }
          i &+= 1
        }
        (star, mark) = (at, i)
        at &+= 1
      } else if at < pattern.count, pattern[at] == path[i] {
        (at, i) = (at &+ 1, i &+ 1)
      } else if star >= 0, path[mark] != UInt8(ascii: "/") {
        mark &+= 1
        (i, at) = (mark, star &+ 1)
      } else {
        return false
      }
    }
    if at < pattern.count, pattern[at] == UInt8(ascii: "*"), !Self.isSegment(pattern, at) { at &+= 1 }
    return at == pattern.count
  }

  /// Whether the star at `index` is all that stands between two slashes.
  private static func isSegment(_ pattern: Span<UInt8>, _ index: Int) -> Bool {
    index > 0 && pattern[index &- 1] == UInt8(ascii: "/")
      && (index &+ 1 == pattern.count || pattern[index &+ 1] == UInt8(ascii: "/"))
  }
}
