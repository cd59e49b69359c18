package import TSEngine

/// The ledger as a file: a heading, then a line for each log, its numbers in hexadecimal:
/// ```
/// ballconed-imports 1
/// service|- length end piece,piece,…|-
/// ```
extension ImportLedger {
  package static let fileName = "imports"
  private static let heading = "ballconed-imports 1"
  private static let fileLimit = 64 << 20

  /// Reads `path`; an empty ledger when it is not there, nil when it is no ledger of ours.
  package static func load(path: String) throws(FileError) -> ImportLedger? {
    guard let bytes = try FileSystem.contents(of: path, limit: fileLimit) else { return ImportLedger() }
    var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)[...]
    guard lines.popFirst() == heading[...] else { return nil }
    return ImportLedger(lines: lines.filter { !$0.isEmpty })
  }

  /// A ledger of the file's lines; nil when one is none of ours.
  package convenience init?(lines: [some StringProtocol]) {
    var entries: [Entry] = []
    for line in lines {
      guard let entry = Self.parse(Substring(line)) else { return nil }
      entries.append(entry)
    }
    self.init(entries)
  }

  /// The lines of the file, of all logs or of those that were counted for one service.
  package func lines(of service: String? = nil) -> [String] {
    all.filter { service == nil || $0.service == service }.map { entry in
      let pieces = entry.pieces.map { String($0, radix: 16) }.joined(separator: ",")
      return "\(entry.service.isEmpty ? "-" : entry.service) \(String(entry.length, radix: 16))"
        + " \(String(entry.end, radix: 16)) \(pieces.isEmpty ? "-" : pieces)"
    }
  }

  /// Writes `path` anew; when this throws, the old file is as it was.
  package func save(path: String) throws(FileError) {
    let text = ([Self.heading] + lines()).joined(separator: "\n") + "\n"
    try FileSystem.replace(path, with: Array(text.utf8))
  }

  private static func parse(_ line: Substring) -> Entry? {
    let words = line.split(separator: " ")
    guard words.count == 4, let length = Int(words[1], radix: 16), let end = UInt64(words[2], radix: 16), length > 0 else {
      return nil
    }
    var pieces: [UInt64] = []
    if words[3] != "-" {
      for word in words[3].split(separator: ",") {
        guard let piece = UInt64(word, radix: 16) else { return nil }
        pieces.append(piece)
      }
    }
    guard pieces.count == length / pieceBytes else { return nil }
    return Entry(service: words[0] == "-" ? "" : String(words[0]), length: length, pieces: pieces, end: end)
  }
}
