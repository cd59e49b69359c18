import Glibc
import TSEngine

@testable import Syslog

/// The files beside the tests.
enum Fixture {
  static func path(_ name: String) -> String {
    "\(#filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined())/Fixtures/\(name)"
  }

  static func bytes(_ name: String) -> [UInt8] { read(path(name)) }

  static func read(_ path: String) -> [UInt8] {
    guard let file = unsafe fopen(path, "r") else { fatalError("no fixture \(path)") }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe fread(&piece, 1, piece.count, file)
      if count == 0 { return bytes }
      bytes += piece[..<count]
    }
  }

  /// Each behind its length as a little-endian 32-bit number.
  static func datagrams(_ name: String) -> [[UInt8]] {
    let bytes = bytes(name)
    var datagrams: [[UInt8]] = [], i = 0
    while i + 4 <= bytes.count {
      let length = (0..<4).reduce(0) { $0 | Int(bytes[i + $1]) << ($1 * 8) }
      datagrams.append(Array(bytes[i + 4..<i + 4 + length]))
      i += 4 + length
    }
    return datagrams
  }

  static func lines(_ name: String) -> [[UInt8]] {
    bytes(name).split(separator: UInt8(ascii: "\n")).map(Array.init)
  }
}

func utf8(_ text: String) -> [UInt8] { Array(text.utf8) }
func string(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }
func string(_ bytes: Span<UInt8>) -> String {
  var array: [UInt8] = []
  for i in bytes.indices { array.append(bytes[i]) }
  return string(array)
}

/// The fields of `message` as text, escapes undone.
func fields(_ message: [UInt8], _ format: RecordFormat = .auto) throws(Rejection) -> [Field: String] {
  var record = AccessRecord()
  try format.parse(message.span, into: &record)
  var copy = message
  var text = copy.mutableSpan
  record.undoEscapes(in: &text)
  var fields: [Field: String] = [:]
  for field in Field.allCases where record[field].isPresent { fields[field] = string(copy[record[field].range]) }
  return fields
}
func fields(_ message: String, _ format: RecordFormat = .auto) throws(Rejection) -> [Field: String] {
  try fields(utf8(message), format)
}

/// Why `message` is refused by its shape alone; nil when it is not.
func refusal(_ message: String, format: RecordFormat = .auto) -> RejectReason? {
  let bytes = utf8(message)
  var record = AccessRecord()
  do throws(Rejection) {
    let header = try SyslogHeader.parse(bytes.span)
    try format.parse(bytes.span.extracting(header.payload), into: &record)
    return nil
  } catch {
    return error.reason
  }
}
