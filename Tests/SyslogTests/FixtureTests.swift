import TSEngine
import Testing

@testable import Syslog

/// What nginx logged of the requests of Fixtures/INDEX.tsv, by their case number; what differs from the plain one:
/// GET, status 200, 6 bytes.
private struct Expected {
  var path: String
  var method = TSEngine.Method.get
  var status: UInt16 = 200, bytes: UInt32 = 6
  var isRefused = false
}

private func expectations(isJSON: Bool) -> [Expected] {
  let bad = "/bad\u{fffd}\u{fffd}\u{fffd}("
  let control = "/ctl\u{1}\u{2}\t\n\r\u{1b}\u{1f}\u{7f}end"
  func long(_ letter: String) -> String { "/" + String(repeating: letter, count: 1_023) }
  func refused(_ path: String) -> Expected { Expected(path: path, isRefused: isJSON) }  // JSON names a service, wrongly
  // nginx leaves method and path of a bad request empty in JSON; combined has the raw request line.
  func badRequest(_ path: String, _ method: TSEngine.Method) -> Expected {
    Expected(path: isJSON ? "" : path, method: isJSON ? .other : method, status: 400, bytes: 150)
  }
  return [
    Expected(path: "/"), Expected(path: "/post/1"), Expected(path: "/привет"), Expected(path: "/привет"), Expected(path: "/e"),
    Expected(path: "/q"), Expected(path: "/a\"b\\c"), Expected(path: bad), Expected(path: "/badua"), Expected(path: control),
    Expected(path: isJSON ? "" : "/nul\0x", status: 400, bytes: 150), Expected(path: "/tab"), Expected(path: "/ctlua"),
    Expected(path: "/fold", status: 400, bytes: 150), Expected(path: "/x"), Expected(path: "/inj"), Expected(path: "/inj2"),
    Expected(path: long("A")), Expected(path: long("B")), Expected(path: long("C")), Expected(path: "/bigua"),
    Expected(path: "/cookies"),
  ] + (isJSON ? [Expected(path: "/bigref")] : []) + [  // combined: the datagram was too long to be sent
    Expected(path: "/ctl4k"), Expected(path: "/toolarge", status: 400, bytes: 226),
    Expected(path: "/toolarge2", status: 400, bytes: 226), Expected(path: "/h", method: .head, bytes: 0),
    Expected(path: "/p", method: .post), badRequest("*", .options), Expected(path: "/dav", method: .other),
    badRequest("/m", .other), Expected(path: "/404", status: 404, bytes: 146), Expected(path: "/301", status: 301, bytes: 162),
    Expected(path: "/500", status: 500, bytes: 170), Expected(path: "/proxy", status: 502, bytes: 150), Expected(path: "/noua"),
    Expected(path: "/emptyua"), Expected(path: "/http10"), Expected(path: "/http09"),
    Expected(path: "/nohost", status: 400, bytes: 150), badRequest("", .other), badRequest("", .other), Expected(path: "/"),
    Expected(path: "/"), refused("/"), Expected(path: "/"), refused("/"), refused("/"), Expected(path: "/"),
    Expected(path: "/abs"),
  ] + (isJSON ? [Expected(path: "/a/c"), Expected(path: "/100%")] : [])
}

@Suite struct FixtureTests {
  @Test(arguments: [("nginx_ballcone.u32", true, 52), ("nginx_combined.u32", false, 49)])
  func `every captured datagram is accounted for`(file: String, isJSON: Bool, count: Int) throws {
    let datagrams = Fixture.datagrams(file), expected = expectations(isJSON: isJSON)
    #expect(datagrams.count == count && expected.count == count)
    let first = 1_795_492_742  // 2026-11-24T03:59:02Z
    for (index, (datagram, wanted)) in zip(datagrams, expected).enumerated() {
      if wanted.isRefused {
        #expect(rejection(datagram) == .service, "\(index)")
        continue
      }
      let built = try build(datagram, service: isJSON ? nil : "site")
      #expect(built.path == wanted.path, "\(index)")
      #expect(built.event.method == wanted.method, "\(index)")
      #expect(built.event.status == wanted.status, "\(index)")
      #expect(built.event.bytes == wanted.bytes, "\(index)")
      #expect((first...first + 6).contains(built.event.second), "\(index)")
      #expect(built.event.durationMicroseconds == (isJSON ? built.event.durationMicroseconds : Event.noDuration), "\(index)")
      if isJSON { #expect(built.event.durationMicroseconds <= 2_000, "\(index)") }
    }
  }

  @Test func `combined lines without a site are refused as such`() {
    for datagram in Fixture.datagrams("nginx_combined.u32") { #expect(rejection(datagram) == .service) }
  }

  @Test func `versions come from the request line`() throws {
    let datagrams = Fixture.datagrams("nginx_combined.u32")
    let versions = try datagrams.map { try build($0).event.httpProtocol }
    #expect(versions.filter { $0 == .http10 }.count == 1)
    #expect(versions.filter { $0 == .http09 }.count == 1)
    #expect(versions.filter { $0 == .other }.count == 2)
    #expect(versions.filter { $0 == .http11 }.count == 45)
  }

  @Test(arguments: ["rsyslog_rfc3164_udp.u32", "rsyslog_rfc5424_udp.u32"])
  func `what rsyslog forwards is what nginx sent`(file: String) throws {
    let datagrams = Fixture.datagrams(file)
    #expect(datagrams.count == 13)
    let paths = try datagrams.dropLast().map { try build($0, service: nil).path }
    #expect(paths.prefix(3) == ["/", "/post/1", "/привет"])
    #expect(paths.suffix(2) == ["/", "/q"])
    #expect(rejection(datagrams[12]) == .address)  // sent by hand, without one
  }

  @Test func `what Apache sends through logger is understood`() throws {
    let built = try Fixture.datagrams("apache_logger_udp.u32").filter { !string($0).contains("127.0.0.1:18493") }
      .map { try build($0, service: nil) }
    #expect(built.count == 14)
    #expect(built[0].event.durationMicroseconds == 2_296)
    #expect(built[0].event.status == 404)
    #expect(built[6].path == "/п\"")
    #expect(built[10].path == "/п.html")
    #expect(built[12].path == "/a\"b\\c\nd")
  }

  @Test func `a service with a port is no service`() {
    let refused = Fixture.datagrams("apache_logger_udp.u32").filter { string($0).contains("127.0.0.1:18493") }
    #expect(refused.count == 2)
    for datagram in refused { #expect(rejection(datagram) == .service) }
  }

  @Test func `HAProxy's JSON is understood, its own format refused`() throws {
    let datagrams = Fixture.datagrams("haproxy_udp.u32")
    for datagram in datagrams.prefix(9) { #expect(rejection(datagram, service: "site") == .format) }
    #expect(
      try datagrams.suffix(9).map { try build($0, service: nil).path } == [
        "/", "/", "/", "/a", "/a", "/a", "/п\"", "/п\"", "/п\"",
      ])
  }

  @Test func `Caddy's lines are understood and named by their host`() throws {
    let built = try Fixture.lines("caddy_access.jsonl").map { try build($0, service: nil) }
    #expect(built.map(\.path) == ["/", "/a", "/п\"", "/p"])
    #expect(built.map(\.host) == ["example.com", "example.com", "example.com", "127.0.0.1"])
    #expect(built.map(\.event.durationMicroseconds) == [80, 12, 12, 11])
    #expect(built.map(\.event.method) == [.get, .get, .get, .post])
  }
}
