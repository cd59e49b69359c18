internal import Dashboard
internal import TSEngine

/// What an import reads of a line of `ExportText`: the texts at its top, without making a tree of the rest.
struct ExportLine {
  private var texts: [(key: String, value: ArraySlice<UInt8>)] = []  // between the quotation marks, as they stand

  /// nil when the line is no JSON object.
  init?(_ line: [UInt8]) {
    var at = line.startIndex, key: ArraySlice<UInt8>?, depth = 0
    guard line.first == UInt8(ascii: "{") else { return nil }
    while at < line.endIndex {
      switch line[at] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: "\""):
        guard let end = Self.end(line, at + 1) else { return nil }
        let text = line[at + 1..<end]
        at = end
        if depth == 1, end + 1 < line.endIndex, line[end + 1] == UInt8(ascii: ":") {
          key = text
          at += 1  // the colon
        } else if depth == 1, let name = key {
          texts.append((String(decoding: name, as: UTF8.self), text))
          key = nil
        }
      default: break
      }
      at += 1
      if depth == 0 { break }
    }
    guard depth == 0, at == line.endIndex else { return nil }
  }

  /// Where the string that begins at `start` has its closing mark.
  private static func end(_ line: [UInt8], _ start: Int) -> Int? {
    var at = start
    while at < line.endIndex {
      if line[at] == UInt8(ascii: "\"") { return at }
      at += line[at] == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }

  func text(_ key: String) -> String? {
    texts.first { $0.key == key }.map { String(decoding: $0.value, as: UTF8.self) }
  }
  var data: [UInt8]? { texts.first { $0.key == "data" }.flatMap { Base64.decode($0.value) } }
}

/// The first line.
struct ExportHeader {
  let keyID: UInt64, services: [String]

  /// - Throws: when it is no export, or one of a format that is not known here.
  init(_ line: [UInt8], of file: String) throws(Failure) {
    guard let json = JSONValue(line), let version = json["ballcone_export"]?.double else {
      throw Failure("cannot import \(file): got another kind of file, want what ballconed export wrote")
    }
    guard version == 1, json["snapshot_version"]?.double == Double(SnapshotFormat.version) else {
      throw Failure(
        "cannot import \(file): got an export of version \(version), snapshots of \(json["snapshot_version"]?.text ?? "?"), "
          + "want 1 and \(SnapshotFormat.version): a newer ballconed reads it")
    }
    guard let keyID = json["visitor_key"]?.text.flatMap({ UInt64($0, radix: 16) }), let names = json["services"]?.array,
      names.count <= Limits.services + 1
    else {
      throw Failure("cannot import \(file) line 1: got no visitor_key or services")
    }
    self.keyID = keyID
    services = names.compactMap(\.text)
  }
}
