internal import TSEngine

/// A line of the common or combined log format, with or without the virtual host before it:
///
/// ```
/// [host[:port] ]address ident user [24/Nov/2026:03:59:02 +0000] "GET / HTTP/1.1" 200 6 ["referrer" ["agent" ["forwarded"]]]
/// ```
/// Quoted fields may hold `\"` and `\xHH`. A third one is `X-Forwarded-For`, as in nginx's format `main`; it is looked at only
/// where the address is a trusted proxy's.
enum CombinedRecord {
  /// Host, address and user are shorter together.
  private static let longestPrefix = 4_096

  /// Reads the line from `start` on. `isCommon`: the format ends after the bytes, whatever follows.
  static func parse(
    _ message: Span<UInt8>, from start: Int, isCommon: Bool = false, into record: inout AccessRecord
  ) throws(Rejection) {
    var i = try prefix(message, from: start, into: &record)
    let close =
      i &+ 26 < message.count && message[i &+ 26] == UInt8(ascii: "]")
      ? i &+ 26 : message.index(of: UInt8(ascii: "]"), from: i)
    record.note(.time, rank: 0, i..<close, isEscaped: false, in: message)
    i = message.skipSpaces(from: close &+ 1)
    guard i < message.count, message[i] == UInt8(ascii: "\"") else { throw Rejection(.format, "request", at: i) }
    i = try quoted(.request, message, from: i, into: &record)

    i = message.skipSpaces(from: i)
    var end = message.index(of: UInt8(ascii: " "), from: i)
    guard i < message.count, isNumber(message.extracting(i..<end)) else { throw Rejection(.format, "status", at: i) }
    record.note(.status, rank: 0, i..<end, isEscaped: false, in: message)
    i = message.skipSpaces(from: end)
    end = message.index(of: UInt8(ascii: " "), from: i)
    guard i < message.count, isNumber(message.extracting(i..<end)) else { throw Rejection(.format, "bytes", at: i) }
    record.note(.length, rank: 0, i..<end, isEscaped: false, in: message)
    if isCommon { return }

    i = message.skipSpaces(from: end)
    guard i < message.count, message[i] == UInt8(ascii: "\"") else { return }  // the common format
    i = message.skipSpaces(from: try quoted(.referrer, message, from: i, into: &record))
    guard i < message.count, message[i] == UInt8(ascii: "\"") else { return }
    i = try quoted(.agent, message, from: i, into: &record)
    guard i &+ 1 < message.count, message[i &+ 1] == UInt8(ascii: "\"") else { return }
    // What else it may be need not be whole.
    _ = try? quoted(.forwarded, message, from: i &+ 1, into: &record)
  }

  /// Address and, when there is one, virtual host. Returns the index past the time's bracket.
  @inline(__always)
  private static func prefix(
    _ message: Span<UInt8>, from start: Int, into record: inout AccessRecord
  ) throws(Rejection) -> Int {
    let first = message.index(of: UInt8(ascii: " "), from: start)
    if message.word(at: first) & 0xffff_ffff_ffff == 0x5b20_2d20_2d20, isDate(message, at: first &+ 6) {  // " - - ["
      record.note(.address, rank: 0, start..<first, isEscaped: false, in: message)
      return first &+ 6
    }
    return try longPrefix(message, start, firstEnd: first, into: &record)
  }

  /// The same with a user's name, which may hold anything, or a virtual host.
  @inline(never)
  private static func longPrefix(
    _ message: Span<UInt8>, _ start: Int, firstEnd: Int, into record: inout AccessRecord
  ) throws(Rejection) -> Int {
    let secondStart = message.skipSpaces(from: firstEnd)
    let secondEnd = message.index(of: UInt8(ascii: " "), from: secondStart)
    let second = message.extracting(secondStart..<secondEnd)
    var bracket = message.index(of: UInt8(ascii: "["), from: firstEnd)
    let last = min(message.count, start &+ longestPrefix)
    while bracket < last, !isDate(message, at: bracket &+ 1) {
      bracket = message.index(of: UInt8(ascii: "["), from: bracket &+ 1)
    }
    guard bracket < last, firstEnd > start else { throw Rejection(.format, "log line", at: start) }
    if looksLikeAddress(second), secondEnd < bracket {
      record.note(.host, rank: 0, start..<firstEnd, isEscaped: false, in: message)
      record.note(.address, rank: 0, secondStart..<secondEnd, isEscaped: false, in: message)
    } else {
      record.note(.address, rank: 0, start..<firstEnd, isEscaped: false, in: message)
    }
    return bracket &+ 1
  }

  /// The quoted field whose opening quote is at `start`. Returns the index past the closing one.
  @inline(__always)
  private static func quoted(
    _ field: Field, _ message: Span<UInt8>, from start: Int, into record: inout AccessRecord
  ) throws(Rejection) -> Int {
    let (i, isEscaped) = message.stringEnd(from: start &+ 1)
    guard i < message.count else { throw Rejection(.truncated, "quoted field", at: message.count) }
    record.note(field, rank: 0, start &+ 1..<i, isEscaped: isEscaped, in: message)
    return i &+ 1
  }

  /// Whether `dd/` stands there: the beginning of a time, rather than a bracket in a user's name.
  @inline(__always)
  private static func isDate(_ message: Span<UInt8>, at index: Int) -> Bool {
    let word = message.word(at: index)
    return word & 0xf0f0 == 0x3030 && word &>> 16 & 0xff == UInt64(UInt8(ascii: "/"))
  }

  @inline(__always)
  private static func isNumber(_ text: Span<UInt8>) -> Bool {
    guard text.count > 0 else { return false }
    return text[0].isDigit || text.equals("-")
  }

  /// Digits of either family with at least one separator; whether it is an address is decided later.
  private static func looksLikeAddress(_ text: Span<UInt8>) -> Bool {
    guard text.count >= 2, text.count <= 64 else { return false }
    var separators = 0
    for i in text.indices {
      let byte = text[i]
      if byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":") {
        separators += 1
      } else if byte.hexValue == nil, byte != UInt8(ascii: "%") {
        return false
      }
    }
    return separators >= 2
  }
}
