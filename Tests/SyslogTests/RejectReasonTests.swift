import TSEngine
import Testing

@testable import Syslog

/// One message for each reason of the closed list, and what the accounting says of it. Of what the sockets refuse themselves
/// (`sender`, `connection`) `StreamReceiveTests` have the sockets; here it is their count.
@Suite struct RejectReasonTests {
  private static let now = 1_795_600_000

  @Test(arguments: RejectReason.allCases) func `a refused message counts once, under its reason alone`(reason: RejectReason) {
    var options = EngineOptions()
    options.keepDays = 400
    var ingest = IngestOptions()
    if reason == .undeclared { _ = ingest.rules.declare(service: "b") }
    let accounting = Accounting(), engine = Engine(options, accounting: accounting) { Self.now }
    var ingestor = Ingestor(engine: engine, options: ingest)
    if let message = Self.message(reason) {
      ingestor.add(utf8(message).span, from: .udp, arrival: Self.now)
    } else {
      ingestor.refuse(Rejection(reason, "socket"), from: .udp, arrival: Self.now)
    }
    ingestor.flush()
    for each in RejectReason.allCases {
      #expect(accounting.rejected(for: each) == (each == reason ? 1 : 0), "\(each)")
      #expect(ingestor.counts[each] == (each == reason ? 1 : 0), "\(each)")
    }
    #expect(accounting.received == 1 && accounting.rejected == 1 && accounting.counted == 0 && accounting.excluded == 0)
    #expect(accounting.received(by: .udp) == 1 && accounting.lastReject?.reason == reason)
  }

  /// nil: the sockets refuse it before anybody reads it.
  private static func message(_ reason: RejectReason) -> String? {
    switch reason {
    case .empty: ""
    case .truncated: #"{"s":"a","a":"192.0.2.1"#
    case .header: "<190>Nov 24 03:59:02 vm nginx: "
    case .format: "hello"
    case .service: #"{"s":"a b","a":"192.0.2.1"}"#
    case .address: #"{"s":"a","a":"localhost"}"#
    case .time: #"{"s":"a","a":"192.0.2.1","t":"yesterday"}"#
    case .late: #"{"s":"a","a":"192.0.2.1","t":\#(now - 402 * 86_400)}"#
    case .future: #"{"s":"a","a":"192.0.2.1","t":\#(now + 301)}"#
    case .undeclared: #"{"s":"a","a":"192.0.2.1"}"#
    case .sender, .connection: nil
    }
  }
}
