import Testing

@testable import TSEngine

/// What is still answered, and what is said about it, when rows and rings have given way.
@Suite struct QueryCoverageTests {
  static let start = 1_760_000_000 / 86_400 * 86_400, now = start + 6 * 86_400 - 20_000

  private static func site(
    rowsFrom: Int = 0, keepHours: Int = 840, keepMinutes: Int = 2_880, paths: Int = 40, count: Int = 3_000
  ) -> (engine: Engine, oracle: QueryOracle) {
    let events = SeededEvents.make(count, from: start, seconds: now - start, seed: 8, paths: paths, visitors: 300)
    var options = EngineOptions()
    (options.visitorKey, options.keepHours, options.keepMinutes) = (SeededEvents.key, keepHours, keepMinutes)
    let engine = Engine(options, accounting: Accounting()) { now }
    SeededEvents.ingest(events, into: engine)
    engine.withState { state in
      state.foldAll()
      for series in state.series { series.dropRows(before: rowsFrom / 3_600) }
    }
    return (engine, QueryOracle(events: events))
  }

  private func query(_ from: Int, _ to: Int, _ metrics: [Metric] = [.requests], by: Dimension? = nil) -> Query {
    var query = Query(service: "a", from: from, to: to)
    (query.metrics, query.by, query.limit) = (metrics, by.map { .dimension($0) }, 10_000)
    return query
  }

  @Test func `a filter answers from where rows begin and says so`() throws {
    let rowsFrom = Self.start + 3 * 86_400 + 7_200, (engine, oracle) = Self.site(rowsFrom: rowsFrom)
    var query = query(Self.start, Self.now)
    query.filters = [Filter(.country, .isNot, ["DE"]), Filter(.host, .is, ["example.org"])]
    let result = try engine.query(query)
    #expect(result.coverage == (rowsFrom, .rows) && result.from == Self.start)
    #expect(result.totals == [Double(oracle.select(query, rowsFrom..<Self.now).count)])
    #expect(result.bytesError == nil)
    query.metrics = [.bytes]
    #expect(try engine.query(query).bytesError == RowBlock.bytesError)
  }

  /// Every form of question, with all rows, with some and with none: from when it is covered, and how wrong it may be.
  @Test func `every answer says its coverage and its error, and what it covers is exact`() throws {
    let (engine, oracle) = Self.site()
    for drops in [0, 40, 40, 1_000] {
      engine.withState { state in
        for _ in 0..<drops { _ = state.series[0].dropOldestRows() }
      }
      let rowsFrom = engine.withState { $0.series[0].rowsFrom * 3_600 }
      for by in [nil, .hourOfWeek, .dimension(.path), .dimension(.country)] as [Grouping?] {
        for filters in [[], [Filter(.browser, .isNot, ["Firefox"]), Filter(.country, .is, ["DE", "US"])]] {
          var query = query(Self.start, Self.now, [.requests, .visitors, .bytes])
          (query.by, query.filters) = (by, filters)
          let result = try engine.query(query), note = "rows from \(rowsFrom), by \(by?.name ?? "-"), \(filters.count) filters"
          let source = filters.isEmpty ? (by == nil || by == .hourOfWeek ? .buckets : .tables) : QueryResult.Source.rows
          #expect(result.coverage.source == source, "\(note)")
          #expect(result.coverage.from == (source == .rows ? max(rowsFrom, Self.start) : Self.start), "\(note)")
          let covered = oracle.select(query, result.coverage.from..<Self.now)
          #expect(result.totals[0] == Double(covered.count), "\(note)")
          let error = try #require(result.visitorsError, "\(note)"), visitors = Double(Set(covered.map(\.address)).count)
          #expect(abs(result.totals[1]! - visitors) <= max(1, 4 * error * visitors), "\(note)")
          #expect((result.bytesError != nil) == (source == .rows), "\(note)")
          let bytes = Double(covered.reduce(0) { $0 + $1.bytes })
          #expect(abs(result.totals[2]! - bytes) <= 4 * (result.bytesError ?? 0) * bytes, "\(note)")
        }
      }
      // The minute before what is covered is the last of an hour whose rows are gone.
      engine.withState { #expect(($0.series[0].blocks.first?.hour ?? 1 << 40) * 3_600 >= rowsFrom) }
    }
  }

  @Test(arguments: [Dimension.path, .browser, .referrer, .status, .asset, .entry])
  func `one exact condition is answered by tables where rows do not reach`(dimension: Dimension) throws {
    let (engine, oracle) = Self.site(rowsFrom: Self.start + 4 * 86_400)
    let labels = Set(oracle.events.compactMap { QueryOracle.label($0, dimension) }).sorted().prefix(5)
    for label in labels {
      for step in [Step.all, .day] {
        var query = query(Self.start, Self.start + 5 * 86_400, [.requests, .pageviews, .errors, .bytes, .botShare, .visitors])
        (query.filters, query.step) = ([Filter(dimension, .is, [label])], step)
        let result = try engine.query(query)
        #expect(result.coverage == (Self.start, .tables))
        var rows = result.rows
        if step == .day { #expect(rows.count == 5) } else { rows[0].time = Self.start }
        for row in rows {
          let range = row.time!..<(step == .day ? row.time! + 86_400 : query.to)
          for (metric, got) in zip(query.metrics, row.values) {
            let want = QueryOracle.value(metric, oracle.select(query, range), .all),
              agrees = QueryOracle.agrees(got, want, metric, result)
            #expect(agrees, "\(label) \(step) \(metric): got \(got ?? -1), want \(want ?? -1)")
          }
        }
      }
    }
  }

  @Test func `a list by value is widened to whole days where hours and rows are gone`() throws {
    let (engine, oracle) = Self.site(rowsFrom: Self.start + 5 * 86_400, keepHours: 30)
    let query = query(Self.start + 86_400 + 5_000, Self.start + 3 * 86_400 + 9_000, [.requests, .visitors], by: .path)
    let result = try engine.query(query)
    let whole = Self.start + 86_400..<Self.start + 4 * 86_400
    #expect((result.from, result.to) == (whole.lowerBound, whole.upperBound) && result.coverage == (whole.lowerBound, .tables))
    #expect(result.totals[0] == Double(oracle.select(query, whole).count))
    #expect(result.rows.reduce(0) { $0 + $1.values[0]! } == result.totals[0])
  }

  @Test func `without rings a chart shows each day at its beginning, and loses nothing`() throws {
    let (engine, oracle) = Self.site(keepHours: 30, keepMinutes: 60)
    var query = query(Self.start + 4_000, Self.start + 2 * 86_400)
    query.step = .hour
    let result = try engine.query(query), filled = result.rows.filter { $0.values[0]! > 0 }
    #expect(filled.map(\.time) == [Self.start, Self.start + 86_400])
    #expect((result.from, result.to) == (Self.start, Self.start + 2 * 86_400))
    #expect(result.totals[0] == Double(oracle.select(query, result.from..<result.to).count))
    #expect(filled.reduce(0) { $0 + $1.values[0]! } == result.totals[0])
  }

  /// 400 paths in 256-value hours and 64 sketches a day: what is cut is `~other`, what has no sketch is said or read from rows.
  @Test func `rows answer visitors that days did not sketch, and without rows the error says it`() throws {
    let day = 86_400, from = Self.start + day, to = Self.start + 3 * day
    for rowsFrom in [0, Self.start + 5 * day] {
      let (engine, oracle) = Self.site(rowsFrom: rowsFrom, paths: 900, count: 20_000)
      let result = try engine.query(query(from, to, [.requests, .visitors], by: .path))
      #expect(result.coverage.source == .tables)
      #expect(result.rows.reduce(0) { $0 + $1.values[0]! } == result.totals[0])
      let events = oracle.select(query(from, to), from..<to)
      if rowsFrom == 0 {
        #expect(result.visitorsError! < 0.04)
        for row in result.rows {
          let want = Double(Set(events.filter { $0.path == row.label }.map(\.address)).count)
          #expect(abs(row.values[1]! - want) <= max(2, 0.15 * want), "\(row.label!)")
        }
      } else {
        #expect(result.visitorsError! > 0.5)
      }
    }
  }

  /// A late event makes a bucket before the beginning of a ring; what lies between is gone all the same.
  @Test func `late events into what was dropped do not make it seem complete`() throws {
    let (engine, oracle) = Self.site()
    var late = PlainEvent()
    (late.second, late.address) = (Self.start + 4 * 86_400 + 100, 1 << 30)
    var older = late
    older.second = Self.start + 86_400 + 100
    engine.withState { state in
      let series = state.series[0]
      for _ in 0..<40 { _ = series.dropOldestMinutes() }
      for _ in 0..<3 { _ = series.dropOldestHours() }
    }
    for _ in 0..<3 {
      SeededEvents.ingest([late, older], into: engine)
      engine.withState { state in
        state.foldAll()
        state.tick(now: Self.now + 86_400)
        _ = (state.series[0].dropOldestMinutes(), state.series[0].dropOldestHours())
        state.checkInvariants()
      }
    }
    let all = QueryOracle(events: oracle.events + Array(repeating: late, count: 3) + Array(repeating: older, count: 3))
    for (from, to) in [(0, 5 * 86_400), (86_400, 2 * 86_400 + 7_200), (4 * 86_400 + 3_600, 4 * 86_400 + 20_000)] {
      var query = query(Self.start + from, Self.start + to)
      for step in [Step.all, .hour] {
        query.step = step
        let result = try engine.query(query), want = Double(all.select(query, result.from..<result.to).count)
        #expect(result.totals[0] == want, "\(from)…\(to) by \(step)")
        if step == .hour { #expect(result.rows.reduce(0) { $0 + $1.values[0]! } == want, "\(from)…\(to)") }
      }
    }
  }

  @Test func `hours of the week are answered as far back as hours are kept`() throws {
    let (engine, oracle) = Self.site(keepHours: 60)
    var query = query(Self.start, Self.now, [.requests, .visitors])
    query.by = .hourOfWeek
    let result = try engine.query(query)
    #expect(
      result.coverage.from % 86_400 == 0 && result.coverage.from > Self.start && result.coverage.from < Self.now - 30 * 3_600)
    #expect(result.totals[0] == Double(oracle.select(query, result.coverage.from..<Self.now).count))
    #expect(result.rows.map { Int($0.label!)! } == result.rows.map { Int($0.label!)! }.sorted())
  }

  @Test func `an empty range and a service nobody knows are errors, an empty service is zeros`() throws {
    let (engine, _) = Self.site()
    #expect(throws: QueryError.self) { try engine.query(query(Self.now, Self.now)) }
    #expect(throws: QueryError.unknownService("b")) { try engine.query(Query(service: "b", from: 0, to: 1)) }
    _ = engine.service(named: "b")
    var empty = query(Self.start, Self.now, Metric.allCases)
    (empty.service, empty.step) = ("b", .day)
    let result = try engine.query(empty)
    #expect(result.rows.count == 6 && result.totals == [0, 0, 0, 0, nil, nil, nil, nil, 0, nil, nil])
    empty.by = .dimension(.path)
    #expect(try engine.query(empty).rows.isEmpty)
  }
}
