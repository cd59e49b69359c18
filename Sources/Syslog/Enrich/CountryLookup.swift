internal import Glibc
internal import Synchronization

/// The country table in use, replaceable while running: readers take the table of the moment once a batch.
package final class CountryLookup: Sendable {
  private let table: Mutex<CountryTable?>

  /// Without a table every country is unknown.
  package init() { table = Mutex(nil) }
  package init(path: String) throws(CountryError) { table = Mutex(try CountryTable(path: path)) }

  package func current() -> CountryTable? { table.withLock { $0 } }

  /// Reads the file again, or another one (SIGHUP); a refused file leaves the old table in use. Not for the ingest thread.
  package func replace(path: String) throws(CountryError) {
    let fresh = try CountryTable(path: path)
    let old = table.withLock { held in
      defer { held = fresh }
      return held
    }
    _ = consume old  // its pages go back outside the lock
  }

  /// Where a database is looked for when none is named: what `make geoip` writes, then what Debian's packages and MaxMind's
  /// updater write; of the latter two a country file before a city file, which takes longer to read.
  package static var usualPlaces: [String] {
    let shared = ["/var/lib/GeoIP", "/usr/share/GeoIP", "/usr/local/share/GeoIP"]
    let names = ["GeoLite2-Country", "GeoIP2-Country", "dbip-country-lite", "country", "GeoLite2-City", "GeoIP2-City"]
    var places = ["/var/lib/ballconed/country.mmdb"]
    for directory in shared { places += names.map { "\(directory)/\($0).mmdb" } }
    places += ["./country.mmdb", "./share/country.mmdb"]
    if let beside = executableDirectory { places += ["\(beside)/country.mmdb", "\(beside)/../share/ballconed/country.mmdb"] }
    return places
  }

  /// The first of the usual places where there is a file.
  package static var usualPath: String? { usualPlaces.first { unsafe access($0, R_OK) == 0 } }

  private static var executableDirectory: String? {
    let path = unsafe [UInt8](unsafeUninitializedCapacity: 4_096) { bytes, count in
      count = unsafe max(0, readlink("/proc/self/exe", bytes.baseAddress!, bytes.count))
    }
    guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return nil }
    return String(decoding: path[..<slash], as: UTF8.self)
  }
}
