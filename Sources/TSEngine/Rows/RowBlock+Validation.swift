extension RowBlock {
  /// How many codes each dictionary has: a block that names others is damaged.
  struct CodeCounts {
    var paths: Int, agents: Int, referrers: Int, hosts: Int, campaigns: Int

    /// Values of a column lie below this.
    func bound(_ column: Column) -> Int {
      switch column {
      case .token: VisitorToken.space
      case .path: paths
      case .agent: agents
      case .referrer: referrers
      case .host: hosts
      case .campaign: campaigns
      case .country: Country.codes.count
      case .status: 600
      case .verb: 256
      case .bytes: bytesCodes
      case .duration: durationCodes
      }
    }
  }

  /// Whether untrusted bytes are one block: every offset and width inside, every code known. Scans rely on it and check
  /// nothing again.
  ///
  /// - Parameter block: readable eight bytes past `byteCount`, as everything in a `BlobLog`.
  static func isValid(_ block: UnsafePointer<UInt8>, count byteCount: Int, codes: CodeCounts, _ buffers: ScanBuffers) -> Bool {
    guard byteCount >= headerBytes else { return false }
    let rows = unsafe count(block)
    guard rows >= 1, rows <= OpenBatch.capacity else { return false }
    var before = 0
    for minute in 0...60 {
      let first = unsafe start(block, minute: minute)
      guard first >= before, first <= rows, minute > 0 || first == 0 else { return false }
      before = first
    }
    guard before == rows else { return false }
    for column in Column.allCases {
      let packed = unsafe self.column(block, column)
      let bound = UInt32(codes.bound(column))
      guard unsafe isInside(packed, block, byteCount, bound: bound) else { return false }
      unsafe packed.decode(0..<rows, into: buffers.values, buffers)
      for row in 0..<rows where unsafe buffers.values[row] >= bound { return false }
      if column == .verb, !(0..<rows).allSatisfy({ unsafe isVerb(buffers.values[$0]) }) { return false }
    }
    return true
  }

  private static func isVerb(_ code: UInt32) -> Bool {
    Method(rawValue: UInt8(code >> 4)) != nil && HTTPProtocol(rawValue: UInt8(code & 15)) != nil
  }

  private static func isInside(_ column: Packed, _ block: UnsafePointer<UInt8>, _ byteCount: Int, bound: UInt32) -> Bool {
    guard unsafe column.kind <= 2 + maxNarrowWidth, unsafe column.base <= .max >> 1 else { return false }
    if unsafe column.isConstant { return true }
    let offset = unsafe column.data - block
    guard unsafe column.width >= 1, unsafe column.width <= maxWidth, offset >= headerBytes, offset <= byteCount else {
      return false
    }
    if unsafe column.isSplit {
      guard unsafe column.narrow <= column.count, unsafe offset + column.maskBytes <= byteCount else { return false }
      // The mask decides how far both streams are read, so it must agree with the directory.
      var wide = 0
      for word in 0..<(unsafe column.maskBytes / 8) { unsafe wide += load(UInt64.self, column.data, word * 8).nonzeroBitCount }
      guard unsafe wide == column.count - column.narrow else { return false }
      guard
        unsafe column.count % 64 == 0
          || load(UInt64.self, column.data, column.maskBytes - 8) >> UInt64(column.count % 64) == 0
      else { return false }
      // Look-ups read the whole table, filled or not.
      guard unsafe offset + column.size <= byteCount, unsafe column.isTableBelow(bound) else { return false }
    }
    return unsafe offset + column.size <= byteCount
  }
}
