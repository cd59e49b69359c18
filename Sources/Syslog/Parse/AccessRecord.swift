package import TSEngine

/// What a log line can say of a request; DESIGN.md, "Events accepted".
package enum Field: Int, CaseIterable, Sendable {
  case service, address, host, target, query, request, method, httpProtocol, status, length, duration, upstream
  case referrer, agent, time, forwarded
}

extension Field {
  /// How much of an escaped value is looked at; nothing reads further, and undoing a flood of escapes would take its time.
  fileprivate var bytesRead: Int {
    switch self {
    case .target, .request, .query: 12_288
    default: 2_048
    }
  }
}

/// Bytes of the message that hold a field's value, without quotes.
package struct FieldRange: Equatable, Sendable {
  var offset: UInt32 = 0, count: UInt32 = 0
  /// Which of the field's keys brought it: 0 is the first of the table, and wins over the others.
  var rank = FieldRange.absent
  /// The bytes hold backslash escapes.
  var isEscaped = false

  static let absent = UInt8.max
  package var isPresent: Bool { rank != Self.absent }
  package var range: Range<Int> { Int(offset)..<Int(offset) &+ Int(count) }  // 32 bits each
}

/// One message taken apart: ranges of its bytes, no strings. Plain, reused, and empty until a parser fills it.
package struct AccessRecord: Sendable {
  private var ranges = InlineArray<16, FieldRange>(repeating: FieldRange())
  private var present: UInt16 = 0  // a bit a field; what else stands in `ranges` is of an earlier message
  /// Some range holds escapes; undo them before reading any (`Escapes.undo`).
  var hasEscapes = false
  /// The log says what the agent was, even if it is empty; without this an agent is unknown rather than a bot.
  var agentIsLogged = false

  package init() {}

  package internal(set) subscript(field: Field) -> FieldRange {
    @inline(__always) get { present &>> UInt16(field.rawValue) & 1 == 1 ? ranges[field.rawValue] : FieldRange() }
    @inline(__always) set {
      ranges[field.rawValue] = newValue
      present |= 1 &<< UInt16(field.rawValue)
    }
  }

  package mutating func removeAll() {
    (present, hasEscapes, agentIsLogged) = (0, false, false)
  }

  /// Rewrites every escaped field inside `message`, a copy of the bytes the ranges were found in.
  mutating func undoEscapes(in message: inout MutableSpan<UInt8>) {
    for i in ranges.indices where present &>> UInt16(i) & 1 == 1 && ranges[i].isEscaped {
      let range = ranges[i].range
      // A list of proxies is believed from its end, so it is not cut; and none of theirs holds an escape.
      let limit = i == Field.forwarded.rawValue ? 0 : Field(rawValue: i)?.bytesRead ?? 0
      let read = range.lowerBound..<range.lowerBound + min(range.count, limit)
      ranges[i].count = UInt32(truncatingIfNeeded: Escapes.undo(&message, read))
      ranges[i].isEscaped = false
    }
    hasEscapes = false
  }

  /// Notes a value unless a key of higher rank, or the same one before, has brought one. `""` and `"-"` are no values.
  @inline(__always)
  mutating func note(_ field: Field, rank: UInt8, _ range: Range<Int>, isEscaped: Bool, in message: Span<UInt8>) {
    if field == .agent { agentIsLogged = true }
    guard rank < self[field].rank, !range.isEmpty else { return }
    if range.count == 1, message[range.lowerBound] == UInt8(ascii: "-") { return }
    self[field] = FieldRange(
      offset: UInt32(truncatingIfNeeded: range.lowerBound), count: UInt32(truncatingIfNeeded: range.count),
      rank: rank, isEscaped: isEscaped)
    if isEscaped { hasEscapes = true }
  }
}

/// Why a message is refused, and where: a name of the place, and the byte when one can be told.
package struct Rejection: Error, Equatable, Sendable {
  package let reason: RejectReason
  let place: StaticString
  var offset = -1

  init(_ reason: RejectReason, _ place: StaticString, at offset: Int = -1) {
    (self.reason, self.place, self.offset) = (reason, place, offset)
  }

  package static func == (one: Self, other: Self) -> Bool {
    one.reason == other.reason && one.offset == other.offset && one.description == other.description
  }
  package var description: String { offset < 0 ? "\(place)" : "\(place), byte \(offset)" }
}
