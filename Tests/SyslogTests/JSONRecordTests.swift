import TSEngine
import Testing

@testable import Syslog

@Suite struct JSONRecordTests {
  @Test(arguments: [
    (#"{"c":200}"#, "200"), (#"{"c":009}"#, "009"), (#"{"c":"009"}"#, "009"), (#"{"c":-1}"#, "-1"),
    (#"{"c":1e3,"x":1}"#, "1e3"),
    (#"{"c" : true }"#, "true"), (#"{"ud":,"c":2}"#, "2"), (#"{"x":[],"c":3}"#, "3"), (#"{"x":[1,"]",{"y":"}"}],"c":4}"#, "4"),
    (#"{,,"c":5,}"#, "5"), (#"{"c":6}trailing"#, "6"), (#"{"x":"\\","c":7}"#, "7"), (#"{"x\"y":1,"c":8}"#, "8"),
    ("{\n\t\"c\"\r\n:\t9\n}\n", "9"), (#"{"x":"\"c\":1","c":10}"#, "10"),
  ]) func `a status is read from`(message: String, status: String) throws {
    #expect(try fields(message)[.status] == status)
  }

  @Test func `Caddy's nested request is read`() throws {
    let line = Fixture.lines("caddy_access.jsonl")[1]
    #expect(
      try fields(line) == [
        .time: "1795492857.4302273", .address: "127.0.0.1", .httpProtocol: "HTTP/1.1", .method: "GET", .host: "example.com",
        .target: "/a?x=1", .agent: #"UA "quoted" \back"#, .referrer: "http://ref/", .duration: "0.000011722", .length: "2",
        .status: "200",
      ])
  }

  @Test func `a client's headers bring nothing but agent and referrer`() throws {
    let line =
      #"{"request":{"headers":{"s":["evil"],"ip":["1.1.1.1"],"a":"1.1.1.1","b":7,"u":{"s":"evil"},"User-Agent":["a","b"]},"uri":"/x"},"status":200}"#
    #expect(try fields(line) == [.agent: "a", .target: "/x", .status: "200"])
  }

  @Test func `deep nesting costs no stack`() {
    let deep = #"{"x":"# + String(repeating: "[", count: 60_000)
    #expect(refusal(deep) == .format)
    let closed = #"{"x":"# + String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000) + #","c":1}"#
    #expect((try? fields(closed))?[.status] == "1")
  }

  @Test(arguments: [
    "{", #"{"s"#, #"{"s""#, #"{"s":"#, #"{"s":"a"#, #"{"s":"a""#, #"{"s":"a","#, #"{"s":"a\"#, #"{"s":"a\""#, #"{"x":["#,
    #"{"x":{"y":1}"#, #"{"request":{"uri":"/""#, #"{"c":20"#,
  ]) func `an object that ends too early is truncated`(message: String) { #expect(refusal(message) == .truncated) }

  @Test(arguments: ["{s:1}", #"{"s" 1}"#, #"{"s":"a" 5}"#, #"{"s":"a"]"#, "{[]}"])
  func `an object that is none is refused by format`(message: String) { #expect(refusal(message) == .format) }

  @Test func `an agent that is logged but empty is known to be empty`() throws {
    var record = AccessRecord()
    try RecordFormat.auto.parse(utf8(#"{"ua":""}"#).span, into: &record)
    #expect(record.agentIsLogged && !record[.agent].isPresent)
    record.removeAll()
    try RecordFormat.auto.parse(utf8(#"{"c":1}"#).span, into: &record)
    #expect(!record.agentIsLogged)
  }
}
