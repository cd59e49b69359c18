internal import TSEngine

/// Questions of a service page and scans of rows, over a month of a busy site: CPU time of one core.
enum QueryBenchmarks {
  private static let start = QuerySite.start, days = QuerySite.days, now = QuerySite.now

  static func run(events count: Int = 1_000_000) {
    let site = QuerySite(count)
    scans(site.engine, count)
    page(site)
  }

  // MARK: Rows

  private static func scans(_ engine: Engine, _ count: Int) {
    let path = Filter(.path, .is, ["/section-0/page-0"]), status = Filter(.status, .is, ["304"])
    let country = Filter(.country, .is, [Country.codes[2]]), browser = Filter(.browser, .is, ["Browser 0"])
    let good = Filter(.status, .is, ["200"])
    for (name, filters, metrics, audience) in [
      ("path", [path], [Metric.requests], Audience.all),
      ("status", [status], [.requests], .all),
      ("path; bytes, visitors", [path], [.requests, .bytes, .visitors], .all),
      ("country, browser, status; bytes, visitors", [country, browser, good], [.requests, .bytes, .visitors], .all),
      ("path, country, browser; bytes, visitors", [path, country, browser], [.requests, .bytes, .visitors], .all),
      ("host; visitors of people", [Filter(.host, .is, ["example.org"])], [.requests, .visitors], .people),
    ] {
      var query = Query(service: "bench", from: start, to: start + days * 86_400)
      (query.filters, query.metrics, query.audience) = (filters, metrics, audience)
      report("rows: \(name)", engine, query, rows: count)
    }
    for (name, by, filters) in [
      ("by path", Dimension.path, [country]), ("by browser", .browser, [country]),
      ("by path, all", .path, [Filter(.host, .is, ["example.org"])]),
    ] {
      var query = Query(service: "bench", from: start, to: start + days * 86_400)
      (query.filters, query.metrics, query.by, query.limit) = (filters, [.requests], .dimension(by), 10)
      report("rows: \(name)", engine, query, rows: count)
    }
    var minutes = Query(service: "bench", from: now - 86_400, to: now)
    (minutes.filters, minutes.step) = ([Filter(.host, .is, ["example.org"])], .minute)
    report("rows: 1,440 minutes", engine, minutes, rows: count / days)
  }

  private static func report(_ name: String, _ engine: Engine, _ query: Query, rows: Int) {
    let (time, sum) = median { engine.answer(query) }
    Report.text("\(name): \(Int(Double(rows) / time / 1e6)) M rows/s, \(Int(time * 1e6)) µs, checksum \(sum)")
  }

  // MARK: Pages

  /// A service page of 28 days and one of a day.
  private static func page(_ site: QuerySite) {
    let engine = site.engine
    for days in [28, 1] {
      let queries = site.page(days: days)
      let (cold, _) = median(times: 1) { queries.reduce(0) { $0 &+ engine.answer($1) } }
      let (time, sum) = median { queries.reduce(0) { $0 &+ engine.answer($1) } }
      Report.text(
        "page of \(days) days, \(queries.count) questions: \(Int(time * 1e6)) µs, first \(Int(cold * 1e6)) µs, checksum \(sum)")
      for query in queries {
        let (time, _) = median { engine.answer(query) }
        Report.text("  \(query.by?.name ?? "chart"): \(Int(time * 1e6)) µs")
      }
    }
    var week = Query(service: "bench", from: now - 28 * 86_400, to: now)
    (week.by, week.audience) = (.hourOfWeek, .people)
    let (time, sum) = median { engine.answer(week) }
    Report.text("hour of week, 28 days: \(Int(time * 1e6)) µs, checksum \(sum)")
    var any = Query(service: "bench", from: now - 28 * 86_400 + 1_234 * 60, to: now - 4_321 * 60)
    any.metrics = [.visitors]
    let (union, visitors) = median { engine.answer(any) }
    Report.text("visitors of any range: \(Int(union * 1e6)) µs, checksum \(visitors)")
  }

  private static func median(times count: Int = 9, _ body: () -> Int) -> (seconds: Double, sum: Int) {
    var times: [Double] = [], sum = 0
    for _ in 0..<count {
      let began = Clock.cpu()
      sum = body()
      times.append(Clock.cpu() - began)
    }
    return (times.sorted()[count / 2], sum)
  }
}

extension Engine {
  /// A sum of all numbers of the answer.
  fileprivate func answer(_ query: Query) -> Int {
    guard let result = try? self.query(query) else { return -1 }
    let values = result.rows.flatMap(\.values) + result.totals
    return values.reduce(0) { $0 &+ Int($1 ?? 0) }
  }
}
