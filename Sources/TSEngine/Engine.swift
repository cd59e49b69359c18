internal import Synchronization

/// How an engine is set up.
package struct EngineOptions: Sendable {
  package var memoryBytes = 64 << 20  // for the whole process; the pool is what is left of it
  package var keepMinutes = 2_880, keepHours = 840
  package var keepDays: Int?  // nil: as memory allows
  package var visitorKey = SipKey(k0: 0, k1: 0)
  package init() {}

  enum Admission { case counted, late, future }
  /// Whether an event of that time counts; decided by the options alone, so that it is known before the event is counted.
  @inline(__always)
  func admission(_ second: Int, now: Int) -> Admission {
    if second > now + Limits.futureSeconds { return .future }
    return second < 0 || keepDays.map { second < (now / 86_400 - $0) * 86_400 } ?? false ? .late : .counted
  }

  /// What becomes of a batch.
  func judge(_ batch: borrowing EventBatch, now: Int) -> IngestOutcome {
    var outcome = IngestOutcome()
    for index in 0..<batch.count {
      switch admission(batch[index].second, now: now) {
      case .counted: outcome.counted += 1
      case .late: outcome.late += 1
      case .future: outcome.future += 1
      }
    }
    return outcome
  }
}

/// The time-series engine: events in, answers out. Stands for all services of one daemon.
///
/// **Who may touch what, under which lock, for how long.** Everything that changes lives in `EngineState` and is guarded by
/// the *gate*. The ingesting thread only tries it: it counts its batch there (≤ 1,024 events, ≈ 0.3 ms) or, when a reader is
/// inside, leaves the batch in the `Backlog`, whose lock is held for an exchange of pointers, and goes on; whoever enters the
/// gate next counts what waits first, so that every answer knows of all that was ingested before it. Hours and days are closed
/// by whoever calls `tick`, ≤ 9 ms inside the gate, where the owner has asked for that (`whenClosingIsDue`). One query at a time
/// reads: it takes the *lane*, which guards the scratch of queries, and then the gate. What is closed never changes: once the
/// pool is pinned (`PagePool.pin`), closed blobs keep their places and codes their meaning, and scans of rows, sums of
/// closed days and snapshots read them without the gate. Order of locks: lane, gate, backlog. Nothing inside the gate
/// blocks, logs or touches a file. The accounting has atomics of its own and needs no lock.
package final class Engine: QueryStore, Sendable {
  package let options: EngineOptions
  package let accounting: Accounting
  let clock: @Sendable () -> Int
  /// Only touched inside `gate`.
  private let state: Unguarded
  private let gate = Mutex(())
  private let lane = Mutex(())
  private let backlog = Backlog()
  let journalBell = Bell(), closingBell = Bell()

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

  /// What is known of what is on the disk; sums since the start where it counts.
  struct SnapshotNote {
    /// When all that had been counted was on the disk, Unix seconds.
    var durableAt = 0
    var bytes = 0, seconds = 0.0  // of the newest base
    var journalBytes = 0  // since that base
    var failures = 0, journalFailures = 0, fsyncFailures = 0
    var fallbacks = 0
  }

  func note(_ news: (inout SnapshotNote) -> Void) { withState { _ in news(&state.snapshot) } }
  var snapshotNote: SnapshotNote { withState { _ in state.snapshot } }

  /// Puts a loaded state in place of the empty one; identifiers given before mean nothing afterwards.
  func replace(_ loaded: EngineState) {
    lane.withLock { _ in
      withState { old in
        loaded.closing.isDeferred = old.closing.isDeferred
        state.value = loaded
      }
    }
  }

  /// Inside the gate, everything ingested before being counted.
  @inline(__always)
  func withState<R, E: Error>(_ body: (EngineState) throws(E) -> R) throws(E) -> R {
    gate._unsafeLock()
    defer { gate._unsafeUnlock() }
    countBacklog(atMost: Backlog.limit)
    return try body(state.value)
  }

  /// In the lane and inside the gate: for who uses the scratch of queries.
  func withReader<R, E: Error>(_ body: (EngineState) throws(E) -> R) throws(E) -> R {
    lane._unsafeLock()
    defer { lane._unsafeUnlock() }
    return try withState { state throws(E) in
      state.scratch.engine = self
      defer { state.scratch.end(state) }
      return try body(state)
    }
  }

  /// For a query that reads what is pinned (`QueryScratch.withoutGate`).
  func leaveGate() { gate._unsafeUnlock() }
  func enterGate() { gate._unsafeLock() }

  /// Inside the gate, whatever waits: for codes, which the ingesting thread asks for.
  private func withCodes<R>(_ body: (EngineState) -> R) -> R {
    gate._unsafeLock()
    defer { gate._unsafeUnlock() }
    return body(state.value)
  }

  private func countBacklog(atMost limit: Int) {
    if backlog.count > 0 { backlog.drain(atMost: limit) { batch, now in state.value.ingest(batch, now: now) } }
  }

  // MARK: Ingest (one writer at a time; the names may be asked from any thread)

  /// The site of that name, made at its first sight; over the limit of services it is `~other`.
  /// - Precondition: the name is valid, lower case already.
  package func service(named name: String) -> ServiceID { withCodes { $0.service(named: name) } }
  /// The row of a parsed agent, made at its first sight; `.other` when the table is full.
  package func agent(_ agent: AgentClass) -> AgentID { withCodes { $0.labels.agent(agent) } }
  /// A shared name, made at its first sight; `.other` when the dictionary is full.
  package func name(_ name: String) -> NameID { withCodes { $0.labels.name(name) } }

  /// The words of a shared name.
  package func text(of name: NameID) -> String { withState { $0.labels.names.string(UInt32(name.rawValue)) } }

  /// Takes every event of the batch, counts or rejects it (late, future), and empties the batch.
  ///
  /// The accounting has it already; the outcome is for who asks about this batch alone, as an import does.
  @discardableResult
  package func ingest(_ batch: inout EventBatch) -> IngestOutcome {
    let now = clock(), outcome = options.judge(batch, now: now)
    count(&batch, now)
    journalBell.ringIfNoted()
    closingBell.ringIfNoted()
    accounting.counted(outcome.counted)
    if outcome.late > 0 { accounting.rejected(.late, count: outcome.late, at: now, place: "time: older than is kept") }
    if outcome.future > 0 { accounting.rejected(.future, count: outcome.future, at: now, place: "time: ahead of the clock") }
    return outcome
  }

  /// Counts a batch now, or leaves it to who is inside the gate.
  private func count(_ batch: inout EventBatch, _ now: Int) {
    if !gate._unsafeTryLock() {
      if backlog.push(&batch, now: now) { return }
      gate._unsafeLock()
    }
    defer { gate._unsafeUnlock() }
    if backlog.count > 0 {
      // A long one gets shorter in any case: two are counted for the one that comes.
      let end = MonotonicClock.seconds() + Self.callSeconds
      countBacklog(atMost: backlog.count > Backlog.limit / 2 ? 2 : 1)
      while backlog.count > 0, MonotonicClock.seconds() < end { countBacklog(atMost: 1) }
      if backlog.count > 0 || MonotonicClock.seconds() >= end, backlog.push(&batch, now: now) { return }
    }
    state.value.ingest(batch, now: now)
    batch.removeAll()
    if state.value.takeClosingDue() { closingBell.note() }
  }

  /// How long a call goes on counting what others left, so that no call takes long and what waits is soon gone.
  private static let callSeconds = 0.4e-3

  /// From now on an hour or a day that rows leave behind is not closed by the ingesting thread: it calls `body`, outside of
  /// all locks, which must not block and see to it that `tick` is called soon. Rows wait meanwhile, 8,192 of a site, and
  /// ingestion goes on: a day of ten million requests a month takes 5 ms to close.
  package func whenClosingIsDue(_ body: @escaping @Sendable () -> Void) {
    closingBell.answer(body)
    withState { $0.closing.isDeferred = true }
  }

  /// Lets time pass: closes hours and days that are over, drops what is too old. Once a second is plenty.
  package func tick() {
    let now = clock()
    withState { $0.tick(now: now) }
  }

  /// Events counted since the start; a snapshot is due when it has moved.
  package var changes: Int { withState { $0.changes } }
}
