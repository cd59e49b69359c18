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
        #expect(cache.id(of: name, in: engine) == engine.service(named: name.text), "\(round) \(number)")
      }
    }
  }
}
