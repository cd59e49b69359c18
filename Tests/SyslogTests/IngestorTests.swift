import TSEngine
import Testing

@testable import Syslog

@Suite struct IngestorTests {
  private func ingest(_ messages: [String], options: IngestOptions = IngestOptions()) -> (Accounting, IngestCounts) {
    let accounting = Accounting()
    var ingestor = Ingestor(
      engine: Engine(EngineOptions(), accounting: accounting) { 1_800_000_000 }, options: options)
    for message in messages { ingestor.add(utf8(message).span, from: .file, arrival: 1_800_000_000) }
    let before = ingestor.hasPending
    ingestor.flush()
    let after = ingestor.hasPending
    #expect(before == !messages.isEmpty && !after)
    return (accounting, ingestor.counts)
  }

  @Test func `counts reach the accounting with the batch`() {
    let (accounting, counts) = ingest(["hello", "", #"{"s":"a","a":"::1"}"#, "hello"])
    #expect(counts.received == 4 && accounting.received(by: .file) == 4)
    #expect(counts[.format] == 2 && accounting.rejected(for: .format) == 2)
    #expect(counts[.empty] == 1 && accounting.rejected(for: .empty) == 1)
    #expect(counts.rejected == 3)
  }

  @Test func `the newest refusal is described by place`() {
    #expect(ingest(["", #"{"s":"a","a":"::1","t":"x"}"#]).0.lastReject?.place == "time")
    #expect(ingest([#"{"s":"a" x}"#]).0.lastReject?.place == "JSON key, byte 9")
    #expect(ingest(["", "hello", ""]).0.lastReject?.reason == .empty)
  }

  @Test func `more messages than a batch holds are all received`() {
    let (accounting, counts) = ingest(Array(repeating: #"{"s":"a","a":"::1"}"#, count: EventBatch.capacity * 2 + 3))
    #expect(counts.received == EventBatch.capacity * 2 + 3)
    #expect(accounting.rejected == 0)
  }

  @Test func `events of the largest texts never overfill a batch`() {
    let big =
      #"{"s":"a","a":"::1","h":"\#(String(repeating: "h", count: 300))","#
      + #""u":"/\#(String(repeating: "p", count: 2_000))?utm_campaign=\#(String(repeating: "c", count: 300))","#
      + #""r":"http://\#(String(repeating: "r", count: 300))/"}"#
    #expect(ingest(Array(repeating: big, count: 3_000)).0.rejected == 0)
  }

  @Test func `a forced service and format win`() {
    var options = IngestOptions()
    options.service = "Forced"
    #expect(ingest([#"{"s":"a b","a":"::1"}"#, #"{"a":"::1"}"#], options: options).1.rejected == 0)
    options.format = .combined
    #expect(ingest([#"{"s":"a","a":"::1"}"#], options: options).1[.format] == 1)
  }

  @Test func `a truncated message is refused unread`() {
    let accounting = Accounting()
    var ingestor = Ingestor(engine: Engine(EngineOptions(), accounting: accounting) { 1 })
    ingestor.add(utf8(#"{"s":"a","a":"::1"}"#).span, isTruncated: true, from: .udp, arrival: 1)
    ingestor.flush()
    #expect(accounting.rejected(for: .truncated) == 1)
  }

  @Test func `received is counted, rejected and excluded, exactly`() {
    let now = 1_800_000_000
    var options = EngineOptions()
    options.keepDays = 400
    let accounting = Accounting(), engine = Engine(options, accounting: accounting) { now }
    var ingestor = Ingestor(engine: engine), state: UInt64 = 3
    func next(_ bound: UInt64) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % bound)
    }
    var expected: [RejectReason: Int] = [:], good = 0
    for number in 0..<20_000 {
      var second = now - 20 * (20_000 - number), reason: RejectReason?
      switch next(12) {
      case 0: (second, reason) = (now + 301 + next(1_000), .future)
      case 1: (second, reason) = (now - 402 * 86_400, .late)
      case 2: reason = .address
      default: break
      }
      let address = reason == .address ? "nobody" : "192.0.2.\(next(250))"
      let message = #"{"s":"site\#(next(5))","a":"\#(address)","t":\#(second),"u":"/\#(next(50))","ua":"Mozilla/5.0"}"#
      ingestor.add(utf8(message).span, from: .udp, arrival: now)
      if let reason { expected[reason, default: 0] += 1 } else { good += 1 }
    }
    ingestor.flush()
    #expect(accounting.received == 20_000)
    #expect(accounting.counted == good)
    for reason in RejectReason.allCases {
      #expect(accounting.rejected(for: reason) == expected[reason] ?? 0, "\(reason)")
      #expect(ingestor.counts[reason] == expected[reason] ?? 0, "\(reason)")
    }
    let counts = ingestor.counts
    #expect(counts.received == counts.counted + counts.rejected + counts.excluded)
    #expect(engine.services().sorted() == (0..<5).map { "site\($0)" })
  }

  @Test func `there is a place for every reason and input`() {
    var counts = IngestCounts()
    for reason in RejectReason.allCases { counts[reason] += reason.rawValue + 1 }
    #expect(counts.rejected == RejectReason.allCases.count * (RejectReason.allCases.count + 1) / 2)
    #expect(MessageInput.allCases.map(\.rawValue) == Array(0..<5))
  }

  @Test func `services beyond the cache keep their numbers`() {
    var cache = ServiceCache()
    let engine = makeEngine()
    for round in 0..<3 {
      for number in 0..<2_000 {
        let name = ServiceName(utf8("service-\(number)").span)!
        #expect(cache.id(of: name, in: engine, IngestRules()) == engine.service(named: name.text), "\(round) \(number)")
      }
    }
  }
}
