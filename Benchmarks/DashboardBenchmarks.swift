internal import Dashboard
internal import Glibc
internal import TSEngine

/// What HTTP costs beyond the engine: requests over a real socket, answers of the pure router, memory of a server at rest.
///
/// Server CPU is the process' less this thread's, so the client's part does not count.
enum DashboardBenchmarks {
  static func run(requests count: Int = 20_000) {
    let before = residentKiB()
    let dashboard = made()
    guard let descriptor = try? Listener.bind(host: "127.0.0.1", port: 0), (try? dashboard.start(listening: descriptor)) != nil
    else {
      return Report.text("http: no socket to be had")
    }
    defer { dashboard.stop() }
    usleep(20_000)
    Report.text("http: a listening server adds \(residentKiB() - before) KiB resident")
    for (name, target, headers) in [
      ("healthy", "/-/healthy", ""), ("status", "/api/v1/status", ""), ("query, 30 days", query, ""),
      ("query, 30 days, gzip", query, "Accept-Encoding: gzip\r\n"), ("filtered query, on a lane", query + "&f=is,path,/a", ""),
      ("service page", "/services/bench", ""), ("metrics", "/metrics", ""),
      ("asset, packed", "/assets/service.js", "Accept-Encoding: gzip\r\n"),
    ] { socket(name, dashboard.port, target, headers, count) }
    sql(dashboard.port)
    Report.text("http: after all that the process has \(residentKiB() - before) KiB more, peak \(Clock.residentPeak()) KiB")
    router(dashboard)
  }

  private static let query = "/api/v1/query?service=bench&from=2026-09-02&to=2026-10-02&step=day"

  private static func made() -> Dashboard {
    Dashboard(DashboardOptions(), store: StillStore(), accounting: Accounting(), importer: NoImport(), clock: { 1_790_942_430 })
  }

  // MARK: Parts

  private static func router(_ dashboard: Dashboard) {
    for (name, target) in [("query, 30 days", query), ("service page", "/services/bench")] {
      var sum = 0
      let start = Clock.cpu()
      for _ in 0..<5_000 { sum += dashboard.respond(to: target).body.count }
      Report.line("router: \(name)", nanoseconds: (Clock.cpu() - start) / 5_000 * 1e9, checksum: sum)
    }
  }

  /// Sixteen kept connections, one request under way on each.
  private static func socket(_ name: String, _ port: Int, _ target: String, _ headers: String, _ count: Int) {
    let request = "GET \(target) HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n"
    let wires = (0..<16).compactMap { _ in Connection(port) }
    defer { for wire in wires { wire.end() } }
    guard wires.count == 16 else { return Report.text("http: \(name): no connection to be had") }
    var bytes = 0
    let process = processCPU(), own = Clock.cpu()
    for _ in 0..<count / 16 {
      for wire in wires { wire.send(request) }
      for wire in wires { bytes += wire.receive() }
    }
    let server = (processCPU() - process) - (Clock.cpu() - own)
    let each = Int(server / Double(count / 16 * 16) * 1e8)
    Report.text(
      "http: \(name): \(Double(each) / 100) µs of server CPU a request, \(bytes / (count / 16 * 16)) bytes, checksum \(bytes)")
  }

  private static func sql(_ port: Int) {
    guard let wire = Connection(port) else { return }
    defer { wire.end() }
    let body = "format=json&sql=SELECT+count(*),sum(bytes)+FROM+requests"
    let start = processCPU(), own = Clock.cpu()
    var bytes = 0
    for _ in 0..<50 {
      wire.send("POST /sql HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
      bytes += wire.receive()
    }
    let each = Int((processCPU() - start - (Clock.cpu() - own)) / 50 * 1e6)
    Report.text("sql: open, count 10,000 rows, close: \(each) µs, checksum \(bytes)")
  }

  // MARK: The kernel's figures

  private static func processCPU() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
  private static func residentKiB() -> Int {
    let file = unsafe open("/proc/self/statm", O_RDONLY)
    defer { close(file) }
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 128) { room, count in
      count = unsafe max(0, read(file, room.baseAddress, 128))
    }
    return (String(decoding: bytes, as: UTF8.self).split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4
  }
}

/// A client of a kept connection that trusts Content-Length.
private struct Connection {
  private let descriptor: CInt

  init?(_ port: Int) {
    descriptor = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = unsafe withUnsafeBytes(of: &address) {
      unsafe connect(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), 16)
    }
    guard connected == 0 else {
      close(descriptor)
      return nil
    }
  }
  func end() { close(descriptor) }

  func send(_ text: String) {
    var text = text
    _ = text.withUTF8 { unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
  }

  /// One whole answer; its bytes.
  func receive() -> Int {
    var got: [UInt8] = []
    var wanted = Int.max
    while got.count < wanted {
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { room, count in
        count = unsafe max(0, recv(descriptor, room.baseAddress, room.count, 0))
      }
      if piece.isEmpty { break }
      got += piece
      if wanted == .max, let head = Self.head(got) { wanted = head }
    }
    return got.count
  }

  /// Bytes of head and body, once the head is there.
  private static func head(_ bytes: [UInt8]) -> Int? {
    guard let end = find("\r\n\r\n", bytes), let at = find("Content-Length: ", bytes) else { return nil }
    return end + bytes[at...].prefix { $0 &- 48 < 10 }.reduce(0) { $0 * 10 + Int($1 - 48) }
  }
  /// Where the first `mark` ends.
  private static func find(_ mark: String, _ bytes: [UInt8]) -> Int? {
    let mark = Array(mark.utf8)
    for start in 0...max(0, bytes.count - mark.count)
    where bytes[start] == mark[0] && bytes[start...].starts(with: mark) { return start + mark.count }
    return nil
  }
}

/// The same small answer to everything, so that only what is around it is measured.
private final class StillStore: QueryStore {
  func services() -> [String] { ["bench"] }
  func query(_ query: Query) throws(QueryError) -> QueryResult {
    var result = QueryResult()
    (result.from, result.to, result.visitorsError) = (query.from, query.to, 0.0081)
    result.totals = query.metrics.map { _ in 123_456 }
    guard query.step != .all else { return result }
    result.rows = stride(from: query.from, to: query.to, by: 86_400).map {
      .init(time: $0, label: nil, values: query.metrics.map { _ in 4_321 })
    }
    return result
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
  ) throws(QueryError) -> (rows: [EventRecord], next: Int?) {
    var record = EventRecord()
    (record.path, record.bytes, record.status) = ("/some/path/of/a/page", 1_234, 200)
    let start = cursor ?? 0, count = min(limit, 10_000 - start)
    return (Array(repeating: record, count: count), start + count < 10_000 ? start + count : nil)
  }
  func counters() -> [ServiceCounters] {
    var one = ServiceCounters()
    one.service = "bench"
    one.durationCounts = Array(0...ServiceCounters.durationBounds.count)
    one.requests = [(.get, 2, 99), (.post, 4, 1)]
    return [one]
  }
  func status() -> EngineStatus { EngineStatus() }
}

private struct NoImport: ImportSink {
  func begin(service: String?, format: String, again: Bool) throws(ImportRefusal) -> any ImportSession {
    throw ImportRefusal(code: "unknown_format", message: "cannot import: nothing behind it")
  }
}
