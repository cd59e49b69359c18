@testable import TSEngine

/// How the rows of a test look: how many codes each column draws from, and how skewed.
struct RowShape: Sendable, CustomStringConvertible {
  var rows: Int
  var paths = 300, agents = 40, referrers = 20, hosts = 1, campaigns = 2, countries = 30
  var isSkewed = true, isSorted = true, isTimed = true
  var description: String { "\(rows) rows, \(paths) paths, skewed \(isSkewed), timed \(isTimed)" }

  static let all = [
    RowShape(rows: 1), RowShape(rows: 2, isTimed: false), RowShape(rows: 63), RowShape(rows: 64), RowShape(rows: 65),
    RowShape(rows: 1_000, paths: 1, agents: 1, referrers: 1, campaigns: 1, countries: 1, isTimed: false),
    RowShape(rows: 3_001, isSorted: false),
    RowShape(rows: 8_192, paths: 65_536, agents: 16_384, referrers: 65_535, hosts: 16_384),
    RowShape(rows: 8_192, paths: 65_536, referrers: 60_000, isSkewed: false, isSorted: false, isTimed: false),
    RowShape(rows: 8_191, paths: 20_000, agents: 2_500, referrers: 610, countries: 200),
  ]

  func row<R: RandomNumberGenerator>(_ number: Int, using random: inout R) -> OpenBatch.Row {
    func code(_ count: Int) -> Int {
      guard isSkewed else { return Int.random(in: 0..<count, using: &random) }
      let share = Double.random(in: 0..<1, using: &random)
      return min(count - 1, Int(Double(count) * share * share * share * share))
    }
    let statuses: [UInt16] = [200, 200, 200, 200, 304, 404, 301, 500, 0, 599]
    var row = OpenBatch.Row()
    row.minute = UInt8(isSorted ? number * 60 / rows : Int.random(in: 0..<60, using: &random))
    row.token = UInt32.random(in: 0..<1 << 21, using: &random)
    row.path = UInt32(code(paths))
    row.agent = UInt16(code(agents))
    row.referrer = UInt32(code(referrers))
    row.host = UInt16(code(hosts))
    row.campaign = UInt16(code(campaigns))
    row.country = UInt8(code(countries))
    row.status = statuses[code(statuses.count)]
    row.verb = UInt8((1 + code(4)) << 4 | (3 + code(3)))
    row.bytes = UInt32.random(in: 0...UInt32.max >> UInt32.random(in: 0...31, using: &random), using: &random)
    row.duration = isTimed && code(10) < 9 ? UInt32.random(in: 0..<3_000_000, using: &random) : Event.noDuration
    return row
  }

  func batch(seed: UInt64, hour: Int = 490_000) -> OpenBatch {
    var random = SplitMix(seed: seed)
    let batch = OpenBatch(hour: hour, pool: PagePool(limitBytes: 16 << 20))
    for number in 0..<rows { batch.append(row(number, using: &random)) }
    return batch
  }
}

enum RowFixtures {
  /// The columns filters look into.
  static let filtered: [RowBlock.Column] = [.path, .agent, .referrer, .host, .campaign, .country, .status, .verb]
}

/// A packed block in memory of its own, padded as a `BlobLog` is.
@safe
final class PackedRows {
  private let bytes: UnsafeMutablePointer<UInt8>
  let count: Int

  init(_ batch: OpenBatch) {
    var out = ByteWriter(capacity: 4 << 20)
    RowBlock.pack(batch, into: &out)
    count = out.count
    unsafe bytes = .allocate(capacity: out.count + 8)
    unsafe bytes.update(from: out.start, count: out.count)
    unsafe (bytes + out.count).initialize(repeating: 0xff, count: 8)
  }
  deinit {
    unsafe bytes.deallocate()
    unsafe lut.deallocate()
  }

  private var block: UnsafePointer<UInt8> { unsafe UnsafePointer(bytes) }
  private let buffers = ScanBuffers()
  private let lut = UnsafeMutablePointer<UInt8>.allocate(capacity: 65_536)

  var hour: Int { unsafe RowBlock.hour(block) }
  var rows: Int { unsafe RowBlock.count(block) }
  func start(minute: Int) -> Int { unsafe RowBlock.start(block, minute: minute) }
  subscript(byte: Int) -> UInt8 {
    get { unsafe bytes[byte] }
    set { unsafe bytes[byte] = newValue }
  }

  func decode(_ column: RowBlock.Column, _ rows: Range<Int>) -> [UInt32] {
    unsafe RowBlock.column(block, column).decode(rows, into: buffers.values, buffers)
    return (0..<rows.count).map { unsafe buffers.values[$0] }
  }
  func value(_ column: RowBlock.Column, at row: Int) -> UInt32 { unsafe RowBlock.column(block, column).value(at: row) }
  func pick(_ column: RowBlock.Column, _ chosen: [UInt16], from first: Int) -> [UInt32] {
    unsafe RowBlock.column(block, column).pick(first, chosen, count: chosen.count, into: buffers.values)
    return chosen.indices.map { unsafe buffers.values[$0] }
  }
  func isSplit(_ column: RowBlock.Column) -> Bool { unsafe RowBlock.column(block, column).isSplit }

  /// The mask a look-up leaves, starting from `before` when joined by AND; nil when all rows or none are chosen.
  func select(
    _ column: RowBlock.Column, _ rows: Range<Int>, before: [UInt8]?, _ table: [UInt8]
  ) -> (selection: Selection, mask: [UInt8]) {
    unsafe table.withUnsafeBufferPointer { unsafe lut.update(from: $0.baseAddress!, count: $0.count) }
    for (row, hit) in (before ?? []).enumerated() { unsafe buffers.mask[row] = hit }
    let selection = unsafe RowBlock.column(block, column).select(lut, rows, and: before != nil, into: buffers.mask, buffers)
    return (selection, (0..<rows.count).map { unsafe buffers.mask[$0] })
  }

  func isValid(count: Int? = nil, codes: RowBlock.CodeCounts) -> Bool {
    unsafe RowBlock.isValid(block, count: count ?? self.count, codes: codes, buffers)
  }
}
