internal import TSEngine

/// What a request leads to.
enum Outcome {
  case response(Response)
  case later(Lane.Kind, @Sendable () -> Response)  // may take longer than the event loop can wait
  case stream(LiveTopic)
}

/// What may follow a request's head.
enum Admission {
  case refused(Response)
  case body(limit: Int)  // bytes to gather before `answer`
  case upload(any ImportSession)
}

/// Pure: requests in, answers out. Knows no socket and no library.
struct Router: Sendable {
  let context: Context
  private let access: Access

  /// A form holds 10,000 characters of SQL, each at most three bytes of a pair.
  static let formLimit = 64 << 10

  init(_ context: Context) {
    self.context = context
    access = Access(publicHosts: context.options.publicHosts, password: context.options.password)
  }

  /// Takes the base path off, so that proxies that cut it and proxies that keep it are both served.
  private func path(of request: Request) -> [String] {
    let base = context.options.basePath.split(separator: "/").map(String.init)
    return !base.isEmpty && request.path.starts(with: base) ? Array(request.path.dropFirst(base.count)) : request.path
  }

  /// Judges the head; a refusal here spares the body.
  func admit(_ request: inout Request) -> (Route, Admission) {
    request.path = path(of: request)
    let route = Route(request.path)
    if let refusal = access.refusal(of: request, open: route.isOpen) { return (route, .refused(finish(refusal, request))) }
    guard route.takes(request.verb) || route == .unknown && request.verb != .other else {
      return (route, .refused(finish(notAllowed(route), request)))
    }
    guard route == .apiImport else {
      if let text = request[.contentLength], Int(text) ?? .max > Self.formLimit {
        return (route, .refused(finish(Self.tooLarge, request)))
      }
      return (route, .body(limit: Self.formLimit))
    }
    do { return (route, .upload(try context.beginImport(request))) } catch {
      return (route, .refused(finish(error.response, request)))
    }
  }

  static let headTooLarge = Response.text("cannot take the head: want at most \(Server.headBytes) bytes\n", status: 431)
  static let tooLarge = Response.text("cannot take the body: want at most \(formLimit) bytes\n", status: 413)

  private func notAllowed(_ route: Route) -> Response {
    var response =
      route.isForPrograms
      ? APIError("method", status: 405, "cannot answer this method: want \(route.allowed)").response
      : .text("cannot answer this method: want \(route.allowed)\n", status: 405)
    response.set("Allow", route.allowed)
    return response
  }

  /// - Precondition: `request` was admitted.
  func answer(_ request: Request, _ route: Route) -> Outcome {
    do {
      switch try outcome(of: request, route) {
      case .response(let response): return .response(finish(response, request))
      case .later(let lane, let work): return .later(lane) { finish(work(), request) }
      case .stream(let topic): return .stream(topic)
      }
    } catch {
      return .response(finish(error.response, request))
    }
  }

  private func outcome(of request: Request, _ route: Route) throws(APIError) -> Outcome {
    let path = request.path
    switch route {
    case .overview: return .response(context.overviewPage())
    case .services: return .response(.redirect(to: context.link("/")))
    case .service: return .response(context.servicePage(path[1]))
    case .nginx: return .response(context.nginxPage(request.query))
    case .sql: return context.sqlPage(request)
    case .asset: return .response(context.assets.response(to: request) ?? context.notFoundPage())
    case .count: return try context.count(path[1], field: path[3])
    case .average: return try context.average(path[1], field: path[3])
    case .countGroup: return try context.countGroup(path[1], group: path[3], request.query)
    case .apiServices: return .response(try context.servicesAnswer(request.query))
    case .apiQuery: return try context.queryAnswer(request.query)
    case .apiLatency: return try context.latencyAnswer(request.query)
    case .apiReturning: return .response(try context.returningAnswer(request.query))
    case .apiStatus: return .response(context.statusAnswer())
    case .apiLive: return .stream(try context.liveTopic(request.query))
    case .apiImport: return .response(APIError("busy", status: 503, "cannot import: the body was not read").response)
    case .metrics: return .response(context.exposition(accept: request[.accept]))
    case .healthy: return .response(.text("ballconed is alive\n"))
    case .ready: return .response(context.readiness())
    case .unknown: return .response(context.notFound(request))
    }
  }

  /// Adds what every answer carries, packs it if asked, and turns it into a 304 where the reader has it already.
  func finish(_ response: Response, _ request: Request) -> Response {
    var response = response
    response.headers.reserveCapacity(response.headers.count + 8)
    response.headers += Access.securityHeaders
    if response["Cache-Control"] == nil { response.headers.append(("Cache-Control", "no-store")) }
    let wantsGzip = Negotiation.allowsGzip(request[.acceptEncoding])
    if response["Content-Type"]?.isText == true { response.headers.append(("Vary", "Accept, Accept-Encoding")) }
    if wantsGzip, let packed = packed(response) {
      response.body = .bytes(packed)
      response.set("Content-Encoding", "gzip")
      if let tag = response["ETag"] { response.set("ETag", tag.dropLast() + "-gz\"") }
    }
    if response.status == 200, let tag = response["ETag"], let known = request[.ifNoneMatch], Self.matches(known, tag) {
      response.status = 304
      response.body = .bytes([])
      response.headers.removeAll { $0.name == "Content-Type" || $0.name == "Content-Encoding" }
    }
    return response
  }

  private func packed(_ response: Response) -> [UInt8]? {
    switch response.body {
    case .asset(let asset): return asset.gzipped
    case .bytes(let bytes):
      guard bytes.count >= Gzip.leastBytes, response["Content-Type"]?.isText == true else { return nil }
      return Gzip.compress(bytes.span)
    }
  }

  private static func matches(_ header: String, _ tag: String) -> Bool {
    header.split(separator: ",").map { $0.trimmed }.contains { item in
      item == "*" || (item.hasPrefix("W/") ? item.dropFirst(2) : item) == tag
    }
  }
}
