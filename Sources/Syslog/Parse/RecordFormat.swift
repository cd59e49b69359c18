internal import TSEngine

/// The shape of a message. A server sends one shape, but several servers may send to one socket, so it is recognised
/// for each message anew.
package enum RecordFormat: String, CaseIterable, Sendable {
  case auto, combined, common, json, caddy

  /// Takes `message` (without any syslog header) apart.
  @inline(__always)
  package func parse(_ message: Span<UInt8>, into record: inout AccessRecord) throws(Rejection) {
    let start = message.skipSpaces(from: 0)
    guard start < message.count else { throw Rejection(.format, "empty line") }
    let isObject = message[start] == UInt8(ascii: "{")
    switch self {
    case .auto:
      if isObject { return try JSONRecord.parse(message, from: start, into: &record) }
      try CombinedRecord.parse(message, from: start, into: &record)
    case .json, .caddy:
      guard isObject else { throw Rejection(.format, "JSON object", at: start) }
      try JSONRecord.parse(message, from: start, into: &record)
    case .combined: try CombinedRecord.parse(message, from: start, into: &record)
    case .common: try CombinedRecord.parse(message, from: start, isCommon: true, into: &record)
    }
  }
}
