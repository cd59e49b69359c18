internal import Syslog

/// The country database: where it is, and how it is opened anew.
struct Countries: Sendable {
  let lookup = CountryLookup()
  private let path: String?

  /// A database named by `--geoip` must be readable; one found in a usual place need not be.
  init(_ options: Options) throws {
    path = options.text(.geoip)
    if let path {
      try lookup.replace(path: path)
    } else {
      reload()
    }
  }

  /// At start and on SIGHUP; a database that cannot be read leaves the old one in use.
  func reload() {
    guard let path = path ?? CountryLookup.usualPath else { return }
    do { try lookup.replace(path: path) } catch { Log.line(error.description) }
  }

  /// What its licence asks to show.
  var attribution: String { lookup.current()?.attribution ?? "" }
}
