internal import Glibc
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

  /// At start, on SIGHUP and when the file has changed; a database that cannot be read leaves the old one in use.
  func reload() {
    guard let path = path ?? CountryLookup.usualPath else { return }
    do { try lookup.replace(path: path) } catch { Log.line(error.description) }
  }

  /// Which file stands there now, so that a new one is noticed; nil when there is none.
  func stamp() -> [Int]? {
    var status = stat()
    guard let path = path ?? CountryLookup.usualPath, unsafe stat(path, &status) == 0 else { return nil }
    return [Int(status.st_dev), Int(status.st_ino), Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
  }

  /// What its licence asks to show.
  var attribution: String { lookup.current()?.attribution ?? "" }
}
