/// The newest rows of one hour, unpacked: an event appends here and does nothing else.
///
/// Twelve columns, 31 bytes a row; memory grows with the rows. Rows below `folded` are already
/// in tallies, counters and sketches, so each row counts once. Guarded by the engine's lock.
final class OpenBatch {
  /// Rows; a full batch is packed. Row numbers fit in 16 bits and minute starts of a block in its header.
  static let capacity = 8_192
  private static let firstRoom = 32, mostGrowth = 1_024  // rows

  var hour: Int  // Unix hours
  private(set) var count = 0
  /// Rows before this one are counted; only `Fold` moves it.
  var folded = 0
  private var room = 0  // rows the columns have memory for

  var minute: Column<UInt8>  // 0…59, of `hour`
  var token: Column<UInt32>  // VisitorToken
  var path: Column<UInt32>
  var agent: Column<UInt16>
  var referrer: Column<UInt32>
  var host: Column<UInt16>
  var campaign: Column<UInt16>
  var country: Column<UInt8>
  var status: Column<UInt16>  // 100…599, else 0
  var verb: Column<UInt8>  // method << 4 | protocol
  var bytes: Column<UInt32>
  var duration: Column<UInt32>  // µs; `Event.noDuration` when none was sent

  init(hour: Int, pool: PagePool) {
    self.hour = hour
    let rows = Self.capacity
    minute = Column(capacity: rows, pool: pool)
    token = Column(capacity: rows, pool: pool)
    path = Column(capacity: rows, pool: pool)
    agent = Column(capacity: rows, pool: pool)
    referrer = Column(capacity: rows, pool: pool)
    host = Column(capacity: rows, pool: pool)
    campaign = Column(capacity: rows, pool: pool)
    country = Column(capacity: rows, pool: pool)
    status = Column(capacity: rows, pool: pool)
    verb = Column(capacity: rows, pool: pool)
    bytes = Column(capacity: rows, pool: pool)
    duration = Column(capacity: rows, pool: pool)
  }

  /// One request as codes.
  struct Row: Hashable {
    var minute: UInt8 = 0
    var token: UInt32 = 0, path: UInt32 = 0
    var agent: UInt16 = 0
    var referrer: UInt32 = 0
    var host: UInt16 = 0, campaign: UInt16 = 0
    var country: UInt8 = 0
    var status: UInt16 = 0
    var verb: UInt8 = 0
    var bytes: UInt32 = 0, duration: UInt32 = Event.noDuration
  }

  var isFull: Bool { count == Self.capacity }

  /// - Precondition: not full.
  @inline(__always) func append(_ row: Row) {
    if count == room { grow() }
    let at = count
    unsafe minute.start[at] = row.minute
    unsafe token.start[at] = row.token
    unsafe path.start[at] = row.path
    unsafe agent.start[at] = row.agent
    unsafe referrer.start[at] = row.referrer
    unsafe host.start[at] = row.host
    unsafe campaign.start[at] = row.campaign
    unsafe country.start[at] = row.country
    unsafe status.start[at] = row.status
    unsafe verb.start[at] = row.verb
    unsafe bytes.start[at] = row.bytes
    unsafe duration.start[at] = row.duration
    count = at &+ 1  // below `room`
  }

  subscript(index: Int) -> Row {
    precondition(index < count)
    return Row(
      minute: minute[index], token: token[index], path: path[index], agent: agent[index], referrer: referrer[index],
      host: host[index], campaign: campaign[index], country: country[index], status: status[index], verb: verb[index],
      bytes: bytes[index], duration: duration[index])
  }

  @inline(never) private func grow() {
    precondition(count < Self.capacity)
    room = min(Self.capacity, max(Self.firstRoom, room + min(room, Self.mostGrowth)))
    minute.grow(to: room)
    token.grow(to: room)
    path.grow(to: room)
    agent.grow(to: room)
    referrer.grow(to: room)
    host.grow(to: room)
    campaign.grow(to: room)
    country.grow(to: room)
    status.grow(to: room)
    verb.grow(to: room)
    bytes.grow(to: room)
    duration.grow(to: room)
  }

  /// Becomes a copy of a batch whose rows are all counted.
  func copy(_ other: OpenBatch) {
    precondition(other.folded == other.count)
    (hour, count) = (other.hour, 0)
    while room < other.count { grow() }
    func move<T>(_ from: borrowing Column<T>, _ to: borrowing Column<T>) {
      unsafe to.start.update(from: from.start, count: other.count)
    }
    move(other.minute, minute)
    move(other.token, token)
    move(other.path, path)
    move(other.agent, agent)
    move(other.referrer, referrer)
    move(other.host, host)
    move(other.campaign, campaign)
    move(other.country, country)
    move(other.status, status)
    move(other.verb, verb)
    move(other.bytes, bytes)
    move(other.duration, duration)
    (count, folded) = (other.count, other.count)
  }

  /// Forgets all rows and keeps the memory, for the next rows of a busy hour.
  func clear() { (count, folded) = (0, 0) }

  /// Forgets all rows and gives the memory back.
  func removeAll() {
    (count, folded, room) = (0, 0, 0)
    minute.removeAll()
    token.removeAll()
    path.removeAll()
    agent.removeAll()
    referrer.removeAll()
    host.removeAll()
    campaign.removeAll()
    country.removeAll()
    status.removeAll()
    verb.removeAll()
    bytes.removeAll()
    duration.removeAll()
  }

  // MARK: Order

  /// Sorts the rows from `start` on by minute, stably; nothing to do for logs in order, which is most of them.
  ///
  /// - Precondition: no counted row moves behind the cursor: `start ≥ folded`, or all rows are counted, or none.
  func sortByMinute(from start: Int = 0) {
    precondition(start >= 0 && start <= count && (start >= folded || folded == count))
    guard !isSorted(from: start) else { return }
    let rows = count - start
    unsafe withUnsafeTemporaryAllocation(of: UInt16.self, capacity: rows) { order in
      unsafe fillOrder(order, from: start)
      unsafe withUnsafeTemporaryAllocation(byteCount: rows * 4, alignment: 8) { spare in
        unsafe Self.move(minute, by: order, from: start, through: spare)
        unsafe Self.move(token, by: order, from: start, through: spare)
        unsafe Self.move(path, by: order, from: start, through: spare)
        unsafe Self.move(agent, by: order, from: start, through: spare)
        unsafe Self.move(referrer, by: order, from: start, through: spare)
        unsafe Self.move(host, by: order, from: start, through: spare)
        unsafe Self.move(campaign, by: order, from: start, through: spare)
        unsafe Self.move(country, by: order, from: start, through: spare)
        unsafe Self.move(status, by: order, from: start, through: spare)
        unsafe Self.move(verb, by: order, from: start, through: spare)
        unsafe Self.move(bytes, by: order, from: start, through: spare)
        unsafe Self.move(duration, by: order, from: start, through: spare)
      }
    }
  }

  private func isSorted(from start: Int) -> Bool {
    guard count - start > 1 else { return true }
    let minutes = unsafe minute.start
    for row in start + 1..<count where unsafe minutes[row - 1] > minutes[row] { return false }
    return true
  }

  /// Counting sort: `order[new] = old`, both relative to `start`.
  @unsafe private func fillOrder(_ order: UnsafeMutableBufferPointer<UInt16>, from start: Int) {
    let minutes = unsafe minute.start + start
    var next = InlineArray<61, Int>(repeating: 0)
    for row in 0..<count - start { next[unsafe Int(minutes[row]) + 1] += 1 }
    for minute in 1..<61 { next[minute] += next[minute - 1] }
    for row in 0..<count - start {
      let minute = unsafe Int(minutes[row])
      unsafe order[next[minute]] = UInt16(row)
      next[minute] += 1
    }
  }

  @unsafe private static func move<T>(
    _ column: borrowing Column<T>, by order: UnsafeMutableBufferPointer<UInt16>, from start: Int,
    through spare: UnsafeMutableRawBufferPointer
  ) {
    let rows = unsafe column.start + start
    let moved = unsafe spare.assumingMemoryBound(to: T.self)
    for row in 0..<order.count { unsafe moved[row] = rows[Int(order[row])] }
    for row in 0..<order.count { unsafe rows[row] = moved[row] }
  }
}
