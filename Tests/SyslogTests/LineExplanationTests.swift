import TSEngine
import Testing

@testable import Syslog

@Suite struct LineExplanationTests {
  private func explain(_ line: String, _ set: (inout IngestOptions) -> Void = { _ in }) -> LineExplanation {
    var options = IngestOptions()
    set(&options)
    return LineExplanation(utf8(line), options: options, engine: makeEngine(), arrival: 1_800_000_000)
  }

  @Test func `each field is told with the key it came from`() {
    let told = explain(
      #"<190>Nov 24 03:59:02 vm web: {"a":"192.0.2.1","u":"/a%20b?utm_campaign=c","c":"200","ud":"0.004, 0.012 : -","#
        + #""r":"https:\/\/www.google.com/","ua":"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"}"#)
    #expect(told.verdict == .counted)
    func value(_ name: String) -> String? { told.rows.first { $0.name == name }?.value }
    #expect(value("header") == "syslog, tag web, host vm" && value("format") == "JSON" && value("service") == "web")
    #expect(value("path") == "/a b" && value("status") == "200" && value("upstream") == "0.016000 s")
    #expect(value("source") == "Google" && value("channel") == "Search" && value("browser") == "Firefox 143")
    #expect(value("campaign") == "c" && value("· referrer") == "https://www.google.com/")
    #expect(told.rows.first { $0.name == "· agent" }?.origin == "\"ua\"")
  }

  @Test func `a refusal says where, in the line as it was given`() {
    let told = explain(#"<190>Nov 24 03:59:02 vm web: {"a" "b"}"#)
    #expect(told.verdict == .rejected(.format, place: "JSON colon, byte 5"))
    #expect(told.excerpt.map { $0.text.dropFirst($0.column) } == #""b"}"#)
    #expect(explain("").verdict == .rejected(.empty, place: "message"))
    #expect(explain(#"{"a":"192.0.2.1","u":"/"}"#).verdict == .rejected(.service, place: "no service"))
    let future = explain(#"{"s":"a","a":"192.0.2.1","u":"/","t":"1800000999"}"#)
    #expect(future.verdict == .rejected(.future, place: "time: ahead of the clock"))
  }

  @Test func `the rules have their say`() {
    let line = #"{"s":"a","a":"192.0.2.1","u":"/health"}"#
    #expect(explain(line) { $0.rules.exclusions = [Exclusion("path=/health")!] }.verdict == .excluded)
    #expect(explain(line) { _ = $0.rules.declare(service: "b") }.verdict == .rejected(.undeclared, place: "service"))
    #expect(explain(line) { $0.format = .combined }.verdict != .counted)
  }

  @Test func `no captured line and no piece of one traps`() {
    for line in Fixture.datagrams("haproxy_udp.u32") {
      for length in 0...line.count {
        _ = LineExplanation(Array(line[..<length]), options: IngestOptions(), engine: makeEngine(), arrival: 1)
      }
    }
  }
}
