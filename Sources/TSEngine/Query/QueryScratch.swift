internal import Glibc

/// All memory that queries work in, kept by the engine and reused, so that a query allocates nothing large.
///
/// Addresses are reserved once and touched as needed: a page of a usual site stays below 1 MB, the most a query can touch
/// is 7 MB, which `trim` gives back. Guarded by the engine's lane; one query at a time.
@safe
final class QueryScratch {
  let tally = TallyAccumulator(), total = TallyAccumulator()
  let table = TableAccumulator()
  let slots = ValueSlots()
  let groups = RowGroups()
  let buffers = ScanBuffers()
  let rows = RowList(), rowsOfNow = RowList()
  let closedDays = ClosedDaysCache()
  /// Set while a query of this engine reads; who plans without an engine holds everything anyway.
  weak var engine: Engine?
  private var pin: Int?
  /// A byte a code: what a filter leaves of each stored column, then the same for pageviews.
  private let lookups: UnsafeMutablePointer<UInt8>
  /// What a filter says of each code of its dimension.
  let matches: UnsafeMutablePointer<UInt8>
  /// Group of each code of a stored column.
  let groupByCode: UnsafeMutablePointer<UInt16>
  /// Latency of the values shown.
  static let histogramSlots = 256
  private static let histogramBytes = histogramSlots * LatencyHistogram.count * 4
  private let histograms: UnsafeMutablePointer<UInt32>
  private static let codes = 1 << 16
  private static let lookupBytes = 2 * RowBlock.Column.allCases.count * codes

  init() {
    unsafe lookups = reserve(Self.lookupBytes).bindMemory(to: UInt8.self, capacity: Self.lookupBytes)
    unsafe matches = reserve(Self.codes).bindMemory(to: UInt8.self, capacity: Self.codes)
    unsafe histograms = reserve(Self.histogramBytes)
      .bindMemory(to: UInt32.self, capacity: Self.histogramSlots * LatencyHistogram.count)
    unsafe groupByCode = reserve(Self.codes * 2).bindMemory(to: UInt16.self, capacity: Self.codes)
  }
  deinit {
    unsafe munmap(histograms, Self.histogramBytes)
    unsafe munmap(lookups, Self.lookupBytes)
    unsafe munmap(matches, Self.codes)
    unsafe munmap(groupByCode, Self.codes * 2)
  }

  // MARK: Gate

  /// Keeps what is closed in its place until `end`; inside the gate.
  func pin(_ pool: PagePool) { if pin == nil { pin = pool.pin() } }

  /// Reads without the gate what is pinned and what is the query's own. Afterwards everything open may have changed.
  @inline(__always) func withoutGate(_ body: () -> Void) {
    let engine = engine
    engine?.leaveGate()
    body()
    engine?.enterGate()
  }

  /// Ends a query; inside the gate.
  func end(_ state: EngineState) {
    rows.end()
    closedDays.trim(state.pool)
    if let pin { state.unpin(pin) }
    (pin, engine) = (nil, nil)
    trimIfLarge()
  }

  enum LookupUse: Int { case filter, pageviews }

  /// Room for a byte a code of `column`, from an earlier query.
  @unsafe func lookup(_ column: RowBlock.Column, _ use: LookupUse) -> UnsafeMutablePointer<UInt8> {
    unsafe lookups + (use.rawValue * RowBlock.Column.allCases.count + column.rawValue) * Self.codes
  }

  /// Empty histograms for `count` values, one after the other.
  @unsafe func beginHistograms(_ count: Int) -> UnsafeMutablePointer<UInt32> {
    precondition(count <= Self.histogramSlots)
    unsafe memset(histograms, 0, count * LatencyHistogram.count * 4)
    return unsafe histograms
  }

  /// After a query over more codes than a usual site has: what it touched goes back.
  func trimIfLarge() { if groups.count > 16_384 || table.seenCount > 16_384 { trim() } }

  /// Gives memory back to the kernel; the next query faults in what it needs.
  func trim() {
    unsafe madvise(histograms, Self.histogramBytes, MADV_DONTNEED)
    unsafe madvise(lookups, Self.lookupBytes, MADV_DONTNEED)
    unsafe madvise(matches, Self.codes, MADV_DONTNEED)
    unsafe madvise(groupByCode, Self.codes * 2, MADV_DONTNEED)
    slots.trim()
    groups.trim()
    table.clear()
  }
}
