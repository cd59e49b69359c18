import TSEngine
import Testing

@testable import Syslog

@Suite struct EventBuilderTests {
  @Test func `the compact form brings every field`() throws {
    let built = try build(
      """
      {"v":1,"t":"1795492742.083","s":"Shop","a":"192.0.2.1","m":"POST","u":"/a%20b?utm_campaign=spring&x=1","c":"201",\
      "b":"1234","d":"0.012","ud":"0.004, 0.012 : 0.1","r":"https://News.example:443/x","ua":"Mozilla/5.0","p":"HTTP/2.0",\
      "h":"Shop.Example:8443"}
      """, service: nil)
    let event = built.event
    #expect(built.path == "/a b")
    #expect(built.campaign == "spring")
    #expect(built.host == "shop.example")
    #expect(built.referrer == "news.example")
    #expect((event.second, event.status, event.bytes, event.durationMicroseconds) == (1_795_492_742, 201, 1_234, 12_000))
    #expect((event.method, event.httpProtocol) == (.post, .http2))
  }

  @Test func `what is missing is absent and not invented`() throws {
    let built = try build(#"{"s":"x","a":"192.0.2.1"}"#, service: nil, arrival: 1_700_000_000)
    let event = built.event
    #expect((built.path, built.host, built.referrer, built.campaign) == ("", "", "", ""))
    #expect((event.second, event.status, event.bytes, event.durationMicroseconds) == (1_700_000_000, 0, 0, Event.noDuration))
    #expect((event.method, event.httpProtocol) == (.other, .other))
  }

  @Test func `the request line fills in for missing keys only`() throws {
    let line = #""request":"PUT /b?q HTTP/1.0""#
    let whole = try build(#"{"a":"192.0.2.1",\#(line)}"#)
    #expect((whole.path, whole.event.method, whole.event.httpProtocol) == ("/b", .put, .http10))
    let partly = try build(#"{"a":"192.0.2.1",\#(line),"m":"GET","u":"/c","p":"HTTP/1.1"}"#)
    #expect((partly.path, partly.event.method, partly.event.httpProtocol) == ("/c", .get, .http11))
  }

  @Test func `units follow the key`() throws {
    func microseconds(_ field: String) throws -> UInt32 { try build(#"{"a":"::1",\#(field)}"#).event.durationMicroseconds }
    #expect(try microseconds(#""generation_time_milli":"0.5""#) == 500_000)  // seconds in truth
    #expect(try microseconds(#""generation_time_ms":"0.5""#) == 500)
    #expect(try microseconds(#""generation_time_us":"5""#) == 5)
    #expect(try microseconds(#""request_time":"-""#) == Event.noDuration)
    #expect(try microseconds(#""request_time":"soon""#) == Event.noDuration)
  }

  @Test(
    arguments: [
      (#"<190>Nov 24 03:59:02 vm shop: {"a":"::1","h":"b.example"}"#, nil),
      (#"<190>Nov 24 03:59:02 vm nginx: {"a":"::1"}"#, RejectReason.service),
      (#"<190>Nov 24 03:59:02 vm nginx: {"a":"::1","h":"b.example:80"}"#, nil),
      (#"<190>Nov 24 03:59:02 vm nginx: {"a":"::1","h":"[::1]"}"#, .service),
      (#"<190>Nov 24 03:59:02 vm bad/tag: {"a":"::1","h":"b.example"}"#, nil), (#"{"a":"::1","s":"a b"}"#, .service),
      (#"{"a":"::1","s":"","h":"b.example"}"#, nil), (#"{"a":"::1","s":"a b","h":"b.example"}"#, .service),
      (#"{"a":"::1"}"#, .service),
      ("b.example:80 ::1 - - [24/Nov/2026:03:59:02 +0000] \"GET / HTTP/1.1\" 200 6", nil),
    ] as [(String, RejectReason?)]) func `a site is named by key, tag or host`(message: String, reason: RejectReason?)
  {
    #expect(rejection(message) == reason)
  }

  @Test func `the key wins over the tag, the tag over the host`() throws {
    func name(_ message: String) throws -> String {
      let bytes = utf8(message), header = try SyslogHeader.parse(bytes.span)
      var record = AccessRecord()
      try RecordFormat.auto.parse(bytes.span.extracting(header.payload), into: &record)
      return try record.serviceName(
        in: bytes.span.extracting(header.payload), tag: bytes.span.extracting(header.tag)
      ).text
    }
    let message = #"<190>Nov 24 03:59:02 vm tagged: {"a":"::1","service":"keyed","s":"short","h":"hosted"}"#
    #expect(try name(message) == "keyed")
    #expect(try name(message.replacing("service", with: "x")) == "short")
    #expect(try name(message.replacing("service", with: "x").replacing("\"s\"", with: "\"y\"")) == "tagged")
    #expect(try name(#"<190>Nov 24 03:59:02 vm Nginx: {"a":"::1","h":"Hosted.:80"}"#) == "hosted")
  }

  /// Every reason that can be told here; `late` and `future` are the engine's.
  @Test(arguments: [
    ("", RejectReason.empty), (#"{"s":"a","a":"192.0.2.1""#, .truncated), ("<190>Nov 24 03:59:02 vm nginx: ", .header),
    ("hello", .format), (#"{"s":"a b","a":"192.0.2.1"}"#, .service), (#"{"s":"a","a":"localhost"}"#, .address),
    (#"{"s":"a"}"#, .address), (#"{"s":"a","a":"192.0.2.1","t":"yesterday"}"#, .time),
  ]) func `each reason has its message`(message: String, reason: RejectReason) { #expect(rejection(message) == reason) }

  @Test func `a line of more than 128 KiB is truncated`() {
    let path = String(repeating: "a", count: EventBuilder.messageBytes)
    #expect(rejection(#"{"s":"a","a":"::1","u":"/\#(path)"}"#) == .truncated)
  }

  @Test func `tags of the query are read from either place`() throws {
    #expect(try build(#"{"a":"::1","u":"/x?utm_campaign=a"}"#).campaign == "a")
    #expect(try build(#"{"a":"::1","u":"/x","args":"utm_campaign=b"}"#).campaign == "b")
    #expect(try build(#"{"a":"::1","u":"/x","query_string":"?utm_campaign=c"}"#).campaign == "c")
    #expect(try build(#"{"a":"::1","request":"GET /x?utm_campaign=d HTTP/1.1"}"#).campaign == "d")
    #expect(try build(#"{"a":"::1","u":"\/x?utm_campaign=\u0065"}"#).campaign == "e")
  }

  @Test func `an address with two browsers is two visitors on demand, whatever the engine numbered before`() throws {
    func visitor(_ agent: String, _ isIncluded: Bool, agentsBefore: Int = 0) throws -> VisitorToken {
      let engine = makeEngine()
      var builder = EventBuilder(engine: engine, countries: nil, visitorIncludesAgent: isIncluded)
      let site = ServiceName(utf8("a").span)
      for number in 0..<agentsBefore {
        let line = utf8(#"{"a":"192.0.2.1","u":"/","ua":"Robot\#(number)/1.0 (bot)"}"#)
        try builder.add(line.span, format: .auto, service: site, arrival: 1)
      }
      try builder.add(utf8(#"{"a":"192.0.2.1","u":"/","ua":"\#(agent)"}"#).span, format: .auto, service: site, arrival: 1)
      return builder.batch[agentsBefore].visitor
    }
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
    let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
    #expect(try visitor(firefox, false) == visitor(chrome, false))
    #expect(try visitor(firefox, true) != visitor(chrome, true))
    #expect(try visitor(firefox, true) == visitor(firefox, true, agentsBefore: 7))
    #expect(try visitor(firefox, true) == visitor(firefox.replacing("143", with: "144"), true))  // an update is nobody new
    #expect(try visitor(firefox, true) != visitor(firefox, false))
  }

  @Test func `Traefik's line is understood, nanoseconds too`() throws {
    let line =
      #"{"ClientAddr":"203.0.113.7:5","ClientHost":"203.0.113.7","Duration":1500000,"DownstreamContentSize":42,"DownstreamStatus":404,"#
      + #""RequestHost":"Shop.example","RequestMethod":"POST","RequestPath":"/a%20b?utm_campaign=c","RequestProtocol":"HTTP/2.0","#
      + #""RouterName":"web@docker","ServiceName":"web@docker","StartUTC":"2026-11-24T03:59:02.083Z","level":"info","#
      + #""request_Referer":"https://news.example/","request_User-Agent":"curl/8.0","time":"2026-11-24T03:59:03Z"}"#
    let built = try build(line, service: nil)
    #expect(built.path == "/a b" && built.host == "shop.example" && built.referrer == "news.example" && built.campaign == "c")
    #expect(built.event.durationMicroseconds == 1_500 && built.event.bytes == 42 && built.event.status == 404)
    #expect(built.event.method == .post && built.event.httpProtocol == .http2 && built.event.second == 1_795_492_742)
  }
}
