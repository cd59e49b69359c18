internal import Synchronization

/// How an engine is set up.
package struct EngineOptions: Sendable {
  package var memoryBytes = 64 << 20  // for the whole process; the pool is what is left of it
  package var keepMinutes = 2_880, keepHours = 840
  package var keepDays: Int?  // nil: as memory allows
  package var visitorKey = SipKey(k0: 0, k1: 0)
  package init() {}
}

/// The time-series engine: events in, answers out. Stands for all services of one daemon.
///
/// **Who may touch what.** Everything that changes lives in `EngineState` and is guarded by one lock. The ingesting thread
/// holds it for one batch (≤ 1,024 events, ≈ 0.3 ms), a query for its reading, a snapshot while it copies what is open.
/// Nothing inside blocks, logs or touches a file. The accounting has atomics of its own and needs no lock.
package final class Engine: QueryStore, Sendable {
  package let options: EngineOptions
  package let accounting: Accounting
  let clock: @Sendable () -> Int
  /// Only touched inside `gate`.
  private let state: Unguarded
  private let gate = Mutex(())

  /// - Parameter clock: Unix seconds; injected so that tests own the time.
  package init(_ options: EngineOptions, accounting: Accounting, clock: @escaping @Sendable () -> Int) {
    (self.options, self.accounting, self.clock) = (options, accounting, clock)
    state = Unguarded(value: EngineState(options))
  }

  /// Carries the state across threads; `withState` is the only door to it.
  private final class Unguarded: @unchecked Sendable {
    var value: EngineState
    var snapshot = SnapshotNote()
    init(value: EngineState) { self.value = value }
  }

  /// What is known of the newest snapshot; sums since the start where it counts.
  struct SnapshotNote {
    var at = 0, bytes = 0
    var seconds = 0.0
    var failures = 0, fallbacks = 0
  }

  /// Adds to what is known of snapshots; a failed one leaves the newest good one standing.
  func note(_ news: SnapshotNote) {
    withState { _ in
      if news.at > 0 { (state.snapshot.at, state.snapshot.bytes, state.snapshot.seconds) = (news.at, news.bytes, news.seconds) }
      state.snapshot.failures += news.failures
      state.snapshot.fallbacks += news.fallbacks
    }
  }
  var snapshotNote: SnapshotNote { withState { _ in state.snapshot } }

  /// Puts a loaded state in place of the empty one; identifiers given before mean nothing afterwards.
  func replace(_ loaded: EngineState) { withState { _ in state.value = loaded } }

  @inline(__always)
  func withState<R, E: Error>(_ body: (EngineState) throws(E) -> R) throws(E) -> R {
    gate._unsafeLock()
    defer { gate._unsafeUnlock() }
    return try body(state.value)
  }

  // MARK: Ingest (one writer at a time; the names may be asked from any thread)

  /// The site of that name, made at its first sight; over the limit of services it is `~other`.
  /// - Precondition: the name is valid, lower case already.
  package func service(named name: String) -> ServiceID { withState { $0.service(named: name) } }
  /// The row of a parsed agent, made at its first sight; `.other` when the table is full.
  package func agent(_ agent: AgentClass) -> AgentID { withState { $0.labels.agent(agent) } }
  /// A shared name, made at its first sight; `.other` when the dictionary is full.
  package func name(_ name: String) -> NameID { withState { $0.labels.name(name) } }

  /// Takes every event of the batch, counts or rejects it (late, future), and empties the batch.
  ///
  /// The accounting has it already; the outcome is for who asks about this batch alone, as an import does.
  @discardableResult
  package func ingest(_ batch: inout EventBatch) -> IngestOutcome {
    let now = clock()
    let outcome = withState { $0.ingest(batch, now: now) }
    batch.removeAll()
    accounting.counted(outcome.counted)
    if outcome.late > 0 { accounting.rejected(.late, count: outcome.late, at: now, place: "time: older than is kept") }
    if outcome.future > 0 { accounting.rejected(.future, count: outcome.future, at: now, place: "time: ahead of the clock") }
    return outcome
  }

  /// Lets time pass: closes hours and days that are over, drops what is too old. Once a second is plenty.
  package func tick() {
    let now = clock()
    withState { $0.tick(now: now) }
  }

  /// Events counted since the start; a snapshot is due when it has moved.
  package var changes: Int { withState { $0.changes } }
}
