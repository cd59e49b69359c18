import Testing

@testable import TSEngine

/// Paths that do not exist, as scanners ask for by the thousand.
@Suite struct NotFoundTests {
  private func ingest(_ paths: some Sequence<String>, status: UInt16, into engine: Engine) {
    let site = engine.service(named: "a")
    var batch = EventBatch()
    for path in paths {
      if batch.isFull { engine.ingest(&batch) }
      var event = Event()
      let bytes = Array(path.utf8)
      (event.service, event.second, event.status, event.path) = (site, 1_800_000_000, status, batch.store(bytes.span))
      batch.append(event)
    }
    engine.ingest(&batch)
  }

  private func requests(_ engine: Engine, _ path: String) throws -> Int {
    var query = Query(service: "a", from: 1_799_990_000, to: 1_800_010_000)
    (query.metrics, query.filters) = ([.requests], [Filter(.path, .is, [path])])
    return Int(try engine.query(query).totals[0] ?? 0)
  }

  @Test func `while there is room each has its name`() throws {
    let engine = Engine(EngineOptions(), accounting: Accounting()) { 1_800_000_100 }
    ingest((0..<1_000).map { "/nothing/\($0)" }, status: 404, into: engine)
    #expect(try requests(engine, "/nothing/7") == 1 && requests(engine, "~not-found") == 0)
  }

  @Test func `when paths are crowded they are one value, and pages still find room`() throws {
    let engine = Engine(EngineOptions(), accounting: Accounting()) { 1_800_000_100 }
    ingest(["/known-missing"], status: 404, into: engine)
    ingest((0...Limits.pathCodes / 2).map { "/page/\($0)" }, status: 200, into: engine)
    ingest(["~not-found"], status: 200, into: engine)  // its first sight is refused as any other's
    for _ in 0..<2 { ingest((0..<20_000).map { "/wp-\($0).php" }, status: 404, into: engine) }
    ingest(["/known-missing"], status: 404, into: engine)
    for _ in 0..<2 { ingest(["/new-page"], status: 200, into: engine) }
    #expect(try requests(engine, "~not-found") >= 39_999)
    #expect(try requests(engine, "/wp-7.php") == 0)
    #expect(try requests(engine, "/known-missing") == 2)
    #expect(try requests(engine, "/new-page") == 1)  // from its second sight on
  }
}
