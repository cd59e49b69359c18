import Testing

@testable import TSEngine

/// New and returning visitors of two windows against sets of addresses, and the rule of three sigma.
@Suite struct ReturningTests {
  static let start = 1_760_000_000 / 86_400 * 86_400, day = 86_400, now = start + 4 * day

  /// Visitors 0 ..< a before, b of them anew from `a − shared` on in the window: `shared` returned.
  private func site(before a: Int, window b: Int, shared: Int) -> Engine {
    let agents = SeededEvents.agents(), bot = agents.first { $0.isBot }!
    var events: [PlainEvent] = []
    func visit(_ address: Int, at second: Int) {
      var event = PlainEvent()
      (event.second, event.address) = (second, UInt64(address))
      if address % 5 == 4 { event.agent = bot }
      events.append(event)
    }
    for index in 0..<a { visit(index, at: Self.start + index * 80_000 / max(a, 1)) }
    for index in 0..<b { visit(a - shared + index, at: Self.start + Self.day + index * 80_000 / b) }
    let engine = SeededEvents.engine(now: Self.now)
    SeededEvents.ingest(events, into: engine)
    return engine
  }

  private func ask(_ engine: Engine, _ audience: Audience = .all) throws -> ReturningResult {
    let middle = Self.start + Self.day
    return try engine.returning(
      service: "a", before: Self.start..<middle, window: middle..<middle + Self.day, audience: audience)
  }

  @Test(arguments: [(100, 80, 0), (100, 80, 1), (100, 80, 80), (1, 1, 1), (1, 1, 0), (400, 900, 37), (1_000, 1_000, 12)])
  func `few visitors are told apart exactly`(a: Int, b: Int, shared: Int) throws {
    let result = try ask(site(before: a, window: b, shared: shared))
    for (got, want) in [(result.visitorsBefore, Double(a)), (result.visitors, Double(b))] {
      #expect(abs(got - want) <= max(0.5, 0.003 * want))
    }
    #expect(abs(result.new - Double(b - shared)) <= 0.5 + 3 * result.sigma, "\(result)")
    let returning = try #require(result.returning, "\(result)")
    #expect(abs(returning - Double(shared)) <= 0.5 + 3 * result.sigma, "\(result)")
    if a * b <= 10_000 { #expect(returning.rounded() == Double(shared), "\(result)") }
    #expect(result.coverageFrom == Self.start)
  }

  @Test func `people and bots are told apart too`() throws {
    let engine = site(before: 200, window: 100, shared: 50)
    #expect(try ask(engine, .people).returning?.rounded() == 40)
    #expect(try ask(engine, .bots).returning?.rounded() == 10)
    #expect(try ask(engine, .bots).new.rounded() == 10)
  }

  @Test func `many are within three sigma, and an overlap below that is not shown`() throws {
    for (shared, isShown) in [(9_000, true), (60, false)] {
      let result = try ask(site(before: 18_000, window: 18_000, shared: shared))
      #expect(abs(result.new - Double(18_000 - shared)) <= 3 * result.sigma, "\(result)")
      #expect((result.returning != nil) == isShown, "\(result)")
      if let returning = result.returning { #expect(abs(returning - Double(shared)) <= 3 * result.sigma, "\(result)") }
      #expect(result.sigma < 300)
    }
  }

  @Test func `nobody before, nobody since, and windows that overlap`() throws {
    let engine = site(before: 0, window: 30, shared: 0)
    let result = try ask(engine)
    #expect(result.returning == 0 && result.new.rounded() == 30 && result.visitorsBefore == 0)
    let later = Self.start + 2 * Self.day
    let empty = try engine.returning(
      service: "a", before: Self.start..<later, window: later..<later + 60, audience: .all)
    #expect(empty.returning == 0 && empty.new == 0)
    for window in [Self.start + 10..<Self.start + 30, Self.start + 20..<Self.start + 20] {
      #expect(throws: QueryError.self) {
        try engine.returning(service: "a", before: Self.start..<Self.start + 20, window: window, audience: .all)
      }
    }
    #expect(throws: QueryError.unknownService("b")) {
      try engine.returning(service: "b", before: 0..<1, window: 1..<2, audience: .all)
    }
  }

  /// Pairs of sketches of p = 14, drawn: A alone, both, B alone.
  private func errors(overlap: Double, pairs: Int, seed: UInt64) -> [(error: Double, found: Double, sigma: Double)] {
    var random = SplitMix(seed: seed)
    let side = 100_000.0
    return (0..<pairs).map { _ in
      let both = SketchAcceptance.draw(side * overlap, p: 14, &random)
      let onlyA = SketchAcceptance.draw(side * (1 - overlap), p: 14, &random)
      let onlyB = SketchAcceptance.draw(side * (1 - overlap), p: 14, &random)
      let a = onlyA.sketch.merged(with: both.sketch), b = onlyB.sketch.merged(with: both.sketch)
      let union = a.merged(with: b).estimate, found = a.estimate + b.estimate - union
      return (found - both.visitors, found, Returning.sigma(registersOfUnion: union))
    }
  }

  /// The rule stands on its sigma: measured errors must be of that size, not above it and not far below.
  @Test(arguments: [0, 0.02, 0.1, 0.5])
  func `sigma is the error that pairs of sketches have`(overlap: Double) {
    let pairs = errors(overlap: overlap, pairs: SketchAcceptance.trials, seed: UInt64(overlap * 100) + 5)
    let rms = (pairs.reduce(0) { $0 + $1.error * $1.error } / Double(pairs.count)).squareRoot(), sigma = pairs[0].sigma
    #expect(rms <= 1.25 * sigma && rms >= 0.4 * sigma, "overlap \(overlap): rms \(rms), sigma \(sigma)")
  }

  /// Without the rule, two windows that share nobody would "return" somebody in half of all cases.
  @Test func `the rule hides noise, and a rule without sigma would not`() {
    let pairs = errors(overlap: 0, pairs: SketchAcceptance.trials, seed: 77)
    let invented = pairs.count { Returning.shown($0.found, sigma: $0.sigma) != nil }
    #expect(invented * 50 <= pairs.count)
    #expect(pairs.count { $0.found > 0 } * 4 > pairs.count)
  }
}
