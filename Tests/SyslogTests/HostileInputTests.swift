import TSEngine
import Testing

@testable import Syslog

private let golden: [String] = [
  #"<190>Nov 24 03:59:02 vm nginx: {"service":"example.com","date":"2026-11-24T03:59:02+00:00","remote":"127.0.0.1","path":"/"}"#,
  #"<190>Nov 24 03:59:02 web: {"v":1,"t":"1795492742.083","a":"::1","u":"/a%20b?utm_source=x","c":"009","d":"0.004","ud":,"r":"-"}"#,
  #"{"ts":1795492857.4,"request":{"client_ip":"127.0.0.1","host":"a.b:80","uri":"/x","headers":{"User-Agent":["a\"b"]}},"size":2}"#,
  #"127.0.0.1 - - [24/Nov/2026:03:59:02 +0000] "GET /a?b=c HTTP/1.1" 200 6 "https://news.example/x" "Mozilla/5.0 (X11)""#,
  #"example.com:80 2001:db8::1 - a b [24/Nov/2026:03:59:02 -0800] "POST /%D0%BF HTTP/2.0" 404 - "-" "\x22\xC3\xA9""#,
  #"<190>1 2026-11-24T03:59:02+00:00 vm shop - - [x y="\"]"] {"ip":"1.2.3.4","request":"GET http://h/p?gclid=1 HTTP/1.0"}"#,
  #"{"s":"x","a":"1.2.3.4","u":"\/\u043f\ud83e\udd8a\xff","ua":"\\\u0001","r":"http:\/\/r.example\/","d":1.5e-05,"t":"now"}"#,
  #"<13>2026-11-24T03:59:02.1Z host tag[12]: 10.0.0.1 - - [24/Nov/2026:03:59:02 +0000] "GET /x" 200 6"#,
  #"{"a":"1.2.3.4","h":"EXAMPLE.com.","path":"/ünï","args":"?utm_campaign=%E2%82%AC&ref=%","x":[{"y":["]"]},null,true]}"#,
  "{\"s\":\"a\",\"ip\":\"\u{fffd}\",\"u\":\"/\u{10ffff}\",\"date\":\"24/Nov/2026:03:59:02 +0000\",\"b\":99999999999,\"c\":-1}\n",
]

/// Fifty lines of servers and of imagination.
private let fifty: [[UInt8]] = {
  let files = [
    "nginx_ballcone.u32", "nginx_combined.u32", "haproxy_udp.u32", "rsyslog_rfc5424_udp.u32", "apache_logger_udp.u32",
  ]
  let captured = files.flatMap { Fixture.datagrams($0).filter { $0.count < 400 }.prefix(8) }
  return golden.map(utf8) + captured.prefix(50 - golden.count)
}()

/// Each message either becomes exactly one event or is refused for one reason; nothing traps.
private func check(_ messages: some Sequence<[UInt8]>) {
  var builder = EventBuilder(engine: makeEngine(), countries: nil, visitorIncludesAgent: false)
  for message in messages {
    if builder.batch.isFull { builder.batch.removeAll() }
    let before = builder.batch.count
    do throws(Rejection) {
      try builder.add(message.span, format: .auto, service: nil, arrival: 1)
      if builder.batch.count != before + 1 { Issue.record("no event and no reason: \(message)") }
    } catch {
      if builder.batch.count != before { Issue.record("an event and a reason: \(message)") }
    }
  }
}

@Suite struct HostileInputTests {
  @Test(arguments: fifty) func `every byte at every place is an event or a reason`(bytes: [UInt8]) {
    check(
      bytes.indices.lazy.flatMap { place in
        (UInt8.min...UInt8.max).lazy.map { value in
          var changed = bytes
          changed[place] = value
          return changed
        }
      })
  }

  @Test(arguments: fifty) func `every truncation is an event or a reason`(bytes: [UInt8]) {
    check((0...bytes.count).lazy.map { Array(bytes[..<$0]) })
    check((0...bytes.count).lazy.map { Array(bytes[$0...]) })
  }

  @Test(arguments: ["nginx_ballcone.u32", "nginx_combined.u32", "haproxy_udp.u32"])
  func `a captured datagram cut anywhere is an event or a reason`(file: String) {
    for datagram in Fixture.datagrams(file) {
      let step = max(1, datagram.count / 400)
      check(stride(from: 0, to: datagram.count, by: step).lazy.map { Array(datagram[..<$0]) })
    }
  }

  @Test func `there are fifty of them`() { #expect(fifty.count == 50) }

  @Test func `a record of more keys than any server writes is refused`() {
    let keys = String(repeating: #""z":1,"#, count: JSONRecord.mostKeys)
    #expect(rejection(#"{"s":"a","a":"::1",\#(keys)"u":"/"}"#) == .format)
    #expect(rejection(#"{"s":"a","a":"::1","u":"/","n":[\#(String(repeating: "[],", count: 3_000))1]}"#) == .format)
    let many = String(repeating: #""long-name":"1","#, count: JSONRecord.mostKeys - 20)
    #expect(rejection(#"{"s":"a","a":"::1",\#(many)"u":"/"}"#) == nil)
  }

  @Test func `a flood of escapes is undone as far as anybody reads`() throws {
    let flood = String(repeating: #"\u0001"#, count: 3_000)
    let event = try build(#"{"a":"::1","u":"/x\#(flood)","ua":"\#(flood)","r":"http://r.example/\#(flood)"}"#)
    #expect(event.path.utf8.count == 1_024 && event.path.hasPrefix("/x\u{1}") && event.referrer == "r.example")
  }

  @Test func `noise of any length is an event or a reason`() {
    var state: UInt64 = 7
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
    let alphabet = utf8(#"{}[]",:\/<>-. %&?=+0123456789abcdefuxGETHTP/1.1:"#) + [0, 0x80, 0xc3, 0xff]
    check((0..<20_000).lazy.map { _ in (0..<Int(next() % 200)).map { _ in alphabet[Int(next()) % alphabet.count] } })
  }

  @Test func `the longest datagrams of every byte are events or reasons`() {
    for value in UInt8.min...UInt8.max {
      let noise = [UInt8](repeating: value, count: 65_000)
      check([
        noise, utf8(#"{"s":"a","a":"::1","u":"/"#) + noise + utf8("\"}"),
        utf8(#"{"s":"a","a":"::1","ua":""#) + noise + utf8("\"}"),
      ])
    }
  }
}
