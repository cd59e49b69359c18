@testable import TSEngine

/// All that an engine knows, read bucket by bucket and spelt with labels instead of codes, so that two engines can be
/// compared whatever the order in which they first saw their strings. Minutes, hours and days as they are put together
/// from closed and open parts; rows as a sorted list, since blocks may cut an hour in other places.
struct EngineContents: Equatable {
  struct Sums: Hashable {
    var requests = 0, pageviews = 0, errors = 0, timed = 0, bytes = 0, microseconds = 0
    static func + (a: Sums, b: Sums) -> Sums {
      Sums(
        requests: a.requests + b.requests, pageviews: a.pageviews + b.pageviews, errors: a.errors + b.errors,
        timed: a.timed + b.timed, bytes: a.bytes + b.bytes, microseconds: a.microseconds + b.microseconds)
    }
  }
  struct Bucket: Equatable {
    var sums = Sums(), statuses: [Int: Int] = [:], latency: [Int: Int] = [:], registers: [UInt8] = []
  }
  /// By service and "piece audience".
  var buckets: [String: Bucket] = [:]
  /// By service and "piece dimension audience", then label.
  var tables: [String: [String: Sums]] = [:]
  /// Registers (p = 10) of a day's values, by service and "day dimension audience", then label.
  var values: [String: [String: [UInt8]]] = [:]
  var rows: [String: [String]] = [:]

  static let audiences: [(name: String, people: Bool, bots: Bool)] = [
    ("people", true, false), ("bots", false, true), ("all", true, true),
  ]

  init() {}
  init(_ engine: Engine, hours: Range<Int>, minutesOf: Range<Int>? = nil) {
    let scratch = QueryScratch()
    engine.withState { state in
      state.foldAll()
      for series in state.series {
        let days = hours.lowerBound / 24..<(hours.upperBound + 23) / 24
        let minutes = (minutesOf ?? hours).lowerBound * 60..<(minutesOf ?? hours).upperBound * 60
        let pieces = days.map { Piece.day($0) } + hours.map { Piece.hour($0) } + minutes.map { Piece.minute($0) }
        for piece in pieces { add(series, piece, scratch) }
        for day in days { addValues(series, day: day, scratch.slots) }
      }
    }
    for service in engine.services() {
      let rows = try? engine.events(
        service: service, from: hours.lowerBound * 3_600, to: hours.upperBound * 3_600, after: nil, limit: 1 << 20)
      self.rows[service] = rows?.rows.map { "\($0)" }.sorted()
    }
  }

  private mutating func add(_ series: Series, _ piece: Piece, _ scratch: QueryScratch) {
    for (name, people, bots) in Self.audiences {
      let sums = scratch.tally
      sums.clear()
      series.addTally(piece, people: people, bots: bots, into: sums, wanting: [.latency, .visitors])
      if sums.requests > 0 { buckets["\(series.name) \(piece) \(name)"] = Bucket(sums) }
      if sums.allRequests == 0 { return }
      if case .minute = piece { continue }
      for dimension in Dimension.allCases {
        let table = scratch.table
        table.clear()
        series.addTable(piece, dimension, people: people, bots: bots, into: table)
        var found: [String: Sums] = [:]
        for index in 0..<table.seenCount {
          let code = table.code(at: index), sums = unsafe Sums(table.sums[code])
          if sums.requests > 0 { found[series.label(dimension, code)] = sums }
        }
        if !found.isEmpty { tables["\(series.name) \(piece) \(dimension.name) \(name)"] = found }
      }
    }
  }

  private mutating func addValues(_ series: Series, day: Int, _ slots: ValueSlots) {
    for (name, people, bots) in Self.audiences {
      for dimension in Dimension.allCases {
        let codes = Array(0..<min(series.codes(of: dimension), ValueSlots.maxSlots))
        slots.begin(codes, precision: Limits.valuePrecision)
        series.addVisitors(day: day, dimension, people: people, bots: bots, into: slots)
        var found: [String: [UInt8]] = [:]
        for (slot, code) in codes.enumerated() {
          let registers = unsafe Array(UnsafeBufferPointer(start: slots.registers(slot: slot), count: 1 << 10))
          if registers.contains(where: { $0 != 0 }) { found[series.label(dimension, code)] = registers }
        }
        if !found.isEmpty { values["\(series.name) \(day) \(dimension.name) \(name)"] = found }
      }
    }
  }

  /// The first few differences, in words.
  func differences(from other: EngineContents) -> [String] {
    func keys<V: Equatable>(_ a: [String: V], _ b: [String: V]) -> [String] {
      Set(a.keys).union(b.keys).filter { a[$0] != b[$0] }.sorted()
    }
    let all =
      keys(buckets, other.buckets) + keys(tables, other.tables) + keys(values, other.values) + keys(rows, other.rows)
    return Array(all.prefix(5))
  }
}

extension EngineContents.Sums {
  init(_ sums: TableAccumulator.Sums) {
    (requests, pageviews, errors) = (sums.requests, sums.pageviews, sums.errors)
    (timed, bytes, microseconds) = (sums.timed, sums.bytes, sums.microseconds)
  }
  init(_ events: [PlainEvent]) {
    for event in events {
      requests += 1
      pageviews += event.isPageview ? 1 : 0
      errors += event.status >= 500 ? 1 : 0
      timed += event.microseconds == nil ? 0 : 1
      bytes += event.bytes
      microseconds += Int(event.microseconds ?? 0)
    }
  }
}

extension EngineContents.Bucket {
  init(_ sums: TallyAccumulator) {
    self.sums = .init(
      requests: sums.requests, pageviews: sums.pageviews, errors: sums.errors, timed: sums.timed, bytes: sums.bytes,
      microseconds: sums.microseconds)
    for status in 0..<Limits.statusCodes where unsafe sums.statuses[status] > 0 {
      statuses[status] = unsafe Int(sums.statuses[status])
    }
    for index in 0..<LatencyHistogram.count where unsafe sums.histogram[index] > 0 {
      latency[index] = unsafe Int(sums.histogram[index])
    }
    registers = unsafe Array(UnsafeBufferPointer(start: sums.registers, count: 1 << Limits.bucketPrecision))
  }

  /// The naive model: what a bucket of these events must be.
  init(_ events: [PlainEvent]) {
    sums = .init(events)
    statuses = Dictionary(grouping: events, by: \.status).mapValues(\.count)
    for duration in events.compactMap(\.microseconds) {
      latency[LatencyHistogram.index(ofMicroseconds: duration), default: 0] += 1
    }
    let sketch = Registers(p: Limits.bucketPrecision, events.map(\.token))
    registers = sketch.values
  }
}

extension PlainEvent {
  var token: VisitorToken { VisitorToken(hash: SeededEvents.key.hash(address, 7)) }
}

extension EngineContents {
  /// The naive model: dictionaries over plain events.
  init(model events: [PlainEvent], hours: Range<Int>, minutesOf: Range<Int>? = nil) {
    for (service, mine) in Dictionary(grouping: events, by: \.service) {
      for (name, people, bots) in Self.audiences {
        let wanted = mine.filter { $0.agent.isBot ? bots : people }
        func add(_ unit: Int, _ piece: (Int) -> Piece, tables wantsTables: Bool) {
          for (number, inside) in Dictionary(grouping: wanted, by: { $0.second / unit }) {
            if unit == 60, !(minutesOf ?? hours).contains(number / 60) { continue }
            buckets["\(service) \(piece(number)) \(name)"] = Bucket(inside)
            for dimension in Dimension.allCases where wantsTables {
              let groups = Dictionary(grouping: inside.filter { QueryOracle.label($0, dimension) != nil }) {
                QueryOracle.label($0, dimension)!
              }
              if groups.isEmpty { continue }
              tables["\(service) \(piece(number)) \(dimension.name) \(name)"] = groups.mapValues { Sums($0) }
              guard unit == 86_400 else { continue }
              values["\(service) \(number) \(dimension.name) \(name)"] = groups.mapValues {
                Registers(p: Limits.valuePrecision, $0.map(\.token)).values
              }
            }
          }
        }
        add(60, { .minute($0) }, tables: false)
        add(3_600, { .hour($0) }, tables: true)
        add(86_400, { .day($0) }, tables: true)
      }
    }
  }
}
