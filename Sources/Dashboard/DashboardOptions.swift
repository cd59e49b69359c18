internal import TSEngine

/// How the dashboard is set up; plain values, fixed for its lifetime.
package struct DashboardOptions: Sendable {
  package var days = 30  // of Ballcone's routes, the overview and the API's default range
  package var topLimit = 5  // rows of the short lists on pages
  package var publicHosts: [String] = []  // names besides `localhost` and literals that requests may carry as Host
  package var password: PasswordFile?  // nil: everybody who reaches the socket may read
  package var basePath = ""  // "/stats" behind a proxy; no slash at its end
  package var insecure = false  // may be reached from elsewhere without a password
  package var version = "0"
  package var revision = ""  // of the source, when known at build time
  package var started = 0  // Unix seconds
  package var listening = ""  // where the log is received, such as `127.0.0.1:65140/udp`
  package var syslogAddress = "127.0.0.1:65140"  // what `/nginx` proposes
  package var geoipAttribution = ""  // a sentence its licence asks for; empty without a database
  package var previousShutdownUnclean = false
  package var savePeriodSeconds = 0  // how often what was counted goes to the disk; 0: never
  package init() {}
}

/// What every route may use.
struct Context: Sendable {
  let options: DashboardOptions
  let store: any QueryStore
  let accounting: Accounting
  let importer: any ImportSink
  let counters: WebCounters
  let uploads: UploadGate
  let assets: AssetTable
  let isReady: @Sendable () -> Bool
  let isStopping: @Sendable () -> Bool
  let clock: @Sendable () -> Int  // Unix seconds

  /// `path`, which begins with a slash, below the base path.
  func link(_ path: String) -> String { options.basePath + path }
  /// The name as kept, or nil for an unknown one.
  func known(_ service: String) -> String? {
    let name = service.asciiLowered
    return store.services().contains(name) ? name : nil
  }
}
