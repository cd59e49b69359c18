internal import Glibc
internal import TSEngine

/// Our side of `make bench-peers`: the questions `peers.py` asks Redis and DuckDB in the same run, over the same visitors and
/// rows. One line an answer: name, number, unit, check; tab between. Time is CPU time of this thread, the median of nine.
enum PeerBenchmarks {
  private static let start = 1_760_000_000 / 86_400 * 86_400, days = 30
  private static let key = SipKey(k0: 0x0706_0504_0302_0100, k1: 0x0f0e_0d0c_0b0a_0908)

  /// - Parameter directory: where `rows.csv` goes, for a peer to read.
  static func run(directory: String, rows: Int) {
    sketches()
    for minutes in [1_440, 43_200] { union(minutes) }
    anyRange()
    scans(directory, rows)
  }

  private static func line(_ name: String, _ value: Double, _ unit: String, _ check: Int) {
    print("\(name)\t\((value * 1_000).rounded() / 1_000)\t\(unit)\t\(check)")
  }
  private static func median(_ body: () -> Int) -> (seconds: Double, check: Int) {
    var times: [Double] = [], check = 0
    for _ in 0..<9 {
      let began = Clock.cpu()
      check = body()
      times.append(Clock.cpu() - began)
    }
    return (times.sorted()[4], check)
  }

  // MARK: Sketches

  /// Visitor `v` of key `k`, as `peers.py` names them too: neighbouring keys share most of their visitors.
  private static func token(_ visitor: Int) -> UInt32 { VisitorToken(hash: key.hash(UInt64(visitor), 0)).rawValue }

  private static func frozen(_ visitors: Range<Int>, into out: UnsafeMutablePointer<UInt8>) -> Int {
    if visitors.count <= 4_096 {
      var tokens = visitors.map { token($0) }, scratch = tokens
      let distinct = unsafe TokenList.sort(&tokens, count: tokens.count, scratch: &scratch)
      return unsafe TokenList.freeze(tokens, count: distinct, into: out)
    }
    return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 14) { registers in
      unsafe registers.initialize(repeating: 0)
      for visitor in visitors {
        unsafe HyperLogLog.insert(VisitorToken(rawValue: token(visitor)), into: registers.baseAddress!, p: 14)
      }
      return unsafe HyperLogLog.freeze(registers.baseAddress!, p: 14, into: out)
    }
  }

  private static func sketches() {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 16) { out in
      unsafe out.initialize(repeating: 0)
      for count in [10, 100, 1_000, 10_000] {
        line("bytes of \(count) visitors", Double(unsafe frozen(0..<count, into: out.baseAddress!)), "B", count)
      }
    }
    let (seconds, check) = unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 14) { registers in
      median {
        unsafe registers.initialize(repeating: 0)
        for visitor in 0..<1_000_000 {
          unsafe HyperLogLog.insert(VisitorToken(rawValue: token(visitor)), into: registers.baseAddress!, p: 14)
        }
        return unsafe Int(HyperLogLog.estimate(registers.baseAddress!, p: 14))
      }
    }
    line("add a visitor", seconds * 1e3, "ns", check)
  }

  /// Every minute's own sketch, one after the other: what Redis has to do. No range of ours needs it.
  private static func union(_ minutes: Int) {
    let out = UnsafeMutablePointer<UInt8>.allocate(capacity: minutes * 256 + 4_096)
    unsafe out.initialize(repeating: 0, count: minutes * 256 + 4_096)
    defer { unsafe out.deallocate() }
    var ends = [0]
    for minute in 0..<minutes {
      ends.append(ends[minute] + (unsafe frozen(minute * 60..<minute * 60 + 100, into: out + ends[minute])))
    }
    let (seconds, check) = unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 14) { registers in
      median {
        unsafe registers.initialize(repeating: 0)
        for minute in 0..<minutes {
          unsafe TokenList.merge(
            out + ends[minute], count: ends[minute + 1] - ends[minute], into: registers.baseAddress!, p: 14)
        }
        return unsafe Int(HyperLogLog.estimate(registers.baseAddress!, p: 14))
      }
    }
    line("union of \(minutes) sketches of 100", seconds * 1e6, "µs", check)
  }

  /// The same visitors as events of thirty days: days and hours do the bulk of a range with minute edges.
  private static func anyRange() {
    let engine = engine()
    let service = engine.service(named: "peer")
    var batch = EventBatch()
    for minute in 0..<43_200 {
      for visitor in minute * 60..<minute * 60 + 100 {
        var event = Event()
        (event.service, event.second) = (service, start + minute * 60 + visitor % 60)
        event.visitor = VisitorToken(rawValue: token(visitor))
        batch.append(event)
        if batch.isFull { engine.ingest(&batch) }
      }
    }
    engine.ingest(&batch)
    for (name, from) in [("1,440 minutes", 43_200 - 1_440 - 17), ("43,183 minutes", 0)] {
      var query = Query(service: "peer", from: start + from * 60, to: start + (43_200 - 17) * 60)
      query.metrics = [.visitors]
      let (seconds, check) = median { Int((try? engine.query(query))?.totals[0] ?? -1) }
      line("visitors of a range of \(name)", seconds * 1e6, "µs", check)
    }
  }

  private static func engine() -> Engine {
    var options = EngineOptions()
    options.visitorKey = key
    return Engine(options, accounting: Accounting()) { start + days * 86_400 - 1 }
  }

  // MARK: Rows

  /// Rows of thirty days, into the engine and into `rows.csv`; then the questions, whose counts are the checks.
  private static func scans(_ directory: String, _ rows: Int) {
    guard let file = unsafe fopen(directory + "/rows.csv", "w") else { fatalError("cannot write \(directory)/rows.csv") }
    let engine = engine(), service = engine.service(named: "peer")
    let agents = (0..<40).map { index in
      var agent = AgentClass()
      agent.browser = "Browser \(index)"
      return engine.agent(agent)
    }
    var batch = EventBatch(), random = Xorshift()
    unsafe fputs("second,visitor,path,status,country,browser,bytes\n", file)
    for index in 0..<rows {
      var event = Event()
      (event.service, event.second) = (service, start + index * (days * 86_400 - 7_200) / rows)
      let visitor = Int(random.next() % UInt64(max(rows / 10, 1))), path = "/section/page-\(random.skewed(20_000))"
      let status = [200, 200, 200, 200, 304, 301, 404, 500][Int(random.next() % 8)], country = 2 + random.skewed(200)
      let browser = random.skewed(40)
      event.visitor = VisitorToken(rawValue: token(visitor))
      (event.status, event.method, event.bytes) = (UInt16(status), .get, UInt32(random.next() % 60_000))
      (event.country, event.agent) = (Country(rawValue: UInt8(country)), agents[browser])
      event.path = batch.store(Array(path.utf8).span)
      batch.append(event)
      let row = "\(event.second),\(visitor),\(path),\(status),\(Country.codes[country]),Browser \(browser),\(event.bytes)\n"
      unsafe fputs(row, file)
      if batch.isFull { engine.ingest(&batch) }
    }
    engine.ingest(&batch)
    unsafe fclose(file)
    let three = [
      Filter(.country, .is, [Country.codes[2]]), Filter(.browser, .is, ["Browser 0"]), Filter(.status, .is, ["200"]),
    ]
    for (name, filters, metrics) in [
      ("one filter", [Filter(.path, .is, ["/section/page-0"])], [Metric.requests]),
      ("three filters, bytes and visitors", three, [.requests, .bytes, .visitors]),
    ] {
      var query = Query(service: "peer", from: start, to: start + days * 86_400)
      (query.filters, query.metrics) = (filters, metrics)
      let (seconds, check) = median { Int((try? engine.query(query))?.totals[0] ?? -1) }
      line(name, seconds * 1e6, "µs", check)
      line("\(name), rows a second", Double(rows) / seconds / 1e6, "M/s", check)
    }
  }
}
