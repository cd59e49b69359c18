internal import Synchronization
package import TSEngine

package struct DashboardFailure: Error, CustomStringConvertible {
  package let description: String
}

/// Everything seen by HTTP: pages, JSON API, live events, `/metrics`, SQL console.
///
/// ```
/// Server (sockets) ─► Router (pure) ─► Context: routes by family ─► QueryStore, Accounting, ImportSink
/// ```
/// `start` and `stop` are called once each, by whoever owns the process; `respond` and `markReady` from any thread.
package final class Dashboard: Sendable {
  private let context: Context
  private let router: Router
  private let life: Life
  private let server = Mutex<Server?>(nil)

  private final class Life: Sendable {
    let isReady = Atomic<Bool>(false), isStopping = Atomic<Bool>(false)
    let tickerEnded = Signal()
  }

  /// - Parameters:
  ///   - importer: what takes uploaded logs.
  ///   - clock: Unix seconds; injected so that tests own the time.
  package init(
    _ options: DashboardOptions, store: any QueryStore, accounting: Accounting, importer: any ImportSink,
    clock: @escaping @Sendable () -> Int
  ) {
    let life = Life()
    self.life = life
    var options = options
    options.basePath = options.basePath.split(separator: "/").map { "/" + $0 }.joined()
    context = Context(
      options: options, store: store, accounting: accounting, importer: importer, counters: WebCounters(),
      uploads: UploadGate(),
      assets: .compiledIn,
      isReady: { life.isReady.load(ordering: .relaxed) && !life.isStopping.load(ordering: .relaxed) },
      isStopping: { life.isStopping.load(ordering: .relaxed) }, clock: clock)
    router = Router(context)
  }

  /// Serves on a bound, listening TCP socket, which it owns from here on.
  /// - Throws: when others than this machine could read without a password and nobody said `--insecure`.
  package func start(listening descriptor: CInt) throws(DashboardFailure) {
    let address = Listener.address(of: descriptor)
    if let address, !address.isLoopback, context.options.password == nil, !context.options.insecure {
      throw DashboardFailure(
        description: "cannot serve the dashboard on \(address.host):\(address.port): anybody there could read it; "
          + "want --password-file FILE, --insecure, or a loopback address")
    }
    let made: Server
    do { made = try Server(router, listening: descriptor) } catch {
      throw DashboardFailure(description: "cannot serve the dashboard: the HTTP library did not start")
    }
    let isFirst = server.withLock { held in
      guard held == nil else { return false }
      held = made
      return true
    }
    precondition(isFirst, "BUG: the dashboard was started twice")
    guard Thread.start("live", { [context, life] in Self.tick(made, context, life) }) else {
      stop()
      throw DashboardFailure(description: "cannot serve the dashboard: no thread to be had")
    }
  }

  /// Once a second while somebody is connected: slow peers are cut, streams hear the news. Sleeps while nobody is.
  private static func tick(_ server: Server, _ context: Context, _ life: Life) {
    while !life.isStopping.load(ordering: .relaxed) {
      if server.isIdle { server.opened.wait() }
      server.cutSlowPeers()
      let topics = server.hub.topics()
      if !topics.isEmpty {
        let now = context.clock()
        server.hub.publish(context.ticks(topics, at: now), at: now)
      }
      life.tickerEnded.wait(milliseconds: 1_000)  // a stop ends the sleep
    }
    server.finishedTicking.wake()
  }

  /// State is loaded and sockets are bound: `/-/ready` says so.
  package func markReady() { life.isReady.store(true, ordering: .relaxed) }

  /// Ends streams, questions and connections, and returns within a second.
  package func stop() {
    guard let server = server.withLock({ $0.take() }) else { return }
    life.isStopping.store(true, ordering: .relaxed)
    server.opened.wake()
    life.tickerEnded.wake()
    server.finishedTicking.wait(milliseconds: 1_000)
    server.stop()
  }

  /// The port being served; 0 before `start`.
  package var port: Int { server.withLock { $0?.port ?? 0 } }

  /// An answer without a socket, for commands that run in this process. Waits for slow questions.
  package func respond(to target: String) -> (status: Int, body: [UInt8]) {
    let response = router.respond(to: Request(.get, target))
    switch response.body {
    case .bytes(let bytes): return (response.status, bytes)
    case .asset(let asset): return (response.status, asset.bytes)
    }
  }
}

extension Router {
  /// The whole way of a request whose body has come, on this thread. Streams answer with their greeting.
  func respond(to request: Request) -> Response {
    var request = request
    let (route, admission) = admit(&request)
    switch admission {
    case .refused(let response): return response
    case .upload(let session):
      session.feed(request.body.span)
      return finish(session.response, request)
    case .body(let limit):
      if request.body.count > limit { return finish(Self.tooLarge, request) }
    }
    switch answer(request, route) {
    case .response(let response): return response
    case .later(_, let work): return work()
    case .stream: return finish(Response(type: "text/event-stream", LiveHub.greeting), request)
    }
  }
}
