internal import TSEngine

/// What stands before the record in a syslog message; ranges of its bytes, empty when absent.
///
/// ```
/// <190>Nov 24 03:59:02 vm nginx: {…}                    RFC 3164, as nginx sends it
/// <190>Nov 24 03:59:02 nginx: {…}                       … with `nohostname`
/// <190>1 2026-11-24T03:59:02+00:00 vm nginx - - - {…}   RFC 5424
/// <190>2026-11-24T03:59:02+00:00 vm nginx[7]: {…}       rsyslog's forwarding format
/// {…}                                                   none, as Caddy sends it
/// ```
/// Priority and time are not kept: the record has a better time. RFC 3164 has no grammar for what follows the time, so the
/// record is where something record-like begins behind a `: `; a host or tag that holds `: ` itself does no harm.
struct SyslogHeader: Equatable, Sendable {
  /// Host and tag are shorter together, whatever they hold; and so is structured data.
  private static let longestTag = 1_024, longestData = 8_192

  var tag = 0..<0, hostname = 0..<0, payload = 0..<0

  /// Never traps; refuses a message that has nothing but a header.
  @inline(__always)
  static func parse(_ message: Span<UInt8>) throws(Rejection) -> SyslogHeader {
    let end = trimmedEnd(message)
    guard end > 0 else { throw Rejection(.empty, "message") }
    var header = SyslogHeader()
    let first = message[0]
    if first == UInt8(ascii: "{") {
      header.payload = 0..<end
      return header
    }
    if first == 0xef, message.word(at: 0) & 0xff_ffff == 0xbf_bbef, end > 3 {  // a byte order mark, as editors leave
      header.payload = 3..<end
      return header
    }
    let text = message.extracting(0..<end)
    let body = first == UInt8(ascii: "<") ? priorityEnd(text) : 0
    let timeEnd = timeEnd(text, from: body)
    if body == 0, timeEnd == 0 {
      header.payload = 0..<end
    } else if body > 0, body < end, text[body] == UInt8(ascii: "1"),
      body &+ 1 == end || text[body &+ 1] == UInt8(ascii: " ")
    {
      try header.parse5424(text, from: min(body &+ 2, end))
    } else {
      try header.parse3164(text, from: max(body, timeEnd), hasTime: timeEnd > 0)
    }
    guard !header.payload.isEmpty else { throw Rejection(.header, "syslog header", at: end) }
    return header
  }

  /// Without line ends and NULs that senders append.
  @inline(__always)
  private static func trimmedEnd(_ message: Span<UInt8>) -> Int {
    var end = message.count
    while end > 0, message[end &- 1] <= 0x20 {
      let before = end >= 8 ? message.word(at: end &- 8) : 0
      end = before == Word.all(UInt8(ascii: " ")) || before == Word.all(0x0a) ? end &- 8 : end &- 1
    }
    return end
  }

  /// Past `<0>` … `<999>`, or 0 when there is none.
  @inline(__always)
  private static func priorityEnd(_ text: Span<UInt8>) -> Int {
    var i = 1
    while i < text.count, i < 4, text[i].isDigit { i &+= 1 }
    return i > 1 && i < text.count && text[i] == UInt8(ascii: ">") ? i &+ 1 : 0
  }

  /// Past `Nov 24 03:59:02 ` or an ISO time and its space, or 0 when there is none.
  @inline(__always)
  private static func timeEnd(_ text: Span<UInt8>, from start: Int) -> Int {
    if text.count &- start >= 15, text[start &+ 3] == UInt8(ascii: " "), text[start &+ 6] == UInt8(ascii: " "),
      text[start &+ 9] == UInt8(ascii: ":"), text[start &+ 12] == UInt8(ascii: ":"),
      TimestampReader.month(text.word(at: start)) != nil
    {
      return min(start &+ 16, text.count)
    }
    if text.count &- start >= 19, text[start &+ 4] == UInt8(ascii: "-"), text[start &+ 10] == UInt8(ascii: "T"),
      text[start].isDigit
    {
      return min(text.index(of: UInt8(ascii: " "), from: start) &+ 1, text.count)
    }
    return 0
  }

  /// `HOST TAG: record`, `TAG: record` or the record alone.
  private mutating func parse3164(_ text: Span<UInt8>, from start: Int, hasTime: Bool) throws(Rejection) {
    let start = text.skipSpaces(from: start)
    guard start < text.count else { throw Rejection(.header, "syslog header", at: start) }
    if text[start] == UInt8(ascii: "{") {
      payload = start..<text.count
      return
    }
    var colon = text.index(of: UInt8(ascii: ":"), from: start), fallback = -1
    let last = min(text.count, start &+ Self.longestTag)
    while colon < last {
      if colon &+ 1 == text.count || text[colon &+ 1] == UInt8(ascii: " ") {
        let record = text.skipSpaces(from: colon &+ 1)
        if Self.isRecord(text, at: record) {
          take(text, start, colon, record)
          return
        }
        if fallback < 0 { fallback = colon }
      }
      colon = text.index(of: UInt8(ascii: ":"), from: colon &+ 1)
    }
    if Self.isRecord(text, at: start) {  // no tag at all
      payload = start..<text.count
    } else if fallback >= 0 {  // something else was sent; its format is refused later
      take(text, start, fallback, text.skipSpaces(from: fallback &+ 1))
    } else if !hasTime {
      payload = start..<text.count
    }
  }

  /// The words between `start` and `colon` are host and tag, or tag alone.
  private mutating func take(_ text: Span<UInt8>, _ start: Int, _ colon: Int, _ record: Int) {
    payload = record..<text.count
    var tagStart = colon
    while tagStart > start, text[tagStart &- 1] != UInt8(ascii: " ") { tagStart &-= 1 }
    var tagEnd = colon
    if tagEnd > tagStart, text[tagEnd &- 1] == UInt8(ascii: "]") {  // tag[pid]
      let bracket = text.extracting(0..<colon).index(of: UInt8(ascii: "["), from: tagStart)
      if bracket < colon { tagEnd = bracket }
    }
    tag = tagStart..<tagEnd
    if tagStart > start { hostname = start..<tagStart &- 1 }
  }

  /// Whether a record begins there: an object, or a line with `[24/` soon after.
  private static func isRecord(_ text: Span<UInt8>, at index: Int) -> Bool {
    guard index < text.count else { return false }
    if text[index] == UInt8(ascii: "{") { return true }
    let near = text.extracting(index..<min(index &+ 512, text.count))
    let bracket = near.index(of: UInt8(ascii: "["))
    guard bracket &+ 3 < near.count else { return false }
    return near[bracket &+ 1].isDigit && near[bracket &+ 2].isDigit && near[bracket &+ 3] == UInt8(ascii: "/")
  }

  /// `TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`.
  private mutating func parse5424(_ text: Span<UInt8>, from start: Int) throws(Rejection) {
    var i = start
    for field in 0..<5 {
      let end = text.index(of: UInt8(ascii: " "), from: i)
      guard end < text.count else { throw Rejection(.header, "syslog header", at: end) }
      let isNil = end == i &+ 1 && text[i] == UInt8(ascii: "-")
      if field == 1, !isNil { hostname = i..<end }
      if field == 2, !isNil { tag = i..<end }
      i = end &+ 1
    }
    i = Self.structuredDataEnd(text, from: i)
    i = text.skipSpaces(from: i)
    if text.word(at: i) & 0xff_ffff == 0xbf_bbef { i &+= 3 }  // byte order mark
    payload = i..<text.count
  }

  /// Past `-` or `[id name="value"]…`, where a value may hold `\]` and `\"`.
  private static func structuredDataEnd(_ text: Span<UInt8>, from start: Int) -> Int {
    var i = start
    if i < text.count, text[i] == UInt8(ascii: "-") { return i &+ 1 }
    let end = min(text.count, start &+ longestData)
    while i < end, text[i] == UInt8(ascii: "[") {
      var isQuoted = false
      while i < end, isQuoted || text[i] != UInt8(ascii: "]") {
        if text[i] == UInt8(ascii: "\\") { i &+= 1 } else if text[i] == UInt8(ascii: "\"") { isQuoted.toggle() }
        i &+= 1
      }
      i = min(i &+ 1, text.count)
    }
    return i
  }
}
