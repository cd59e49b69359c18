import Testing

@testable import Syslog

/// DESIGN.md, "Events accepted", written down once more, so that the table cannot change unseen.
private let accepted: [(Field, [String])] = [
  (.service, ["service", "s"]), (.address, ["ip", "a", "remote_addr", "remote", "client_ip", "remote_ip"]),
  (.host, ["host", "h", "http_host", "server_name"]), (.target, ["path", "u", "request_uri", "uri"]),
  (.query, ["args", "query_string"]), (.request, ["request"]), (.method, ["method", "m", "request_method"]),
  (.httpProtocol, ["protocol", "p", "server_protocol"]), (.status, ["status", "c"]),
  (.length, ["length", "b", "bytes_sent", "size", "body_bytes_sent"]),
  (
    .duration,
    [
      "generation_time_milli", "generation_time", "request_time", "d", "duration", "generation_time_ms", "generation_time_us",
    ]
  ),
  (.upstream, ["ud", "upstream_response_time"]), (.referrer, ["referrer", "referer", "http_referer", "r"]),
  (.agent, ["user_agent", "http_user_agent", "ua"]), (.time, ["date", "t", "ts", "time_iso8601", "msec", "time_local"]),
]
private let aliases = accepted.flatMap { field, keys in keys.map { (field, $0) } }

@Suite struct FieldKeysTests {
  @Test(arguments: aliases) func `every key brings its field, quoted or not`(field: Field, key: String) throws {
    #expect(try fields(#"{"\#(key)":"17"}"#) == [field: "17"])
    #expect(try fields(#"{"\#(key)":17}"#) == [field: "17"])
    #expect(try fields(#"{ "x" : 1 , "\#(key)" : "17" , "y":[{"\#(key)":"no"}] }"#) == [field: "17"])
  }

  @Test(arguments: accepted) func `of two keys the first of the table wins, in any order`(field: Field, keys: [String]) throws {
    for (rank, better) in keys.enumerated() {
      for worse in keys[(rank + 1)...] {
        #expect(try fields(#"{"\#(better)":"1","\#(worse)":"2"}"#) == [field: "1"])
        #expect(try fields(#"{"\#(worse)":"2","\#(better)":"1"}"#) == [field: "1"])
        for absent in [#""""#, #""-""#, "null", ""] {
          #expect(try fields(#"{"\#(better)":\#(absent),"\#(worse)":"2"}"#) == [field: "2"], "\(better) \(absent)")
        }
      }
    }
  }

  @Test(arguments: [
    "", "servic", "services", "ips", "S", "Path", "generation_time_milli_and_more", "x", "\\u0073", "\0", "s\0",
  ])
  func `an unknown key brings nothing`(key: String) throws { #expect(try fields(#"{"\#(key)":"1"}"#).isEmpty) }

  @Test func `of the same key twice the first wins`() throws {
    #expect(try fields(#"{"s":"one","s":"two"}"#) == [.service: "one"])
  }
}

@Suite struct ShortKeyTests {
  /// Everything one or two letters can spell, through the quick way and the table.
  @Test func `a short key means what the table says`() {
    let letters = Array(UInt8(ascii: " ")...UInt8(ascii: "~")).filter { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    for one in letters {
      let found = FieldKeys.letter(one), wanted = FieldKeys.find(0..<1, in: [one].span)
      // Without its quick way a letter still has the table's.
      #expect(found?.field == wanted?.field && found?.rank == wanted?.rank, "\(Character(Unicode.Scalar(one)))")
      for other in letters {
        guard let pair = FieldKeys.pair(UInt16(one) | UInt16(other) << 8) else { continue }
        let wanted = FieldKeys.find(0..<2, in: [one, other].span)
        #expect(pair.field == wanted?.field && pair.rank == wanted?.rank)
      }
    }
    #expect(FieldKeys.letter(0xe1) == nil && FieldKeys.letter(0) == nil)
  }

  @Test(arguments: [
    (#"{"":":","c":"1"}"#, "1"), (#"{"\":":"x","c":"2"}"#, "2"), (#"{"\"":"x","c":"3"}"#, "3"), (#"{"u":"\"","c":"4"}"#, "4"),
    (#"{"ua":"x" , "c":"5"}"#, "5"), (#"{"ua":"x","zz":"\"c\":\"9\"","c":"6"}"#, "6"), (#"{"c":"7"}"#, "7"),
    (#"{"ua":"","c":"8","ud":""}"#, "8"),
  ]) func `what looks like a short key is one or is read slowly`(message: String, status: String) throws {
    #expect(try fields(message)[.status] == status)
  }

  @Test(arguments: [#"{"c":"1"#, #"{"c":"1","#, #"{"ua":"x"#, #"{"ua":"x\""#, #"{"c":"1\"#])
  func `a short field without its end is truncated`(message: String) {
    #expect(throws: Rejection.self) { try fields(message) }
  }
}
