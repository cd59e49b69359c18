internal import TSEngine

/// A JSON object as web servers write it, in one pass over its bytes: flat, or Caddy's, whose request lies in `request{}`
/// and its `headers{}`.
///
/// More lenient than JSON where servers are: values without quotes may be empty (`"urt":,`) or begin with zeros (`009`),
/// escapes may be `\xHH`, control bytes and broken UTF-8 may stand in strings. What else is nested is skipped by counting
/// brackets: no recursion, so no depth to attack.
enum JSONRecord {
  /// No server writes so many, and so many cost 30 µs.
  static let mostKeys = 1_024

  /// Reads the object that begins at `start`.
  static func parse(_ message: Span<UInt8>, from start: Int, into record: inout AccessRecord) throws(Rejection) {
    var i = start &+ 1  // past "{"
    var depth = Depth.top, keys = 0
    while true {
      keys &+= 1
      guard keys <= mostKeys else { throw Rejection(.format, "JSON with too many keys", at: i) }
      i = skipSeparators(message, from: i)
      if depth == .top { i = try shortFields(message, from: i, &keys, into: &record) }
      guard i < message.count else { throw Rejection(.truncated, "JSON", at: i) }
      if message[i] == UInt8(ascii: "}") {
        guard let outer = depth.outer else { return }
        depth = outer
        i &+= 1
        continue
      }
      guard message[i] == UInt8(ascii: "\"") else { throw Rejection(.format, "JSON key", at: i) }
      let name = try string(message, from: i)
      i = skipSpaces(message, from: name.next)
      guard i < message.count else { throw Rejection(.truncated, "JSON", at: i) }
      guard message[i] == UInt8(ascii: ":") else { throw Rejection(.format, "JSON colon", at: i) }
      i = skipSpaces(message, from: i &+ 1)
      guard i < message.count else { throw Rejection(.truncated, "JSON", at: i) }
      i = try value(message, from: i, named: name.range, depth: &depth, into: &record)
    }
  }

  /// Takes `"k":"value",` and `"ke":"value",` one after the other as our compact form has them, from the opening quote of the
  /// first on. Returns where something else begins.
  @inline(__always)
  private static func shortFields(
    _ message: Span<UInt8>, from start: Int, _ keys: inout Int, into record: inout AccessRecord
  ) throws(Rejection) -> Int {
    var i = start
    while keys <= mostKeys {
      let word = message.word(at: i)
      let known: FieldKeys.Short?, from: Int
      if word & 0xff_ffff_00ff == 0x22_3a22_0022 {  // "k":"
        (known, from) = (FieldKeys.letter(UInt8(truncatingIfNeeded: word &>> 8)), i &+ 5)
      } else if word & 0xffff_ff00_00ff == 0x223a_2200_0022 {  // "ke":"
        (known, from) = (FieldKeys.pair(UInt16(truncatingIfNeeded: word &>> 8)), i &+ 6)
      } else {
        return i
      }
      guard let key = known else { return i }
      let (end, isEscaped) = message.stringEnd(from: from)
      guard end < message.count else { throw Rejection(.truncated, "JSON string", at: message.count) }
      record.note(key.field, rank: key.rank, from..<end, isEscaped: isEscaped, in: message)
      keys &+= 1
      i = end &+ 2  // past "," as nearly always
      if message.word(at: end) & 0xff_ffff != 0x22_2c22 { i = skipSeparators(message, from: end &+ 1) }
    }
    return i
  }

  /// Where in Caddy's object we are.
  private enum Depth {
    case top, request, headers
    var outer: Depth? {
      switch self {
      case .top: nil
      case .request: .top
      case .headers: .request
      }
    }
  }

  /// Notes the value at `start` if its name is known. Returns where it ends.
  @inline(__always)
  private static func value(
    _ message: Span<UInt8>, from start: Int, named name: Range<Int>, depth: inout Depth, into record: inout AccessRecord
  ) throws(Rejection) -> Int {
    switch message[start] {
    case UInt8(ascii: "\""):
      let text = try string(message, from: start)
      if depth != .headers, let key = FieldKeys.find(name, in: message) {
        record.note(key.field, rank: key.rank, text.range, isEscaped: text.isEscaped, in: message)
      }
      return text.next
    case UInt8(ascii: "{"):
      if depth == .top, message.extracting(name).equals("request") {
        depth = .request
        return start &+ 1
      }
      if depth == .request, message.extracting(name).equals("headers") {
        depth = .headers
        return start &+ 1
      }
      return try skipNested(message, from: start)
    case UInt8(ascii: "["):
      let first = skipSpaces(message, from: start &+ 1)
      // A client names its headers itself, so only these may bring anything.
      if depth == .headers, let key = FieldKeys.find(name, in: message),
        key.field == .referrer || key.field == .agent || key.field == .forwarded,
        first < message.count, message[first] == UInt8(ascii: "\"")
      {
        let text = try string(message, from: first)
        record.note(key.field, rank: key.rank, text.range, isEscaped: text.isEscaped, in: message)
      }
      return try skipNested(message, from: start)
    default:
      let end = bareEnd(message, from: start)
      let text = message.extracting(start..<end)
      if depth != .headers, !text.equals("null"), let key = FieldKeys.find(name, in: message) {
        record.note(key.field, rank: key.rank, start..<end, isEscaped: false, in: message)
      }
      return end
    }
  }

  /// The string whose quote is at `start`: its inside, and the index past its closing quote.
  @inline(__always)
  private static func string(
    _ message: Span<UInt8>, from start: Int
  ) throws(Rejection) -> (range: Range<Int>, isEscaped: Bool, next: Int) {
    let (end, isEscaped) = message.stringEnd(from: start &+ 1)
    guard end < message.count else { throw Rejection(.truncated, "JSON string", at: message.count) }
    return (start &+ 1..<end, isEscaped, end &+ 1)
  }

  /// Past the object or array that begins at `start`.
  private static func skipNested(_ message: Span<UInt8>, from start: Int) throws(Rejection) -> Int {
    var i = start, open = 0, tokens = 0
    while i < message.count {
      if isPlain(message.word(at: i)), i &+ 8 <= message.count {
        i &+= 8
        continue
      }
      switch message[i] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): open &+= 1  // no more than bytes of the message
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        open &-= 1
        if open == 0 { return i &+ 1 }
      case UInt8(ascii: "\""):
        i = try string(message, from: i).next &- 1
      default: tokens &-= 1
      }
      i &+= 1
      tokens &+= 1
      guard tokens <= 2 * mostKeys else { throw Rejection(.format, "JSON with too many parts", at: i) }
    }
    throw Rejection(.truncated, "JSON", at: message.count)
  }

  /// Whether none of eight bytes is a quote, bracket or brace; `y`, `Y` and DEL are taken for brackets and looked at one by one.
  @inline(__always)
  private static func isPlain(_ word: UInt64) -> Bool {
    // With bit 5 set and bits 1 and 2 cleared, all four are 0x79.
    let brackets = (word | Word.all(0x20)) & Word.all(0xf9)
    return Word.zeros(brackets ^ Word.all(0x79)) | Word.zeros(word ^ Word.all(UInt8(ascii: "\""))) == 0
  }

  /// The end of a value without quotes: a number, a word, or nothing at all.
  private static func bareEnd(_ message: Span<UInt8>, from start: Int) -> Int {
    var i = start
    while i < message.count {
      let byte = message[i]
      if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") || byte <= 0x20 { break }
      i &+= 1
    }
    return i
  }

  @inline(__always)
  private static func skipSpaces(_ message: Span<UInt8>, from start: Int) -> Int {
    var i = start
    while i < message.count, message[i] <= 0x20 {
      i = message.word(at: i) == Word.all(UInt8(ascii: " ")) ? i &+ 8 : i &+ 1
    }
    return i
  }

  @inline(__always)
  private static func skipSeparators(_ message: Span<UInt8>, from start: Int) -> Int {
    var i = start
    while i < message.count, message[i] <= 0x20 || message[i] == UInt8(ascii: ",") {
      let word = message.word(at: i)
      i = word == Word.all(UInt8(ascii: ",")) || word == Word.all(UInt8(ascii: " ")) ? i &+ 8 : i &+ 1
    }
    return min(i, message.count)
  }
}
