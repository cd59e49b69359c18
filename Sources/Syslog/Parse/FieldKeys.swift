/// The keys of DESIGN.md, "Events accepted": for each field its names, the first present wins.
/// `ClientHost`, `RequestPath` and their like are Traefik's.
enum FieldKeys {
  static let names: [(field: Field, keys: [String])] = [
    (.service, ["service", "s"]),
    (.address, ["ip", "a", "remote_addr", "remote", "client_ip", "remote_ip", "ClientHost"]),
    (.host, ["host", "h", "http_host", "server_name", "RequestHost"]),
    (.target, ["path", "u", "request_uri", "uri", "RequestPath"]),
    (.query, ["args", "query_string"]),
    (.request, ["request"]),
    (.method, ["method", "m", "request_method", "RequestMethod"]),
    (.httpProtocol, ["protocol", "p", "server_protocol", "proto", "RequestProtocol"]),
    (.status, ["status", "c", "DownstreamStatus"]),
    (.length, ["length", "b", "bytes_sent", "size", "body_bytes_sent", "DownstreamContentSize"]),
    // Seconds, the first in spite of its name; then in the unit the name says (`DurationText.Unit`).
    (
      .duration,
      [
        "generation_time_milli", "generation_time", "request_time", "d", "duration", "generation_time_ms",
        "generation_time_us", "Duration",
      ]
    ),
    (.upstream, ["ud", "upstream_response_time"]),
    // capital letters: Caddy's request.headers
    (.referrer, ["referrer", "referer", "http_referer", "r", "Referer", "request_Referer"]),
    (.agent, ["user_agent", "http_user_agent", "ua", "User-Agent", "request_User-Agent"]),
    (.forwarded, ["xff", "x_forwarded_for", "http_x_forwarded_for", "X-Forwarded-For", "request_X-Forwarded-For"]),
    (.time, ["date", "t", "ts", "time_iso8601", "msec", "time_local", "StartUTC"]),
  ]
  static let millisecondRank: UInt8 = 5, microsecondRank: UInt8 = 6, nanosecondRank: UInt8 = 7  // of `.duration`

  static let longestKey = 24

  struct Short {
    let field: Field, rank: UInt8
    @inline(__always) init(_ field: Field, _ rank: UInt8) { (self.field, self.rank) = (field, rank) }
  }

  /// The field of a name of one letter: our compact form's, as code, because a table would be asked for whether it is made yet
  /// at each key. A test holds it against `names`.
  @inline(__always)
  static func letter(_ byte: UInt8) -> Short? {
    switch byte {
    case UInt8(ascii: "a"): Short(.address, 1)
    case UInt8(ascii: "b"): Short(.length, 1)
    case UInt8(ascii: "c"): Short(.status, 1)
    case UInt8(ascii: "d"): Short(.duration, 3)
    case UInt8(ascii: "h"): Short(.host, 1)
    case UInt8(ascii: "m"): Short(.method, 1)
    case UInt8(ascii: "p"): Short(.httpProtocol, 1)
    case UInt8(ascii: "r"): Short(.referrer, 3)
    case UInt8(ascii: "s"): Short(.service, 1)
    case UInt8(ascii: "t"): Short(.time, 1)
    case UInt8(ascii: "u"): Short(.target, 1)
    default: nil
    }
  }

  /// The field of a name of two letters, the first one in the low byte.
  @inline(__always)
  static func pair(_ word: UInt16) -> Short? {
    switch word {
    case 0x6175: Short(.agent, 2)  // ua
    case 0x6475: Short(.upstream, 0)  // ud
    case 0x7069: Short(.address, 0)  // ip
    case 0x7374: Short(.time, 2)  // ts
    default: nil
    }
  }

  struct Key {
    var low: UInt64 = 0, middle: UInt64 = 0, high: UInt64 = 0  // the name, zero-padded
    var field = Field.service
    var rank: UInt8 = 0
    var count: UInt8 = 0  // 0: an empty slot
  }

  /// Open addressing, at most half full: one probe answers nearly always. Made once and never changed or freed, and behind
  /// a pointer because a stored array would be asked for three times a key.
  nonisolated(unsafe) private static let table: UnsafePointer<Key> = {
    let table = UnsafeMutablePointer<Key>.allocate(capacity: slots)
    unsafe table.initialize(repeating: Key(), count: slots)
    for (field, keys) in names {
      for (rank, name) in keys.enumerated() {
        let bytes = Array(name.utf8), words = words(bytes.span, 0..<bytes.count)
        var slot = slot(of: words)
        while unsafe table[slot].count != 0 { slot = (slot + 1) & (slots - 1) }
        unsafe table[slot] = Key(
          low: words.0, middle: words.1, high: words.2, field: field, rank: UInt8(rank), count: UInt8(bytes.count))
      }
    }
    return unsafe UnsafePointer(table)
  }()
  private static let slots = 256

  /// Which field the name at `range` of `message` brings, or nil for a key that means nothing to us.
  ///
  /// Taken from the message, whose words may be read whole, rather than from a span of the name alone.
  @inline(__always)
  static func find(_ range: Range<Int>, in message: Span<UInt8>) -> (field: Field, rank: UInt8)? {
    guard !range.isEmpty, range.count <= longestKey else { return nil }
    let words = words(message, range), table = unsafe table
    var slot = slot(of: words)
    while true {
      let key = unsafe table + slot  // 0..<slots
      if unsafe key.pointee.count == 0 { return nil }
      if unsafe key.pointee.low == words.0 && key.pointee.middle == words.1 && key.pointee.high == words.2
        && Int(key.pointee.count) == range.count
      {
        return unsafe (key.pointee.field, key.pointee.rank)
      }
      slot = (slot &+ 1) & (slots - 1)
    }
  }

  /// The name's bytes, zero-padded.
  @inline(__always)
  private static func words(_ message: Span<UInt8>, _ range: Range<Int>) -> (UInt64, UInt64, UInt64) {
    let start = range.lowerBound, count = range.count
    let low = message.word(at: start) & Word.lowest(count)
    if count <= 8 { return (low, 0, 0) }
    return (
      low, message.word(at: start &+ 8) & Word.lowest(count &- 8), message.word(at: start &+ 16) & Word.lowest(count &- 16)
    )
  }

  @inline(__always)
  private static func slot(of words: (UInt64, UInt64, UInt64)) -> Int {  // a hash: overflow is its own
    let mixed = (words.0 ^ (words.1 &* 0x9e37_79b9_7f4a_7c15) ^ (words.2 &<< 7)) &* 0xff51_afd7_ed55_8ccd
    return Int(truncatingIfNeeded: mixed &>> 56)
  }
}
