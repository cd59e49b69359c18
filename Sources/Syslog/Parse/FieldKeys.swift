/// The keys of DESIGN.md, "Events accepted": for each field its names, the first present wins.
enum FieldKeys {
  static let names: [(field: Field, keys: [String])] = [
    (.service, ["service", "s"]),
    (.address, ["ip", "a", "remote_addr", "remote", "client_ip", "remote_ip"]),
    (.host, ["host", "h", "http_host", "server_name"]),
    (.target, ["path", "u", "request_uri", "uri"]),
    (.query, ["args", "query_string"]),
    (.request, ["request"]),
    (.method, ["method", "m", "request_method"]),
    (.httpProtocol, ["protocol", "p", "server_protocol", "proto"]),  // the last is Caddy's
    (.status, ["status", "c"]),
    (.length, ["length", "b", "bytes_sent", "size", "body_bytes_sent"]),
    // Seconds, the first in spite of its name; then in the unit the name says (`DurationText.Unit`).
    (
      .duration,
      [
        "generation_time_milli", "generation_time", "request_time", "d", "duration", "generation_time_ms",
        "generation_time_us",
      ]
    ),
    (.upstream, ["ud", "upstream_response_time"]),
    (.referrer, ["referrer", "referer", "http_referer", "r", "Referer"]),  // capital letters: Caddy's request.headers
    (.agent, ["user_agent", "http_user_agent", "ua", "User-Agent"]),
    (.time, ["date", "t", "ts", "time_iso8601", "msec", "time_local"]),
  ]
  static let millisecondRank: UInt8 = 5, microsecondRank: UInt8 = 6  // of `.duration`

  static let longestKey = 24

  struct Key {
    var low: UInt64 = 0, middle: UInt64 = 0, high: UInt64 = 0  // the name, zero-padded
    var field = Field.service
    var rank: UInt8 = 0
  }

  /// Open addressing, at most half full, never changed: one probe answers nearly always.
  private static let table: InlineArray<128, Key> = {
    var table = InlineArray<128, Key>(repeating: Key())
    for (field, keys) in names {
      for (rank, name) in keys.enumerated() {
        let bytes = Array(name.utf8)
        let words = FieldKeys.words(of: bytes.span)
        var slot = FieldKeys.slot(of: words)
        while table[slot].low != 0 { slot = (slot + 1) & 127 }
        table[slot] = Key(low: words.0, middle: words.1, high: words.2, field: field, rank: UInt8(rank))
      }
    }
    return table
  }()

  /// Which field `name` brings, or nil for a key that means nothing to us.
  @inline(__always)
  static func find(_ name: Span<UInt8>) -> (field: Field, rank: UInt8)? {
    guard name.count > 0, name.count <= longestKey else { return nil }
    let words = words(of: name)
    var slot = FieldKeys.slot(of: words)
    while table[slot].low != 0 {
      let key = table[slot]
      if key.low == words.0, key.middle == words.1, key.high == words.2 { return (key.field, key.rank) }
      slot = (slot &+ 1) & 127
    }
    return nil
  }

  @inline(__always)
  private static func words(of name: Span<UInt8>) -> (UInt64, UInt64, UInt64) {
    (name.word(at: 0), name.word(at: 8), name.word(at: 16))
  }

  @inline(__always)
  private static func slot(of words: (UInt64, UInt64, UInt64)) -> Int {  // a hash: overflow is its own
    let mixed = (words.0 ^ (words.1 &* 0x9e37_79b9_7f4a_7c15) ^ (words.2 &<< 7)) &* 0xff51_afd7_ed55_8ccd
    return Int(truncatingIfNeeded: mixed &>> 57)
  }
}
