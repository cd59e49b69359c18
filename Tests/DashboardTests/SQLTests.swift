import Synchronization
import TSEngine
import Testing

@testable import Dashboard

@Suite struct SQLTests {
  private func run(_ sql: String, _ events: [FakeStore.Event] = fakeEvents(), seconds: Double = 1) throws -> SQLAnswer {
    let store = FakeStore(events)
    let budget = SQLBudget(seconds: seconds, isStopping: { false })
    return try SQLite([.requests(store), .buckets(store, now: fakeNow)], budget: budget).run(sql)
  }
  private func failure(_ sql: String, _ events: [FakeStore.Event] = fakeEvents(), seconds: Double = 1) -> SQLFailure? {
    do { _ = try run(sql, events, seconds: seconds) } catch { return error as? SQLFailure }
    return nil
  }

  @Test func `requests are rows`() throws {
    let answer = try run("SELECT * FROM requests WHERE bot <> ''")
    #expect(answer.columns.count == 21 && answer.columns.prefix(3) == ["service", "time", "path"])
    #expect(
      answer.rows == [
        [
          .text("blog"), .integer(fakeNow - 86_430), .text("/<b>&\"'"), .text(""), .text(""), .text("Direct"), .text(""),
          .text("blog.example"),
          .text("ZZ"), .text(""), .text("149"), .text("Linux"), .text(""), .text("Desktop"), .text("Googlebot"), .text("GET"),
          .text("HTTP/2.0"),
          .integer(503), .integer(7), .real(1.5), .integer(1),
        ]
      ])
    #expect(
      try run("SELECT count(*), sum(bytes), count(duration) FROM requests").rows == [[.integer(5), .integer(707), .integer(4)]])
    #expect(
      try run("SELECT path, count(*) AS n FROM requests WHERE NOT is_bot GROUP BY path ORDER BY n DESC").rows
        == [[.text("/a"), .integer(3)], [.text("/b"), .integer(1)]])
  }

  @Test func `buckets are metrics by step and audience`() throws {
    #expect(
      try run("SELECT date(time, 'unixepoch'), visitors, requests, errors, error_rate FROM buckets").rows == [
        [.text("2026-10-01"), .integer(3), .integer(3), .integer(1), .real(0.333333)],
        [.text("2026-10-02"), .integer(2), .integer(2), .integer(0), .real(0)],
      ])
    #expect(
      try run("SELECT step, audience, time % 86400 / 3600, requests FROM buckets WHERE step = 'hour' AND audience = 'people'")
        .rows
        == [11, 12, 11, 12].map { [.text("hour"), .text("people"), .integer($0), .integer(1)] })
    #expect(try run("SELECT step, sum(requests) FROM buckets WHERE step IN ('hour', 'day') GROUP BY step").rows.count == 2)
    #expect(try run("SELECT * FROM buckets WHERE step = 'year'").rows.isEmpty)
    #expect(try run("SELECT * FROM buckets WHERE audience = 'nobody'").rows.isEmpty)
    #expect(try run("SELECT * FROM buckets").columns.contains("step") == false)
  }

  static let ranges: [(String, Int)] = [
    ("time >= \(fakeNow - 120)", 2), ("time > \(fakeNow - 90)", 1), ("time = \(fakeNow - 30)", 1), ("time = \(fakeNow)", 0),
    ("time < \(fakeNow - 3_600)", 3), ("time <= \(fakeNow - 86_430)", 3), ("time BETWEEN \(fakeNow - 90) AND \(fakeNow)", 2),
    ("time >= \(fakeNow).5 - 90", 1), ("time > 'x'", 0), ("time < 'x'", 5), ("time IS NULL", 0), ("time > -1e300", 5),
    ("time < 1e300", 5),
    ("time <> 0", 5),
    ("service = 'blog'", 5), ("service = 'BLOG'", 0), ("service = 'none'", 0), ("service IN ('blog', 'none')", 5),
    ("service > 'a'", 5),
    ("service = NULL", 0), ("service = 'blog' AND time >= \(fakeNow - 120)", 2),
  ]
  @Test(arguments: ranges) func `what is handed down leaves out nothing that belongs`(condition: String, count: Int) throws {
    #expect(try run("SELECT count(*) FROM requests WHERE \(condition)").rows == [[.integer(count)]])
    // The unary plus keeps SQLite from handing it down: the same question, answered by SQLite alone.
    let plain = condition.replacing("time ", with: "+time ").replacing("service ", with: "+service ")
    #expect(try run("SELECT count(*) FROM requests WHERE \(plain)").rows == [[.integer(count)]])
  }

  @Test func `ranges reach the engine`() throws {
    let seen = Mutex<[SQLRange]>([])
    let table = SQLTable(name: "t", meaning: "", columns: SQLTable.buckets(FakeStore(), now: 0).columns) { range in
      seen.withLock { $0.append(range) }
      return NoRows()
    }
    let budget = SQLBudget(seconds: 1, isStopping: { false })
    _ = try SQLite([table], budget: budget).run(
      "SELECT * FROM t WHERE service = 'a' AND time >= 60 AND time < 180 AND step = 'hour' AND audience = 'bots'")
    #expect(seen.withLock { $0.last } == SQLRange(service: "a", step: "hour", audience: "bots", from: 60, to: 180))
  }
  private final class NoRows: SQLRows {
    func next() -> Bool { false }
    func value(_ column: Int) -> SQLValue { .null }
  }

  static let forbidden = [
    "PRAGMA database_list", "PRAGMA writable_schema = 1", "ATTACH '/tmp/x.db' AS x", "ATTACH ':memory:' AS x", "DETACH main",
    "CREATE TABLE t(a)", "CREATE TEMP TABLE t(a)", "CREATE VIEW v AS SELECT 1", "CREATE VIRTUAL TABLE t USING fts5(a)",
    "CREATE TRIGGER t AFTER INSERT ON requests BEGIN SELECT 1; END", "INSERT INTO requests(path) VALUES ('x')",
    "DELETE FROM requests",
    "UPDATE requests SET path = ''", "DROP TABLE requests", "VACUUM", "VACUUM INTO '/tmp/x'", "REINDEX", "ANALYZE", "BEGIN",
    "COMMIT",
    "SAVEPOINT x", "SELECT load_extension('/tmp/x.so')", "SELECT readfile('/etc/passwd')", "SELECT writefile('/tmp/x', 'y')",
    "SELECT fts3_tokenizer('x')", "SELECT zeroblob(1000000000)", "SELECT randomblob(10)", "SELECT sqlite_version()",
    "SELECT printf('%1000000d', 1)", "SELECT * FROM pragma_database_list", "SELECT * FROM pragma_table_info('requests')",
    "SELECT * FROM json_each('[1]')", "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE requests", "", "  -- nothing", ";",
    "SELECT 1\u{0}; SELECT 2", "SELECT * FROM nothing", "SELECT nothing FROM requests", "SELECT ?1 +", "nonsense",
    "WITH x AS (DELETE FROM requests RETURNING 1) SELECT * FROM x",
  ]
  @Test(arguments: forbidden) func `nothing but one SELECT over our tables is run`(sql: String) {
    let failure = failure(sql)
    #expect(failure != nil)
    #expect(failure?.message.hasPrefix("cannot ") == true)
  }

  @Test(arguments: [
    "SELECT 1;", "SELECT 1 -- done", "SELECT 1; -- done\n ;",
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 10) SELECT * FROM n",
    "SELECT path, row_number() OVER (ORDER BY time) FROM requests", "EXPLAIN QUERY PLAN SELECT * FROM requests",
    "SELECT count(*) FROM (SELECT DISTINCT path FROM requests)",
    "SELECT a.path FROM requests a JOIN requests b ON a.time = b.time",
    "SELECT path FROM requests WHERE path LIKE '%a%' ESCAPE '!'",
    "SELECT unixepoch(), strftime('%Y', time, 'unixepoch') FROM requests",
  ]) func `what only reads is run`(sql: String) throws {
    #expect(try run(sql).rows.count > 0)
  }

  @Test func `the examples of the page run`() throws {
    for (_, sql) in Context.exampleStatements { #expect(throws: Never.self) { try run(sql) } }
  }

  @Test func `an endless statement gives up in time`() {
    let start = seconds()
    let endless = failure(
      "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n", seconds: 0.2)
    #expect(endless?.code == "sql_too_long")
    #expect(seconds() - start < 2)
  }

  @Test func `a statement of too much memory fails alone`() {
    let big = failure(
      "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 300000) "
        + "SELECT group_concat(x, 'xxxxxxxxxxxxxxxx') FROM n", seconds: 20)
    #expect(big?.code == "sql_too_big", "\(String(describing: big))")
    let sort = failure(
      "WITH RECURSIVE n(x, y) AS (SELECT 1, 'a' UNION ALL SELECT x + 1, x || 'some text that has to be kept in memory for the sort' FROM n "
        + "LIMIT 2000000) SELECT * FROM n ORDER BY y DESC, x", seconds: 60)
    #expect(sort?.code == "sql_too_big", "\(String(describing: sort))")
    #expect(throws: Never.self) { try run("SELECT 1") }
  }

  @Test func `an answer is cut at 10,000 rows and at 4 MiB`() throws {
    let rows = try run("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 20000) SELECT x FROM n")
    #expect(rows.rows.count == 10_000 && rows.isCut)
    let exact = try run("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 10000) SELECT x FROM n")
    #expect(exact.rows.count == 10_000 && !exact.isCut)
    let wide = try run(
      "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 9000) "
        + "SELECT replace('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') FROM n")
    #expect(wide.isCut && wide.rows.count > 2_000 && wide.rows.count < 3_000)
  }

  @Test func `many rows are walked in batches, and a short LIMIT reads few`() throws {
    var events: [FakeStore.Event] = []
    for index in 0..<3_000 {
      var event = fakeEvents()[0]
      event.service = index < 1_500 ? "blog" : "docs"
      event.second = fakeNow - 5_000 + index
      events.append(event)
    }
    #expect(
      try run("SELECT service, count(*) FROM requests GROUP BY 1", events).rows.map { $0[1] } == [
        .integer(1_500), .integer(1_500),
      ])
    #expect(
      try run("SELECT time FROM requests WHERE service = 'docs' LIMIT 1", events).rows == [
        [.integer((fakeNow - 3_500) / 60 * 60)]
      ])
  }
}
