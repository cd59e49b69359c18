import TSEngine

/// Where each country's ranges begin, and whose they are; IPv4 whole, IPv6 by /64. The first range begins at zero.
struct CountryRanges: ~Copyable, Sendable {
  private(set) var starts4: RangeColumn<UInt32>, codes4: RangeColumn<UInt8>
  private(set) var starts6: RangeColumn<UInt64>, codes6: RangeColumn<UInt8>

  init?(capacity: Int) {
    guard let starts4 = RangeColumn<UInt32>(capacity: capacity), let codes4 = RangeColumn<UInt8>(capacity: capacity),
      let starts6 = RangeColumn<UInt64>(capacity: capacity), let codes6 = RangeColumn<UInt8>(capacity: capacity)
    else { return nil }
    self.starts4 = starts4
    self.codes4 = codes4
    self.starts6 = starts6
    self.codes6 = codes6
  }

  /// A range that goes on as its left neighbour did is not a new one. False when there is no room.
  mutating func append(v4 start: UInt32, _ country: Country) -> Bool {
    if codes4.count > 0, codes4[codes4.count - 1] == country.rawValue { return true }
    return starts4.append(start) && codes4.append(country.rawValue)
  }
  mutating func append(v6 start: UInt64, _ country: Country) -> Bool {
    if codes6.count > 0, codes6[codes6.count - 1] == country.rawValue { return true }
    return starts6.append(start) && codes6.append(country.rawValue)
  }

  mutating func shrink() {
    starts4.shrink()
    codes4.shrink()
    starts6.shrink()
    codes6.shrink()
  }

  /// For each /12 of IPv4, and for the end: the range that holds its first address.
  func coarseIndex() -> RangeColumn<UInt32>? {
    guard var index = RangeColumn<UInt32>(capacity: 4_097) else { return nil }
    var range = 0
    for block in 0..<4_096 {
      while range + 1 < starts4.count, starts4[range + 1] <= UInt32(block) << 20 { range += 1 }
      _ = index.append(UInt32(range))
    }
    _ = index.append(UInt32(starts4.count - 1))
    return index
  }
}
