import Testing

@testable import TSEngine

/// What most sites have most of the time: few visitors. Nobody believes a tool that says 49 where fifty came.
@Suite struct FewVisitorsTests {
  static let start = 1_760_000_000 / 86_400 * 86_400

  /// Hours of exactly `count` visitors each, three requests a visitor, every third visitor a bot.
  private func site(_ count: Int, hours: Int, seed: UInt64) -> (engine: Engine, events: [PlainEvent]) {
    var random = SeededGenerator(seed: seed)
    let agents = SeededEvents.agents(), person = agents.first { !$0.isBot }!, bot = agents.first { $0.isBot }!
    var events: [PlainEvent] = []
    for hour in 0..<hours {
      for visitor in 0..<count {
        for _ in 0..<3 {
          var event = PlainEvent()
          event.second = Self.start + hour * 3_600 + Int.random(in: 0..<3_600, using: &random)
          event.address = UInt64(hour * count + visitor) * 7
          event.agent = visitor % 3 == 2 ? bot : person
          events.append(event)
        }
      }
    }
    events.sort { $0.second < $1.second }
    let engine = SeededEvents.engine(now: Self.start + hours * 3_600)
    SeededEvents.ingest(events, into: engine)
    engine.tick()
    return (engine, events)
  }

  private func visitors(_ engine: Engine, step: Step, hours: Int, _ audience: Audience = .all) throws -> [Int] {
    var query = Query(service: "a", from: Self.start, to: Self.start + hours * 3_600)
    (query.metrics, query.step, query.audience) = ([.visitors], step, audience)
    return try engine.query(query).rows.map { Int($0.values[0]!.rounded()) }
  }

  @Test(arguments: [1, 2, 5, 10, 30, 50, 100])
  func `an hour of up to a hundred visitors is exact in 99 of 100 cases`(count: Int) throws {
    let hours = 100, (engine, _) = site(count, hours: hours, seed: UInt64(count))
    let exact = try visitors(engine, step: .hour, hours: hours).count { $0 == count }
    #expect(exact * 100 >= 99 * hours, "\(exact) of \(hours)")
    let people = try visitors(engine, step: .hour, hours: hours, .people).count { $0 == count - count / 3 }
    #expect(people * 100 >= 99 * hours, "\(people) of \(hours)")
  }

  /// Filters read rows anyway; zones and hours of the week put ranges together from pieces.
  @Test func `with filters, by hour of the week and in the overview too`() throws {
    let (engine, events) = site(12, hours: 48, seed: 3)
    var query = Query(service: "a", from: Self.start, to: Self.start + 48 * 3_600)
    (query.metrics, query.filters) = ([.visitors], [Filter(.path, .is, ["/"])])
    #expect(try engine.query(query).totals[0]?.rounded() == 576)
    (query.filters, query.by) = ([], .hourOfWeek)
    for row in try engine.query(query).rows { #expect(abs(row.values[0]!.rounded() - 12) < 1) }
    query.by = .dimension(.country)
    #expect(try engine.query(query).totals[0]?.rounded() == 576)
    let people = Set(events.filter { !$0.agent.isBot && $0.second >= Self.start + 86_400 }.map(\.address)).count
    #expect(engine.summaries(days: 2, now: Self.start + 48 * 3_600 - 1)[0].visitorsByDay.last == Double(people))
  }

  @Test func `a thousand visitors are within a third of a percent, a range of several thousands within a few`() throws {
    let hours = 12, (engine, _) = site(1_000, hours: hours, seed: 9)
    var errors = SketchAcceptance.Errors()
    for got in try visitors(engine, step: .hour, hours: hours) { errors.add(Double(got) / 1_000 - 1) }
    #expect(errors.rms <= 0.001 && errors.largest <= 0.0034, "\(errors.text)")
    let all = try visitors(engine, step: .all, hours: hours)[0]
    #expect(abs(Double(all) / 12_000 - 1) < 0.025)
  }

  @Test func `a set of tokens is a set, says when it is full and can be used again`() {
    var random = SplitMix(seed: 4)
    let set = TokenSet(), other = TokenSet()
    set.insert(5)
    #expect(set.count == 0 && !set.isComplete)
    for round in 1...3 {
      set.begin()
      var model: Set<UInt32> = []
      for _ in 0..<3_000 {
        let token = UInt32(random.next() % 2_500) * 839 % UInt32(VisitorToken.space)
        set.insert(token)
        model.insert(token)
      }
      #expect(set.isComplete && set.count == model.count, "round \(round)")
      other.begin()
      other.insert(0)
      other.add(set)
      #expect(other.count == model.union([0]).count)
    }
    for token in 0..<UInt32(5_000) { set.insert(token) }
    #expect(!set.isComplete && set.count == TokenSet.limit)
    other.add(set)
    #expect(!other.isComplete)
  }
}
