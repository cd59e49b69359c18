package import TSEngine

/// Countries of all addresses as sorted ranges, made once from any .mmdb (country or city), which is closed again.
///
/// ```
///  IPv4 a.b.c.d ── top 12 bits ──► coarse[ ]  ──► a few dozen range starts, halved ──► country
///  IPv6 /64 ───────────────────────────────────► all range starts, halved ──► country
/// ```
/// Neighbours of one country are one range. 3.4 MB of file become about 2 MB, and a city file costs its country borders only.
/// Immutable, so any thread may ask.
package final class CountryTable: Sendable {
  private let ranges: CountryRanges
  private let coarse: RangeColumn<UInt32>  // [4,097]: the range that holds the first address of each /12

  package let databaseType: String  // "GeoLite2-Country"
  package let buildEpoch: Int  // Unix seconds
  package let attribution: String  // what the file says of itself

  /// Reads the whole file: 15 ms for a country file, about a second for a large city file. Not for the ingest thread.
  package init(path: String) throws(CountryError) {
    let database = try MaxMindDatabase(path: path)
    var flattener = try RangeFlattener(path: path, nodeCount: database.nodeCount)
    try flattener.walk(database)
    (databaseType, buildEpoch) = (database.databaseType, database.buildEpoch)
    attribution = database.description
    let ranges = flattener.finish()
    guard let coarse = ranges.coarseIndex() else { throw CountryError(path: path, got: "no memory", want: "16 KiB") }
    self.ranges = ranges
    self.coarse = coarse
  }

  package var rangeCounts: (v4: Int, v6: Int) { (ranges.starts4.count, ranges.starts6.count) }

  /// One line for the log and the pages' foot: type, day of building, and the file's own words.
  package var description: String {
    let day = Self.day(buildEpoch)
    return attribution.isEmpty ? "\(databaseType), \(day)" : "\(databaseType), \(day): \(attribution)"
  }

  /// `.local` for private and reserved space whatever the file says; `.unknown` where it says nothing.
  @inline(__always)
  package func country(of address: Address) -> Country {
    switch address.kind {
    case .local: return .local
    case .v4(let word):
      let block = Int(word >> 20)
      let candidates = Int(coarse[block])..<Int(coarse[block + 1]) + 1
      return Country(rawValue: ranges.codes4[ranges.starts4.last(notAbove: word, in: candidates)])
    case .v6(let prefix):
      return Country(rawValue: ranges.codes6[ranges.starts6.last(notAbove: prefix, in: 0..<ranges.starts6.count)])
    }
  }

  /// `2026-10-28`, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
  private static func day(_ unixSeconds: Int) -> String {
    guard (0..<253_402_300_800).contains(unixSeconds) else { return "no date" }  // up to the year 9999
    let days = unixSeconds / 86_400 + 719_468
    let era = days / 146_097, dayOfEra = days % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153  // months since March
    let day = dayOfYear - (153 * shifted + 2) / 5 + 1, month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    return "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
  }
}
