/// Parsed agents ↔ codes. A row of the log holds one code; six dimensions and the bot flag are functions of it.
final class AgentTable {
  /// Twelve bytes, which are also the key.
  struct Row: BitwiseCopyable, Hashable {
    var browser: UInt16, browserVersion: UInt16, platform: UInt16, platformVersion: UInt16, bot: UInt16
    var device: UInt8, isBot: UInt8
  }

  private var index: LabelDictionary
  private(set) var rows: Column<Row>

  init(pool: PagePool) {
    index = LabelDictionary(maxCodes: Limits.agentCodes, maxBytes: Limits.agentCodes * MemoryLayout<Row>.size, pool: pool)
    rows = Column(capacity: Limits.agentCodes, count: 2, keepsPlaces: true, pool: pool)
    // `~other` and "nothing sent" are unknown in every respect, and never bots.
    rows[0] = Row(browser: 0, browserVersion: 0, platform: 0, platformVersion: 0, bot: 1, device: 0, isBot: 0)
    rows[1] = Row(browser: 1, browserVersion: 1, platform: 1, platformVersion: 1, bot: 1, device: 0, isBot: 0)
  }

  var count: Int { rows.count }
  var overflow: Int { index.overflow }

  /// Adds the next row of a snapshot, however crowded the table is; false when there is no such place or it is there already.
  func restore(_ row: Row) -> Bool {
    let isNew = unsafe withUnsafeBytes(of: row) { bytes in
      unsafe index.restore(bytes.bindMemory(to: UInt8.self).baseAddress!, bytes.count, 0)
    }
    guard isNew else { return false }
    rows.grow(to: rows.count + 1)
    rows[rows.count - 1] = row
    return true
  }

  /// Gives a row the code that a journal says it had; false when that cannot be.
  func assign(_ code: UInt64, _ row: Row) -> Bool { code == UInt64(count) && count < Limits.agentCodes && restore(row) }

  /// Tells of every code that is given.
  func tell(_ place: NewCodes.Place) { index.news = place }

  func agent(_ row: Row) -> AgentID {
    if row.browser | row.browserVersion | row.platform | row.platformVersion | row.bot == 1, row.device | row.isBot == 0 {
      return AgentID(rawValue: 1)  // nothing known: the row made above
    }
    let (code, isNew) = unsafe withUnsafeBytes(of: row) { bytes in
      unsafe withPadded(bytes.bindMemory(to: UInt8.self)) { start, count in
        unsafe index.code(start, count: count, extra: 0)
      }
    }
    if isNew {
      rows.grow(to: Int(code) + 1)
      rows[Int(code)] = row
    }
    return AgentID(rawValue: UInt16(code))
  }
}
