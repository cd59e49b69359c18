import TSEngine

/// Walks the search tree of a database once, in address order, and merges neighbours of one country.
///
/// IPv4 is the subtree below ::/96, 32 levels; IPv6 is cut at its 64th level, because visitors are. Other ways into the IPv4
/// subtree (6to4, Teredo and mapped aliases) are not followed: `Address` unwraps what carries an IPv4 address.
struct RangeFlattener: ~Copyable {
  private let path: String
  private var ranges: CountryRanges
  /// A sound tree visits each node once. Twice that many visits mean that a damaged one runs in circles.
  private var visitsLeft: Int
  private var known = RecordCache()

  init(path: String, nodeCount: Int) throws(CountryError) {
    guard let ranges = CountryRanges(capacity: nodeCount + 2) else {  // a tree of n nodes has n + 1 leaves
      throw CountryError(path: path, got: "no memory", want: "room for \(nodeCount) ranges")
    }
    self.path = path
    self.ranges = ranges
    visitsLeft = 2 * nodeCount + 256
  }

  mutating func walk(_ database: borrowing MaxMindDatabase) throws(CountryError) {
    var root4 = MaxMindDatabase.Record.node(0)
    if database.isV6 {
      for _ in 0..<96 {
        guard case .node(let number) = root4, Int(number) < database.nodeCount else { break }
        root4 = database.children(of: number).0
      }
    }
    try descend(database, from: root4, bits: 32, without: nil)
    if database.isV6 {
      try descend(database, from: .node(0), bits: 64, without: root4)
    } else {
      try put(0, .unknown, bits: 64)
    }
  }

  /// Every leaf below `root` from left to right; nothing is known of `without` and of what lies deeper than `bits`.
  private mutating func descend(
    _ database: borrowing MaxMindDatabase, from root: MaxMindDatabase.Record, bits: Int, without: MaxMindDatabase.Record?
  ) throws(CountryError) {
    // One entry a level is pending at most: the right-hand records of the way down.
    var stack = [(record: root, depth: 0, prefix: UInt64(0))]
    while let (record, depth, prefix) = stack.popLast() {
      switch record {
      case .node(let number) where Int(number) < database.nodeCount:
        visitsLeft -= 1
        if visitsLeft < 0 { throw damaged("a search tree that runs in circles") }
        if depth == bits || record == without {
          try put(prefix, .unknown, bits: bits)
          continue
        }
        let (left, right) = database.children(of: number)
        stack.append((right, depth + 1, prefix | 1 << UInt64(63 - depth)))
        stack.append((left, depth + 1, prefix))
      case .nothing: try put(prefix, .unknown, bits: bits)
      case .data(let offset):
        let country = known.country(at: offset) ?? known.keep(database.country(at: offset), at: offset)
        try put(prefix, country, bits: bits)
      case .node, .invalid: throw damaged("a search tree with a record that points nowhere")
      }
    }
  }

  /// `prefix`: the top 64 bits of the range's first address, IPv4 in the topmost 32.
  private mutating func put(_ prefix: UInt64, _ country: Country, bits: Int) throws(CountryError) {
    let fits = bits == 32 ? ranges.append(v4: UInt32(prefix >> 32), country) : ranges.append(v6: prefix, country)
    if !fits { throw damaged("a search tree with more leaves than nodes") }
  }

  private func damaged(_ what: String) -> CountryError {
    CountryError(path: path, got: what, want: "a sound MaxMind DB file")
  }

  consuming func finish() -> CountryRanges {
    ranges.shrink()
    return ranges
  }
}

/// Which country a data record means, so that each of the 250 of a country file is decoded once. Records of a city file are
/// many more: there the newest of each slot is kept, and memory stays at half a megabyte while loading.
private struct RecordCache {
  private var slots = [UInt64](repeating: .max, count: 65_536)  // offset ‖ country

  func country(at offset: UInt32) -> Country? {
    let held = slots[Self.slot(offset)]
    return held != .max && held >> 8 == UInt64(offset) ? Country(rawValue: UInt8(truncatingIfNeeded: held)) : nil
  }

  mutating func keep(_ country: Country, at offset: UInt32) -> Country {
    slots[Self.slot(offset)] = UInt64(offset) << 8 | UInt64(country.rawValue)
    return country
  }

  /// Multiplicative hashing; the product wraps by design.
  private static func slot(_ offset: UInt32) -> Int { Int((offset &* 0x9e37_79b1) >> 16) }
}
