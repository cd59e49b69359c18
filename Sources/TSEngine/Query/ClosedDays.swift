/// Sums over a run of closed days, kept from one question to the next: closed days seldom change, and a page asks twenty
/// questions about the same ones. What is open is never in them; a reader adds it.
///
/// A run is about one audience. It holds what was asked of it so far: the tally, tables by dimension, visitors by value.
@safe
final class ClosedDays {
  /// Which days, and as they were when: any day that closes, is reopened or goes makes another key.
  struct Key: Equatable {
    var service: ServiceID, audience: Audience, days: Range<Int>, changes: Int
  }
  struct Table {
    var codes: [UInt32] = []
    var sums: [TableAccumulator.Sums] = []
  }
  /// Visitors of values at p = 10, a kilobyte each, in the order they were asked for.
  struct Sketches {
    var slots: [Int: Int] = [:]  // by code
    var registers: [UInt8] = []
    var unseen: [Int] = []  // requests on days that kept no visitors of the value
  }
  static let registerBytes = 1 << Limits.valuePrecision
  /// A table of more values, or visitors of more values at once, are read from the days each time.
  static let tableLimit = 16_384, sketchLimit = 64
  /// A run of fewer days is read as it is.
  static let shortest = 2

  let key: Key
  private(set) var tally: TallyAccumulator?
  private(set) var tables: [Table?]
  private(set) var isTableTooLarge: [Bool]
  private(set) var sketches: [Sketches]
  private(set) var bytes = 4_096

  init(_ key: Key) {
    self.key = key
    let dimensions = Dimension.allCases.count
    tables = Array(repeating: nil, count: dimensions)
    isTableTooLarge = Array(repeating: false, count: dimensions)
    sketches = Array(repeating: Sketches(), count: dimensions)
  }

  private var people: Bool { key.audience != .bots }
  private var bots: Bool { key.audience != .people }

  // MARK: Filling (blobs are pinned; nobody's lock is needed but the lane's)

  @unsafe func fill(_ part: ClosedDaysCache.Missing, from days: [SpanBlob], _ scratch: QueryScratch) {
    switch part {
    case .tally: if tally == nil { unsafe fillTally(days) }
    case .table(let dimension):
      if tables[Int(dimension.rawValue)] == nil { unsafe fillTable(dimension, days, scratch.table) }
    case .sketches(let dimension, let codes):
      let known = sketches[Int(dimension.rawValue)].slots, wanted = codes.filter { known[$0] == nil }
      if !wanted.isEmpty { unsafe fillSketches(dimension, wanted, days, scratch.slots) }
    }
  }

  private func fillTally(_ days: [SpanBlob]) {
    let tally = TallyAccumulator()
    for index in unsafe days.indices {
      unsafe days[index].add(to: tally, people: people, bots: bots, wanting: [.latency, .visitors])
    }
    self.tally = tally
    bytes += 28 << 10
  }

  private func fillTable(_ dimension: Dimension, _ days: [SpanBlob], _ scratch: TableAccumulator) {
    scratch.clear()
    for index in unsafe days.indices { unsafe days[index].addTable(dimension, people: people, bots: bots, into: scratch) }
    let place = Int(dimension.rawValue)
    guard scratch.seenCount <= Self.tableLimit else { return isTableTooLarge[place] = true }
    var table = Table()
    table.codes.reserveCapacity(scratch.seenCount)
    table.sums.reserveCapacity(scratch.seenCount)
    for index in 0..<scratch.seenCount {
      let code = scratch.code(at: index)
      table.codes.append(UInt32(truncatingIfNeeded: code))
      unsafe table.sums.append(scratch.sums[code])
    }
    tables[place] = table
    bytes += table.codes.count * (4 + MemoryLayout<TableAccumulator.Sums>.stride)
  }

  /// - Precondition: `codes` are not known yet.
  private func fillSketches(_ dimension: Dimension, _ codes: [Int], _ days: [SpanBlob], _ scratch: ValueSlots) {
    scratch.begin(codes, precision: Limits.valuePrecision)
    for index in unsafe days.indices { unsafe days[index].addVisitors(dimension, people: people, bots: bots, into: scratch) }
    let place = Int(dimension.rawValue)
    for (slot, code) in codes.enumerated() {
      sketches[place].slots[code] = sketches[place].unseen.count
      sketches[place].unseen.append(scratch.unseenRequests[slot])
      unsafe sketches[place].registers.append(
        contentsOf: UnsafeBufferPointer(start: scratch.registers(slot: slot), count: Self.registerBytes))
    }
    bytes += codes.count * (Self.registerBytes + 64)
  }

  // MARK: Reading

  /// False when the visitors of the value are not known yet.
  func addVisitors(_ dimension: Dimension, code: Int, into slots: ValueSlots) -> Bool {
    let known = sketches[Int(dimension.rawValue)]
    guard let slot = known.slots[code] else { return false }
    if known.unseen[slot] > 0 { slots.missed(code: code, requests: known.unseen[slot]) }
    if let to = unsafe slots.registers(code: code) {
      unsafe known.registers.withUnsafeBufferPointer { all in
        unsafe HyperLogLog.merge(all.baseAddress! + slot * Self.registerBytes, into: to, p: Limits.valuePrecision)
      }
    }
    return true
  }
}

/// The runs of days that were asked for last, within two megabytes, which the pool counts. Guarded by the lane.
final class ClosedDaysCache {
  static let limitBytes = 2 << 20
  private static let limitRuns = 16
  private var runs: [ClosedDays] = []  // the newest used first
  private var chargedPages = 0

  /// What an answer found missing: it is filled in without the gate, and the question is answered anew.
  enum Missing { case tally, table(Dimension), sketches(Dimension, [Int]) }
  private(set) var missing: [(run: ClosedDays, part: Missing)] = []
  /// Whether answers may rely on being asked again; else they read what is missing themselves.
  var isPatient = false
  var isMissing: Bool { !missing.isEmpty }

  func miss(_ run: ClosedDays, _ part: Missing) { missing.append((run, part)) }
  func takeMissing() -> [(run: ClosedDays, part: Missing)] {
    defer { missing = [] }
    return missing
  }

  /// The run of that key; a new one, empty, where that may be filled.
  func run(_ key: ClosedDays.Key) -> ClosedDays? {
    if let index = runs.firstIndex(where: { $0.key == key }) {
      if index > 0 { runs.insert(runs.remove(at: index), at: 0) }
      return runs[0]
    }
    if !isPatient { return nil }
    runs.insert(ClosedDays(key), at: 0)
    return runs[0]
  }

  /// Forgets what was used longest ago, beyond the limits; inside the gate.
  func trim(_ pool: PagePool) {
    var bytes = 0, kept = 0
    for run in runs.prefix(Self.limitRuns) {
      bytes += run.bytes
      if bytes > Self.limitBytes { break }
      kept += 1
    }
    if kept < runs.count { runs.removeLast(runs.count - kept) }
    let pages = (runs.reduce(0) { $0 + $1.bytes } + PagePool.pageBytes - 1) / PagePool.pageBytes
    pool.charge(pages - chargedPages)
    chargedPages = pages
  }
}
