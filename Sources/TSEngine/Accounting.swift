internal import Synchronization

/// Why a message was refused: a closed list, each value a label of `ballconed_messages_rejected_total{reason}`.
package enum RejectReason: Int, CaseIterable, Sendable {
  case empty, truncated, header, format, service, address, time, late, future, sender, undeclared, connection
  package var name: String {
    switch self {
    case .empty: "empty"  // a datagram of no bytes
    case .truncated: "truncated"  // longer than the receive slot, or cut inside its payload
    case .header: "header"  // syslog header without a payload
    case .format: "format"  // no shape we know
    case .service: "service"  // present but not a valid name, or absent
    case .address: "address"  // absent or not an address
    case .time: "time"  // present but not a time
    case .late: "late"  // older than `--keep-days`
    case .future: "future"  // more than five minutes ahead
    case .sender: "sender"  // from an address or a user that may not send
    case .undeclared: "undeclared"  // a service that `--services` does not name
    case .connection: "connection"  // a TCP connection beyond the limit; what it would have sent is not known
    }
  }
}

/// Where messages come from: a closed list, the label `input`.
package enum MessageInput: Int, CaseIterable, Sendable {
  case udp, unix, tcp, file, http
  package var name: String {
    switch self {
    case .udp: "udp"
    case .unix: "unix"
    case .tcp: "tcp"
    case .file: "file"
    case .http: "http"
    }
  }
}

/// What became of one batch: everything in it, exactly.
package struct IngestOutcome: Equatable, Sendable {
  package var counted = 0, excluded = 0, late = 0, future = 0
  package init(counted: Int = 0, excluded: Int = 0, late: Int = 0, future: Int = 0) {
    (self.counted, self.excluded, self.late, self.future) = (counted, excluded, late, future)
  }
}

/// The identity every sender can check: received = counted + Σ rejected{reason} + excluded, sent = received + dropped.
///
/// Shared by the receiving side, the engine and the dashboard; any thread, no lock but for the newest reject.
package final class Accounting: Sendable {
  private let receivedCounts: [AtomicCounter] = MessageInput.allCases.map { _ in AtomicCounter() }
  private let rejectedCounts: [AtomicCounter] = RejectReason.allCases.map { _ in AtomicCounter() }
  private let countedCount = AtomicCounter(), excludedCount = AtomicCounter(), droppedCount = AtomicCounter()
  private let newest = Mutex<LastReject?>(nil)

  package init() {}

  /// The newest refusal, for the set-up card; never holds the line itself.
  package struct LastReject: Sendable {
    package let reason: RejectReason
    package let at: Int  // Unix seconds
    package let place: String  // which field or byte
  }

  package func received(_ count: Int, by input: MessageInput) { receivedCounts[input.rawValue].add(count) }
  package func counted(_ count: Int) { countedCount.add(count) }
  package func excluded(_ count: Int) { excludedCount.add(count) }
  package func dropped(_ count: Int) { droppedCount.add(count) }
  package func rejected(_ reason: RejectReason, count: Int = 1, at second: Int, place: @autoclosure () -> String = "") {
    rejectedCounts[reason.rawValue].add(count)
    newest.withLock { last in
      if last?.at == second, last?.reason == reason { return }  // one description a second and reason is enough
      last = LastReject(reason: reason, at: second, place: place())
    }
  }

  package func received(by input: MessageInput) -> Int { receivedCounts[input.rawValue].value }
  package func rejected(for reason: RejectReason) -> Int { rejectedCounts[reason.rawValue].value }
  package var received: Int { receivedCounts.reduce(0) { $0 + $1.value } }
  package var rejected: Int { rejectedCounts.reduce(0) { $0 + $1.value } }
  package var counted: Int { countedCount.value }
  package var excluded: Int { excludedCount.value }
  package var dropped: Int { droppedCount.value }
  package var lastReject: LastReject? { newest.withLock { $0 } }
}

/// An `Atomic` on the heap, so that an array can hold several.
package final class AtomicCounter: Sendable {
  private let count = Atomic<Int>(0)
  package init() {}
  package func add(_ by: Int) { count.wrappingAdd(by, ordering: .relaxed) }  // 2^63 messages are out of reach
  package var value: Int { count.load(ordering: .relaxed) }
}
