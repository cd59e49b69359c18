package import TSEngine

/// What is the same for every message of one receiver or import.
package struct IngestOptions: Sendable {
  package var format = RecordFormat.auto
  /// Wins over what the messages say; must be valid (`IngestOptions.isValid`), else it is as if absent.
  package var service: String?
  package var countries: CountryLookup?
  /// `--visitor ip+ua`
  package var visitorIncludesAgent = false
  package var rules = IngestRules()
  package init() {}

  /// Whether `service` may name a site.
  package static func isValid(service: String) -> Bool {
    let bytes = Array(service.utf8)
    return ServiceName(bytes.span) != nil
  }
}

/// What became of messages, exactly: received = counted + Σ rejected + excluded.
package struct IngestCounts: Sendable, Equatable {
  package var received = 0, counted = 0, excluded = 0
  private var rejectedCounts = InlineArray<12, Int>(repeating: 0)
  package init() {}

  package subscript(reason: RejectReason) -> Int {
    get { rejectedCounts[reason.rawValue] }
    set { rejectedCounts[reason.rawValue] = newValue }
  }
  package var rejected: Int { RejectReason.allCases.reduce(0) { $0 + self[$1] } }
  package static func == (one: Self, other: Self) -> Bool {
    one.received == other.received && one.counted == other.counted && one.excluded == other.excluded
      && RejectReason.allCases.allSatisfy { one[$0] == other[$0] }
  }
}

/// Messages → events → engine. One writer, no lock of its own; nothing is allocated for a message once its service,
/// agent and referrer are known.
///
/// Counts reach the accounting with their batch, so that its identity holds between batches.
package struct Ingestor: ~Copyable {
  /// Since it was made; what waits in the batch is received but not yet counted.
  package private(set) var counts = IngestCounts()

  private let engine: Engine
  private let format: RecordFormat
  private let service: ServiceName?
  private var builder: EventBuilder
  private var pendingReceived = InlineArray<5, Int>(repeating: 0)  // by input
  private var pendingRejects = InlineArray<12, Int>(repeating: 0)  // by reason
  private var pendingExcluded = 0
  private var newestRejection: Rejection?
  private var newestArrival = 0

  package init(engine: Engine, options: IngestOptions = IngestOptions()) {
    self.engine = engine
    format = options.format
    service = options.service.flatMap { name in
      let bytes = Array(name.utf8)
      return ServiceName(bytes.span)
    }
    builder = EventBuilder(
      engine: engine, countries: options.countries, visitorIncludesAgent: options.visitorIncludesAgent,
      rules: options.rules)
  }

  /// Whether `flush` would hand something over.
  package var hasPending: Bool { newestArrival > 0 }

  /// Takes one message, with or without a syslog header.
  ///
  /// - Parameters:
  ///   - isTruncated: it was longer than what received it; the rest is lost.
  ///   - arrival: Unix seconds, above 0.
  @inline(__always)
  package mutating func add(_ message: Span<UInt8>, isTruncated: Bool = false, from input: MessageInput, arrival: Int) {
    if builder.batch.isFull { flush() }
    pendingReceived[input.rawValue] &+= 1
    newestArrival = arrival
    do throws(Rejection) {
      if isTruncated { throw Rejection(.truncated, "datagram", at: message.count) }
      let isCounted = try builder.add(message, format: format, service: service, arrival: arrival)
      if !isCounted { pendingExcluded &+= 1 }
    } catch {
      note(error)
    }
  }

  /// Takes a message whose client is known already, from a file. Gives why it was refused.
  mutating func add(_ message: Span<UInt8>, of client: KnownClient, arrival: Int) -> Rejection? {
    if builder.batch.isFull || newestRejection != nil { flush() }
    builder.client = client
    add(message, from: .file, arrival: arrival)
    builder.client = nil
    return newestRejection
  }

  /// Takes note of a message that is refused before anybody reads it.
  @inline(never)
  mutating func refuse(_ rejection: Rejection, from input: MessageInput, arrival: Int) {
    pendingReceived[input.rawValue] &+= 1
    newestArrival = arrival
    note(rejection)
  }

  private mutating func note(_ rejection: Rejection) {
    pendingRejects[rejection.reason.rawValue] &+= 1
    newestRejection = rejection
  }

  /// Hands over what has gathered: when the batch is full, when it is old, and at the end.
  package mutating func flush() {
    guard hasPending else { return }
    let accounting = engine.accounting
    for input in MessageInput.allCases where pendingReceived[input.rawValue] > 0 {
      accounting.received(pendingReceived[input.rawValue], by: input)
      counts.received += pendingReceived[input.rawValue]
      pendingReceived[input.rawValue] = 0
    }
    if let newest = newestRejection { flushRejects(newest, accounting) }
    if pendingExcluded > 0 {
      accounting.excluded(pendingExcluded)
      counts.excluded += pendingExcluded
      pendingExcluded = 0
    }
    if !builder.batch.isEmpty {
      let outcome = engine.ingest(&builder.batch)
      counts.counted += outcome.counted
      counts.excluded += outcome.excluded
      counts[.late] += outcome.late
      counts[.future] += outcome.future
    }
    builder.refresh()
    newestArrival = 0
  }

  /// The newest reject comes last, so that it is the one described.
  private mutating func flushRejects(_ newest: Rejection, _ accounting: Accounting) {
    for reason in RejectReason.allCases where reason != newest.reason && pendingRejects[reason.rawValue] > 0 {
      accounting.rejected(reason, count: pendingRejects[reason.rawValue], at: newestArrival)
    }
    accounting.rejected(
      newest.reason, count: pendingRejects[newest.reason.rawValue], at: newestArrival, place: newest.description)
    for reason in RejectReason.allCases {
      counts[reason] += pendingRejects[reason.rawValue]
      pendingRejects[reason.rawValue] = 0
    }
    newestRejection = nil
  }
}
