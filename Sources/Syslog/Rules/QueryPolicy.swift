/// What of a request's query belongs to its page: nothing, everything, or some parameters.
package enum QueryPolicy: Hashable, Sendable {
  case drop, keep
  case only([[UInt8]])  // names, as they stand in the request

  /// `drop`, `keep`, or names separated by commas; nil for none at all.
  package init?(_ text: String) {
    switch text {
    case "drop": self = .drop
    case "keep": self = .keep
    default:
      let names = text.split(separator: ",").map { Array($0.utf8) }
      guard !names.isEmpty, names.count <= 64 else { return nil }
      self = .only(names)
    }
  }

  /// Appends `?` and what is kept of `query`, decoded once, behind the first `count` bytes of `room`. Returns how many bytes
  /// stand there then. A parameter that does not fit is cut.
  func append(_ query: Span<UInt8>, to room: inout MutableSpan<UInt8>, after count: Int) -> Int {
    switch self {
    case .drop: return count
    case .keep: return Self.append(query, UInt8(ascii: "?"), to: &room, after: count)
    case .only(let names):
      var written = count, start = 0
      // No more of a hostile query than of the campaign's parameters.
      let end = min(query.count, CampaignTags.queryBytes)
      while start < end {
        let next = min(query.index(of: UInt8(ascii: "&"), from: start), end)
        let parameter = query.extracting(start..<next)
        let name = parameter.extracting(0..<parameter.index(of: UInt8(ascii: "=")))
        if Self.isOne(name, of: names) {
          let separator = UInt8(ascii: written == count ? "?" : "&")
          written = Self.append(parameter, separator, to: &room, after: written)
        }
        start = next + 1
      }
      return written
    }
  }

  private static func isOne(_ name: Span<UInt8>, of names: [[UInt8]]) -> Bool {
    for each in names where Bytes.equal(name, each) { return true }
    return false
  }

  private static func append(
    _ text: Span<UInt8>, _ separator: UInt8, to room: inout MutableSpan<UInt8>, after count: Int
  ) -> Int {
    guard text.count > 0, count < room.count else { return count }
    room[count] = separator
    var rest = room._mutatingExtracting(count + 1..<room.count)
    return count + 1 + Percent.decode(text, into: &rest)
  }
}

enum Bytes {
  static func equal(_ text: Span<UInt8>, _ other: [UInt8]) -> Bool {
    guard text.count == other.count else { return false }
    for i in text.indices where text[i] != other[i] { return false }
    return true
  }

  /// Whether `needle`, lower case, stands somewhere in `text`, whose ASCII case does not matter.
  static func contains(_ text: Span<UInt8>, _ needle: [UInt8]) -> Bool {
    guard needle.count > 0, needle.count <= text.count else { return needle.count == 0 }
    for start in 0...text.count - needle.count {
      var i = 0
      while i < needle.count, text[start &+ i].lowercasedASCII == needle[i] { i &+= 1 }
      if i == needle.count { return true }
    }
    return false
  }
}
