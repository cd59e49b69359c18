import Glibc
import Synchronization
import TSEngine
import Testing

@testable import Dashboard

@Suite struct ServerTests {
  @Test func `a kept connection answers one request after the other`() throws {
    try withDashboard { dashboard in
      let wire = try Wire(dashboard.port)
      for _ in 0..<3 {
        let answer = try #require(wire.ask("GET /api/v1/status"))
        #expect(answer.status == 200)
        #expect(answer.header("Content-Type") == "application/json")
        #expect(answer.text.hasPrefix(#"{"version":"1.2.3""#))
      }
    }
  }

  @Test func `pipelined requests are answered in their order`() throws {
    try withDashboard { dashboard in
      let wire = try Wire(dashboard.port)
      let paths = ["/-/healthy", "/-/ready", "/nowhere", "/api/v1/query?service=blog&f=is,path,/a", "/-/healthy"]
      wire.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }.joined())
      #expect(paths.map { _ in wire.answer()?.status } == [200, 503, 404, 200, 200])
    }
  }

  @Test func `HEAD says what GET would, without the body`() throws {
    try withDashboard { dashboard in
      let wire = try Wire(dashboard.port)
      for path in ["/", "/services/blog", "/api/v1/status", "/metrics", "/assets/app.css", "/sql"] {
        let head = try #require(wire.ask("HEAD \(path)"))
        let full = try #require(wire.ask("GET \(path)"))
        #expect(head.status == 200 && full.status == 200)
        if path != "/metrics" { #expect(head.header("Content-Length") == full.header("Content-Length"), "\(path)") }
        #expect(Int(full.header("Content-Length") ?? "") == full.body.count)
      }
    }
  }

  @Test func `text is packed when asked for`() throws {
    try withDashboard { dashboard in
      let wire = try Wire(dashboard.port)
      for path in ["/assets/app.css", "/metrics", "/services/blog"] {
        let plain = try #require(wire.ask("GET \(path)")),
          packed = try #require(wire.ask("GET \(path)", "Accept-Encoding: br, gzip\r\n"))
        #expect(plain.header("Content-Encoding") == nil)
        #expect(packed.header("Content-Encoding") == "gzip")
        #expect(packed.body.count < plain.body.count)
        let text = try unpacked(packed.body)
        if path != "/metrics" { #expect(text == plain.body) }
      }
    }
  }

  @Test func `every answer carries the headers of safety`() throws {
    try withDashboard { dashboard in
      for (line, status) in [
        ("GET /", 200), ("GET /nowhere", 404), ("GET /api/v1/query", 400), ("PUT /", 405), ("GET /assets/logo.svg", 200),
      ] {
        let answer = try #require(try Wire(dashboard.port).ask(line))
        #expect(answer.status == status)
        #expect(answer.header("Content-Security-Policy")?.contains("form-action 'self'") == true)
        #expect(answer.header("X-Content-Type-Options") == "nosniff")
        #expect(answer.header("Referrer-Policy") == "same-origin")
      }
    }
  }

  static let heads: [(String, Int)] = [
    ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421), ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.0\r\n\r\n", 200),
    ("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400), ("BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    ("DELETE /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    ("POST /sql HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nContent-Length: 3\r\n\r\nabc", 403),
    ("POST /sql HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 0\r\n\r\n", 403),
    ("POST /sql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
    (
      "POST /sql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
      400
    ),
    ("POST /sql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000\r\n\r\n", 413),
    ("POST /sql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
    ("POST /api/v1/status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 405), ("nonsense\r\n\r\n", 0),
  ]
  @Test(arguments: heads) func `a request that is not ours is refused by its head`(text: String, status: Int) throws {
    try withDashboard { dashboard in
      let wire = try Wire(dashboard.port)
      wire.send(text)
      let got = wire.answer()?.status ?? 0
      // The library itself answers some broken framing; a 400 or 413 or an end of the connection are all a no.
      #expect(got == status || status != 200 && [0, 400, 413].contains(got), "\(got)")
    }
  }

  @Test(arguments: Array(stride(from: 12_000, through: 18_000, by: 250))) func `near the limit a head is answered or refused`(
    count: Int
  ) throws {
    try withDashboard { dashboard in
      let wire = try Wire(dashboard.port)
      wire.send("GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "a", count: count))\r\n\r\n")
      let status = wire.answer()?.status ?? 0
      #expect(status == (count < 16_300 ? 200 : 431), "\(status)")
    }
  }

  @Test func `a head larger than 16 KiB is refused`() throws {
    try withDashboard { dashboard in
      let wire = try Wire(dashboard.port)
      wire.send("GET /?\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n")
      let status = wire.answer()?.status ?? 0
      #expect([0, 413, 414, 431].contains(status))
      #expect(try Wire(dashboard.port).ask("GET /?\(String(repeating: "a", count: 8_000))")?.status == 200)
    }
  }

  @Test func `a chunked form may be 64 KiB and no more`() throws {
    try withDashboard { dashboard in
      for (count, status) in [(60_000, 400), (70_000, 413)] {  // 400: that much text is no statement
        let wire = try Wire(dashboard.port)
        let chunk = "sql=" + String(repeating: "x", count: count - 4)
        let answer = wire.ask(
          "POST /sql", "Accept: application/json\r\nTransfer-Encoding: chunked\r\n",
          body: String(count, radix: 16) + "\r\n\(chunk)\r\n0\r\n\r\n")
        #expect(answer?.status == status)
      }
    }
  }

  @Test func `a log of any length streams into the import`() throws {
    let importer = FakeImport()
    try withDashboard(importer: importer) { dashboard in
      let wire = try Wire(dashboard.port)
      let piece = String(repeating: "y", count: 1 << 20)
      wire.send(
        "POST /api/v1/import?service=Blog&format=combined HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(32 << 20)\r\n\r\n")
      for _ in 0..<32 { wire.send(piece) }
      let answer = try #require(wire.answer())
      #expect(answer.text == #"{"counted":33554432,"rejected":1,"known":0,"excluded":0,"rejected_by":{"format":1}}"#)
      #expect(importer.begun.withLock { $0 } == ["blog combined false"])
      #expect(wire.ask("GET /-/healthy")?.status == 200)  // the connection lives on
    }
  }

  @Test func `four logs come in at once, and a place is free again when one ends`() throws {
    try withDashboard { dashboard in
      let head = "POST /api/v1/import HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n"
      let wires = try (0..<UploadGate.limit).map { _ in try Wire(dashboard.port) }
      for wire in wires {
        wire.send(head + "ab")
        usleep(50_000)
      }
      #expect(try Wire(dashboard.port).ask("POST /api/v1/import", "Content-Length: 0\r\n")?.status == 503)
      wires[0].send("cd")
      #expect(wires[0].answer()?.status == 200)
      #expect(try Wire(dashboard.port).ask("POST /api/v1/import", "Content-Length: 0\r\n")?.status == 200)
    }
  }

  @Test func `an import that breaks off is told so`() throws {
    let importer = FakeImport()
    try withDashboard(importer: importer) { dashboard in
      do {
        let wire = try Wire(dashboard.port)
        wire.send("POST /api/v1/import HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc")
        let end = seconds() + 5
        while importer.session.fed.withLock({ $0 }) == 0, seconds() < end { usleep(10_000) }
      }
      let end = seconds() + 5
      while !importer.session.isCancelled.withLock({ $0 }), seconds() < end { usleep(10_000) }
      #expect(importer.session.isCancelled.withLock { $0 })
    }
  }

  @Test func `a head sent byte by byte is cut, others are not`() throws {
    try withDashboard { dashboard in
      let slow = try Wire(dashboard.port), kept = try Wire(dashboard.port)
      let start = seconds()
      #expect(kept.ask("GET /-/healthy")?.status == 200)
      slow.send("GET / HTTP/1.1\r\nX: ")
      while slow.send("a"), seconds() - start < 12 {
        usleep(200_000)
        var byte: UInt8 = 0
        if unsafe recv(slow.descriptor, &byte, 1, CInt(MSG_DONTWAIT)) == 0 { break }
      }
      let cut = seconds() - start
      #expect(cut > 4 && cut < 8, "cut after \(cut) s")
      #expect(kept.ask("GET /-/healthy")?.status == 200)
    }
  }

  @Test func `one address has 64 connections`() throws {
    try withDashboard { dashboard in
      let wires = try (0..<70).map { _ in try Wire(dashboard.port) }
      let served = wires.count { $0.send("GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n") && $0.answer()?.status == 200 }
      #expect(served == 64)
    }
  }

  @Test func `a slow question keeps nobody waiting`() throws {
    try withDashboard(store: SlowStore()) { dashboard in
      let asking = try Wire(dashboard.port), other = try Wire(dashboard.port)
      let start = seconds()
      asking.send("GET /api/v1/query?service=blog&f=is,path,/a HTTP/1.1\r\nHost: localhost\r\n\r\n")
      usleep(50_000)
      #expect(other.ask("GET /-/healthy")?.status == 200)
      #expect(seconds() - start < 0.45)
      #expect(asking.answer()?.status == 200)
      #expect(seconds() - start > 0.49)
    }
  }

  @Test func `an address others can reach wants a password`() throws {
    func start(_ options: DashboardOptions) throws {
      let dashboard = Dashboard(
        options, store: FakeStore(), accounting: Accounting(), importer: FakeImport(), clock: { fakeNow })
      try dashboard.start(listening: Listener.bind(host: "0.0.0.0", port: 0))
      dashboard.stop()
    }
    let refusal = #expect(throws: DashboardFailure.self) { try start(fakeOptions()) }
    #expect(refusal?.description.contains("--password-file") == true)
    var guarded = fakeOptions()
    guarded.password = PasswordFile(contents: "a:b")
    #expect(throws: Never.self) { try start(guarded) }
    var open = fakeOptions()
    open.insecure = true
    #expect(throws: Never.self) { try start(open) }
  }

  @Test func `only numeric addresses are listened on, and a taken port is named`() throws {
    #expect(throws: Listener.Failure.self) { try Listener.bind(host: "localhost", port: 0) }
    let first = try Listener.bind(host: "127.0.0.1", port: 0)
    defer { close(first) }
    let place = try #require(Listener.address(of: first))
    #expect(place.host == "127.0.0.1" && place.port != 0 && place.isLoopback)
    let failure = #expect(throws: Listener.Failure.self) { try Listener.bind(host: "127.0.0.1", port: place.port) }
    #expect(failure?.description == "cannot listen on 127.0.0.1:\(place.port): bind says Address already in use")
  }
}

/// Half a second for every question.
private final class SlowStore: QueryStore {
  private let inner = FakeStore(fakeEvents())
  func services() -> [String] { inner.services() }
  func query(_ query: Query) throws(QueryError) -> QueryResult {
    usleep(500_000)
    return try inner.query(query)
  }
  func latency(
    service: String, from: Int, to: Int, filters: [Filter], audience: Audience
  ) throws(QueryError) -> LatencyResult { LatencyResult() }
  func returning(
    service: String, before: Range<Int>, window: Range<Int>, audience: Audience
  ) throws(QueryError) -> ReturningResult { ReturningResult() }
  func summaries(days: Int, now: Int) -> [ServiceSummary] { [] }
  func events(
    service: String, from: Int, to: Int, after cursor: Int?, limit: Int
  ) throws(QueryError) -> (rows: [EventRecord], next: Int?) { ([], nil) }
  func counters() -> [ServiceCounters] { [] }
  func status() -> EngineStatus { EngineStatus() }
}
