/// What a client asked for, as the log has it: `/path?query`, or in absolute form `http://host/path?query`.
enum RequestTarget {
  static let pathLimit = 1_024

  /// Writes the path of `target` into `room`: without query, decoded once, valid UTF-8, cut at the room's end.
  /// Returns how many bytes it wrote and where the query lies in `target` (empty when there is none).
  @inline(__always)
  static func copyPath(_ target: Span<UInt8>, into room: inout MutableSpan<UInt8>) -> (count: Int, query: Range<Int>) {
    guard target.count > 0 else { return (0, 0..<0) }
    let start = target[0] == UInt8(ascii: "/") ? 0 : pathStart(target)
    var i = start, isPlain = true, end = target.count
    while i < target.count {
      let word = target.word(at: i)
      let question = Word.zeros(word ^ Word.all(UInt8(ascii: "?")))
      let odd = Word.zeros(word ^ Word.all(UInt8(ascii: "%"))) | word & Word.highs
      if question != 0 {
        end = i &+ Word.first(question)
        // Only what stands before the question mark decides; bits of a word from its lowest mark down.
        if odd & (question & (0 &- question) &- 1) != 0 { isPlain = false }
        break
      }
      if odd != 0 { isPlain = false }
      i &+= 8
    }
    let path = target.extracting(start..<end)
    let query = end < target.count ? end &+ 1..<target.count : 0..<0
    if path.count == 0, start > 0 || end == 0 {  // `http://host?x`, `?x`
      room[0] = UInt8(ascii: "/")
      return (1, query)
    }
    if isPlain {
      let count = min(path.count, room.count)
      for i in 0..<count { room[i] = path[i] }
      return (count, query)
    }
    return (Percent.decode(path, into: &room), query)
  }

  /// Past `scheme://authority`; 0 when `target` is not in absolute form (`*`, `host:443`, `index.html`).
  @inline(never)
  private static func pathStart(_ target: Span<UInt8>) -> Int {
    var i = 0
    while i < target.count, i < 16, target[i].lowercasedASCII &- UInt8(ascii: "a") < 26 { i &+= 1 }
    guard i > 0, target.starts(with: "://", at: i) else { return 0 }
    i = target.index(of: UInt8(ascii: "/"), or: UInt8(ascii: "?"), from: i &+ 3)
    return i
  }
}
