internal import CMalloc
internal import Dashboard
internal import Glibc
internal import Syslog
internal import TSEngine

/// `ballconed serve`: who is started after whom, and stopped before whom.
///
/// ```
/// start   lock the directory → load the snapshot → countries → sockets → dashboard → receiver → saver → ready
/// stop    receiver (drains) → dashboard → saver (writes a last time)
/// ```
/// Threads: this one waits for signals; one receives; the dashboard has its own; one saves.
struct Daemon {
  private let options: Options
  private let notify: Notify
  private let state: State
  private let countries: Countries
  private let ingest: IngestOptions

  init(_ options: Options) throws {
    self.options = options
    try Self.refuseOpenDashboard(options)
    _ = try IngestRules(options)  // wrong ones are told before anything is loaded
    Self.tame()
    notify = Notify(environment: options.environment)
    state = try State(options, mode: .serving)
    countries = try Countries(options)
    ingest = try IngestOptions(options, countries: countries.lookup)
  }

  /// A dashboard for everybody needs a password, or somebody who says that it needs none (RELIABILITY S11).
  private static func refuseOpenDashboard(_ options: Options) throws(UsageError) {
    let host = options.host(.webHost)
    let isLoopback = SocketAddress(host: host, port: 0)?.isLoopback ?? false
    guard isLoopback || options.isGiven(.passwordFile) || options.isOn(.insecure) else {
      throw UsageError(
        message:
          "cannot show the dashboard on \(host) to everybody there: want --password-file FILE, --insecure or a loopback address"
      )
    }
  }

  /// One arena: threads here allocate little, and freed memory goes back to the system.
  private static func tame() {
    ballcone_one_arena()
    Signals.block()
  }

  // MARK: Running

  /// Until told to stop; the exit code.
  func run() throws -> CInt {
    let sockets = try Sockets(options)
    let clock: @Sendable () -> Int = { time(nil) }
    let dashboard = Dashboard(
      try dashboardOptions(sockets), store: state.engine, accounting: state.accounting,
      importer: Uploads(state, ingest: ingest, clock: clock), clock: clock)
    try dashboard.start(listening: sockets.web)

    let alive = notify
    let receiver = Receiver(
      engine: state.engine, sockets: sockets.datagrams, streams: sockets.streams, options: ingest, clock: clock,
      heartbeat: { if alive.watchdogSeconds != nil { alive.alive() } })
    let services = state.engine.services().count  // as loaded: what waits in a held socket is counted from here on
    let saver = try Worker(every: options.seconds(.period)) { [state] occasion in
      if occasion != .called { return state.saveOrTell(isLast: occasion == .last) }
      state.writeWaiting()
      return true
    }
    state.engine.whenJournalWaits { saver.call() }
    let closer = try Worker(every: 1) { [state] _ in
      state.engine.tick()
      return true
    }
    state.engine.whenClosingIsDue { closer.call() }
    receiver.start()

    dashboard.markReady()
    Log.write(
      "ready syslog=\(receiver.addresses.first ?? "") web=http://\(sockets.webAddress) services=\(services)",
      to: STDOUT_FILENO)
    notify.ready()

    waitForTheEnd()
    let end = ContinuousClock.now + .milliseconds(4_800)  // who orders us to stop gives five seconds
    notify.stopping()
    receiver.stop()
    dashboard.stop()
    _ = closer.stop(within: 1_000)
    switch saver.stop(within: max(1_000, Int((end - .now) / .milliseconds(1)))) {
    case .done:
      state.close()
      return 0
    case .failed: return 1  // it has said why
    case .late:
      Log.line("cannot finish the last snapshot: got no end of writing within five seconds, want it on the disk")
      return 1
    }
  }

  /// A second after the start, and then every ten, memory that is not in use goes back.
  private func waitForTheEnd() {
    var seconds = 0
    var database = countries.stamp(), changed: [Int]?
    while true {
      switch Signals.wait(seconds: 1) {
      case .stop: return
      case .reload:
        countries.reload()
        database = countries.stamp()
      case .nothing:
        if seconds % 10 == 0 { ballcone_give_back() }
        // A file that goes on changing is still being written: it is read when it has been the same for a second.
        let stamp = countries.stamp()
        if let stamp, stamp != database, stamp == changed {
          countries.reload()
          database = stamp
        }
        changed = stamp
        seconds += 1
      }
    }
  }

  private func dashboardOptions(_ sockets: Sockets) throws -> DashboardOptions {
    var dashboard = DashboardOptions()
    dashboard.days = options.number(.days)
    dashboard.topLimit = options.number(.topLimit)
    dashboard.publicHosts = options.list(.publicHost)
    dashboard.basePath = options.text(.basePath) ?? ""
    dashboard.insecure = options.isOn(.insecure)
    dashboard.version = Version.text
    dashboard.started = time(nil)
    dashboard.listening = sockets.listening
    dashboard.syslogAddress = sockets.datagrams.first?.address ?? dashboard.syslogAddress
    dashboard.geoipAttribution = countries.attribution
    dashboard.previousShutdownUnclean = state.previousShutdownUnclean
    dashboard.savePeriodSeconds = options.keepsNothing ? 0 : options.seconds(.period)
    if let path = options.text(.passwordFile) {
      let text = try SmallFile.read(path)
      guard let password = PasswordFile(contents: text) else {
        throw Failure("cannot use --password-file \(path): got no line of the form user:password")
      }
      dashboard.password = password
    }
    return dashboard
  }
}
