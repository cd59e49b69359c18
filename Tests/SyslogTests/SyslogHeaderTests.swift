import TSEngine
import Testing

@testable import Syslog

@Suite struct SyslogHeaderTests {
  private static let line = #"127.0.0.1 - - [24/Nov/2026:03:59:02 +0000] "GET / HTTP/1.1" 200 6"#

  @Test(arguments: [
    (#"<190>Nov 24 03:59:02 vm nginx: {"a":1}"#, "nginx", "vm", #"{"a":1}"#),
    (#"<190>Nov  4 03:59:02 vm nginx: {"a":1}"#, "nginx", "vm", #"{"a":1}"#),
    (#"<190>Nov 24 03:59:02 web_1: {"a":1}"#, "web_1", "", #"{"a":1}"#),
    (#"<5>Nov 24 03:59:02 vm haproxy[3757]: {"a":1}"# + "\n", "haproxy", "vm", #"{"a":1}"#),
    (#"<190>Nov 24 03:59:02 my: host nginx: {"a":1}"#, "nginx", "my: host", #"{"a":1}"#),
    (#"<190>Nov 24 03:59:02 fe80::1 nginx: {"a":"b: {c"}"#, "nginx", "fe80::1", #"{"a":"b: {c"}"#),
    (#"<190>Nov 24 03:59:02 vm nginx: "# + line, "nginx", "vm", line),
    (#"<190>Nov 24 03:59:02 nginx: "# + line, "nginx", "", line),
    (#"<190>Nov 24 03:59:02 vm nginx:"# + " " + line + "\0", "nginx", "vm", line),
    (#"<190>Nov 24 03:59:02 {"a":1}"#, "", "", #"{"a":1}"#),
    (#"<190>2026-11-24T03:59:02.1+00:00 vm nginx: {"a":1}"#, "nginx", "vm", #"{"a":1}"#),
    (#"<190>1 2026-11-24T03:59:02+00:00 vm nginx - - -  {"a":1}"#, "nginx", "vm", #"{"a":1}"#),
    (#"<13>1 2026-11-24T03:59:02+00:00 - - - - - {"a":1}"#, "", "", #"{"a":1}"#),
    (#"<13>1 - vm shop 7 id [x y="a\"]b"][z] {"a":1}"#, "shop", "vm", #"{"a":1}"#),
    ("<13>1 - vm shop 7 id - \u{feff}{\"a\":1}", "shop", "vm", #"{"a":1}"#), ("<13>" + line, "", "", line),
    (#"<13>{"a":1}"#, "", "", #"{"a":1}"#), (#"<13>shop: {"a":1}"#, "shop", "", #"{"a":1}"#),
    (#"Nov 24 03:59:02 vm nginx: {"a":1}"#, "nginx", "vm", #"{"a":1}"#),
    (#"2026-11-24T03:59:02+00:00 vm nginx: {"a":1}"#, "nginx", "vm", #"{"a":1}"#), (#"{"a":1}"# + "\n", "", "", #"{"a":1}"#),
    ("\u{feff}{\"a\":1}", "", "", #"{"a":1}"#), (line, "", "", line),
    ("example.com:80 " + line, "", "", "example.com:80 " + line),
    ("<13>Nov 24 03:59:02 vm su: failed for root", "su", "vm", "failed for root"), ("hello", "", "", "hello"),
    ("<13>hello", "", "", "hello"), ("<1234>x", "", "", "<1234>x"), ("<>x", "", "", "<>x"), ("<13", "", "", "<13"),
  ]) func `tag, host and payload are told apart`(message: String, tag: String, host: String, payload: String) throws {
    let bytes = utf8(message)
    let header = try SyslogHeader.parse(bytes.span)
    #expect(string(bytes[header.tag]) == tag)
    #expect(string(bytes[header.hostname]) == host)
    #expect(string(bytes[header.payload]) == payload)
  }

  @Test(arguments: [
    "<190>", "<190>Nov 24 03:59:02", "<190>Nov 24 03:59:02 ", "<190>Nov 24 03:59:02 vm nginx:",
    "<190>Nov 24 03:59:02 vm nginx: ",
    "<190>Nov 24 03:59:02 vm", "<13>1 ", "<13>1 2026-11-24T03:59:02+00:00 vm nginx", "<13>1 - vm shop 7 id -",
    "<13>1 - vm shop 7 id [x y=\"",
  ]) func `a header without payload is refused as such`(message: String) {
    #expect(refusal(message) == .header)
  }

  @Test(arguments: ["", "\n", " \r\n", "\0"]) func `a message of nothing is empty`(message: String) {
    #expect(refusal(message) == .empty)
  }
}
