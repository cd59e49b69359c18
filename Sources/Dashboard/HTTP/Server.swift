internal import CMicroHTTPD
internal import Glibc
internal import Synchronization

struct ServerFailure: Error {}

/// Owns one libmicrohttpd daemon: one thread, epoll, keep-alive, and the limits of RELIABILITY S13.
///
/// ```
/// request line ─► Exchange ─► head: admit ─► body: gather or feed ─► answer ┬─ now:   queued at once
///                                                                           ├─ later: suspended; a lane's thread resumes
///                                                                           └─ live:  suspended between ticks
/// ```
/// Only this file knows the library. Everything runs on its thread but `stop`, resuming, and `cutSlowPeers`.
@safe final class Server: Sendable {
  static let connections = 256, connectionsOfOneAddress = 64
  static let headBytes = 16 << 10  // request line and headers
  static let poolBytes = 24 << 10  // of a connection: the request's head and the answer's
  static let idleSeconds = 10
  static let headSeconds = 5  // from the connection's begin

  let router: Router
  let hub = LiveHub()
  private let rows: Lane
  private let sql: Lane
  private let deadlines = Mutex<[CInt: Int]>([:])  // monotonic second by descriptor
  nonisolated(unsafe) private var daemon: OpaquePointer?  // set once before the thread exists, cleared once by `stop`
  let opened = Signal()  // somebody came
  let finishedTicking = Signal()
  let port: Int

  /// Takes over `descriptor`, a bound and listening socket.
  init(_ router: Router, listening descriptor: CInt) throws(ServerFailure) {
    self.router = router
    rows = Lane("rows", threads: 2, backlog: 64)
    sql = Lane("sql", threads: 1, backlog: 8)
    port = Listener.address(of: descriptor).map { Int($0.port) } ?? 0
    unsafe daemon = nil
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    let began: LineCallback = unsafe requestBegan
    let ended: CompletedCallback = unsafe requestEnded
    let changed: ConnectionCallback = unsafe connectionChanged
    let options = unsafe [
      option(.LISTEN_SOCKET, Int(descriptor)),
      option(.CONNECTION_LIMIT, Self.connections),
      option(.PER_IP_CONNECTION_LIMIT, Self.connectionsOfOneAddress),
      option(.CONNECTION_TIMEOUT, Self.idleSeconds),
      option(.CONNECTION_MEMORY_LIMIT, Self.poolBytes),
      option(.THREAD_STACK_SIZE, Thread.stackBytes),
      option(.STRICT_FOR_CLIENT, 1),
      option(.SIGPIPE_HANDLED_BY_APP, 0),
      option(.URI_LOG_CALLBACK, unsafeBitCast(began, to: Int.self), context),
      option(.NOTIFY_COMPLETED, unsafeBitCast(ended, to: Int.self), context),
      option(.NOTIFY_CONNECTION, unsafeBitCast(changed, to: Int.self), context),
      option(.END, 0),
    ]
    let flags = MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
    let started = unsafe Thread.withoutSignals {
      unsafe options.withUnsafeBufferPointer { items in
        let list: [any CVarArg] = unsafe [MHD_OPTION.ARRAY.rawValue, items.baseAddress!, MHD_OPTION.END.rawValue]
        return unsafe withVaList(list) { unsafe MHD_start_daemon_va(flags, 0, nil, nil, access, context, $0) }
      }
    }
    guard let started = unsafe started else { throw ServerFailure() }
    unsafe daemon = started
  }

  /// Stops accepting, ends streams and questions under way, joins the thread. Within a second: SQL gives up by itself.
  func stop() {
    guard let running = unsafe daemon else { return }
    unsafe daemon = nil
    let listening = unsafe MHD_quiesce_daemon(running)
    hub.end()
    sql.drain()
    rows.drain()
    unsafe MHD_stop_daemon(running)  // would abort the process while a connection is suspended
    if listening >= 0 { close(listening) }
  }

  deinit { precondition(unsafe daemon == nil, "BUG: a server was dropped without stop()") }

  // MARK: Deadlines

  /// The library's timeout starts anew with every byte; this one does not.
  fileprivate func setDeadline(_ connection: OpaquePointer, inSeconds seconds: Int?) {
    let descriptor = unsafe ballcone_connection_fd(connection)
    deadlines.withLock { $0[descriptor] = seconds.map { monotonicSeconds() + $0 } }
  }
  /// Ends connections whose head or form is not there in time. Once a second, while somebody is connected.
  func cutSlowPeers() {
    let now = monotonicSeconds()
    deadlines.withLock { for (descriptor, deadline) in $0 where deadline < now { shutdown(descriptor, CInt(SHUT_RDWR)) } }
  }
  /// Whether nobody is connected.
  var isIdle: Bool {
    guard let daemon = unsafe daemon else { return true }
    return unsafe ballcone_connections(daemon) == 0
  }

  // MARK: One request

  fileprivate func begin(_ exchange: Exchange, _ connection: OpaquePointer, _ method: UnsafePointer<CChar>) -> MHD_Result {
    let verb: Request.Verb =
      switch unsafe String(cString: method) {
      case "GET": .get
      case "HEAD": .head
      case "POST": .post
      default: .other
      }
    var head = Head(bytes: exchange.target.utf8.count)
    _ = unsafe withUnsafeMutablePointer(to: &head) {
      unsafe MHD_get_connection_values_n(connection, .HEADER_KIND, collectHeader, $0)
    }
    var request = Request(verb, exchange.target, headers: head.headers)
    // The library would take as much as its pool holds, and then find no room for the answer.
    if head.bytes > Self.headBytes { return unsafe queue(router.finish(Router.headTooLarge, request), exchange, connection) }
    let (route, admission) = router.admit(&request)
    (exchange.route, exchange.request) = (route, request)
    switch admission {
    case .refused(let response): return unsafe queue(response, exchange, connection)
    case .body(let limit):
      exchange.bodyLimit = limit
      unsafe setDeadline(connection, inSeconds: Self.idleSeconds)
    case .upload(let session):
      exchange.upload = session
      unsafe setDeadline(connection, inSeconds: nil)
    }
    return .YES
  }

  fileprivate func receive(_ piece: UnsafeRawBufferPointer, _ exchange: Exchange) -> MHD_Result {
    if let session = exchange.upload {
      unsafe session.feed(Span(_unsafeBytes: piece))
      return .YES
    }
    exchange.bodyCount += piece.count
    if exchange.bodyCount <= exchange.bodyLimit { unsafe exchange.request?.body += Array(piece) }
    return exchange.bodyCount <= exchange.bodyLimit * 4 ? .YES : .NO  // a reader of answers may get one; a flood not
  }

  fileprivate func answer(_ exchange: Exchange, _ connection: OpaquePointer) -> MHD_Result {
    if let response = exchange.later.take() { return unsafe queue(response, exchange, connection) }  // resumed
    unsafe setDeadline(connection, inSeconds: nil)
    guard let request = exchange.request else { return .NO }
    if let session = exchange.upload {
      exchange.upload = nil
      return unsafe queue(router.finish(session.response, request), exchange, connection)
    }
    if exchange.bodyCount > exchange.bodyLimit {
      return unsafe queue(router.finish(Router.tooLarge, request), exchange, connection)
    }
    switch router.answer(request, exchange.route) {
    case .response(let response): return unsafe queue(response, exchange, connection)
    case .stream(let topic): return unsafe queueStream(topic, exchange, connection, isHead: request.verb == .head)
    case .later(let kind, let work):
      let handle = unsafe Connection(pointer: connection), later = exchange.later
      handle.suspend()
      let accepted = (kind == .sql ? sql : rows).submit {
        later.set(work())
        handle.resume()
      }
      if !accepted {
        later.set(router.finish(APIError("busy", status: 503, "cannot answer now: too many questions wait").response, request))
        handle.resume()
      }
      return .YES
    }
  }

  private func queue(_ response: Response, _ exchange: Exchange, _ connection: OpaquePointer) -> MHD_Result {
    router.context.counters.answered(exchange.route, response.status)
    let made: OpaquePointer?
    switch response.body {
    case .bytes(let bytes):
      unsafe made = bytes.withUnsafeBytes {
        unsafe MHD_create_response_from_buffer($0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
      }
    case .asset(let asset):
      unsafe made = asset.withBytes { bytes in
        unsafe bytes.withUnsafeBytes {
          unsafe MHD_create_response_from_buffer(
            $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_PERSISTENT)
        }
      }
    }
    guard let made = unsafe made else { return .NO }
    defer { unsafe MHD_destroy_response(made) }
    for header in response.headers { unsafe MHD_add_response_header(made, header.name, header.value) }
    return unsafe MHD_queue_response(connection, UInt32(response.status), made)
  }

  private func queueStream(
    _ topic: LiveTopic, _ exchange: Exchange, _ connection: OpaquePointer, isHead: Bool
  ) -> MHD_Result {
    router.context.counters.answered(exchange.route, 200)
    let made: OpaquePointer?
    if isHead {
      unsafe made = MHD_create_response_from_buffer(0, nil, .RESPMEM_PERSISTENT)
    } else {
      let now = router.context.clock(), tick = router.context.ticks([topic], at: now)[topic]
      let stream = unsafe OpenStream(self, hub.open(topic, Connection(pointer: connection), first: tick, at: now))
      unsafe made = MHD_create_response_from_callback(
        .max, 1_024, readStream, Unmanaged.passRetained(stream).toOpaque(), closeStream)
      if unsafe made == nil { unsafe closeStream(Unmanaged.passUnretained(stream).toOpaque()) }
    }
    guard let made = unsafe made else { return .NO }
    defer { unsafe MHD_destroy_response(made) }
    let headers =
      Access.securityHeaders + [
        ("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"), ("X-Accel-Buffering", "no"),
      ]
    for header in headers { unsafe MHD_add_response_header(made, header.name, header.value) }
    return unsafe MHD_queue_response(connection, 200, made)
  }
}

// MARK: What the library holds pointers to

/// One request on its way; made with its first line, released when it is done or broken off.
private final class Exchange {
  let target: String
  var route = Route.unknown
  var request: Request?
  var isBegun = false
  var bodyLimit = 0, bodyCount = 0
  var upload: (any ImportSession)?
  let later = LateAnswer()

  init(target: String) { self.target = target }
}

/// The headers we act upon, and how long all of them are.
private struct Head {
  var bytes: Int
  var headers: [(name: HeaderName, value: String)] = []
}

/// Where a lane's thread leaves its answer for the event loop.
private final class LateAnswer: Sendable {
  private let response = Mutex<Response?>(nil)
  func set(_ answer: Response) { response.withLock { $0 = answer } }
  func take() -> Response? { response.withLock { $0.take() } }
}

private final class OpenStream: Sendable {
  let server: Server
  let id: Int
  init(_ server: Server, _ id: Int) { (self.server, self.id) = (server, id) }
}

/// The library keeps a suspended connection until it is resumed, so the pointer outlives the sleep.
@safe private struct Connection: Suspendable {
  nonisolated(unsafe) let pointer: OpaquePointer
  func suspend() { unsafe MHD_suspend_connection(pointer) }
  func resume() { unsafe MHD_resume_connection(pointer) }
}

private typealias Slot = UnsafeMutablePointer<UnsafeMutableRawPointer?>
private typealias LineCallback =
  @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) -> UnsafeMutableRawPointer?
private typealias CompletedCallback =
  @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, Slot?, MHD_RequestTerminationCode) -> Void
private typealias ConnectionCallback =
  @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, Slot?, MHD_ConnectionNotificationCode) -> Void

private func option(_ name: MHD_OPTION, _ value: Int, _ pointer: UnsafeMutableRawPointer? = nil) -> MHD_OptionItem {
  unsafe MHD_OptionItem(option: name, value: value, ptr_value: pointer)
}
private func server(_ context: UnsafeMutableRawPointer?) -> Server {
  unsafe Unmanaged<Server>.fromOpaque(context!).takeUnretainedValue()
}

/// The request line as sent, before the library decodes it in place.
private func requestBegan(
  _: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _: OpaquePointer?
) -> UnsafeMutableRawPointer? {
  let exchange = unsafe Exchange(target: target.map { unsafe String(cString: $0) } ?? "/")
  return unsafe Unmanaged.passRetained(exchange).toOpaque()
}

private func access(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _: UnsafePointer<CChar>?,
  _ method: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?, _ body: UnsafePointer<CChar>?,
  _ bodyBytes: UnsafeMutablePointer<Int>?, _ slot: Slot?
) -> MHD_Result {
  guard let connection = unsafe connection, let method = unsafe method, let bodyBytes = unsafe bodyBytes,
    let held = unsafe slot?.pointee
  else { return .NO }
  let server = unsafe server(context)
  let exchange = unsafe Unmanaged<Exchange>.fromOpaque(held).takeUnretainedValue()
  if !exchange.isBegun {  // the head alone; an answer here closes the connection
    exchange.isBegun = true
    return unsafe server.begin(exchange, connection, method)
  }
  if unsafe bodyBytes.pointee > 0 {
    let piece = unsafe UnsafeRawBufferPointer(start: body, count: bodyBytes.pointee)
    unsafe bodyBytes.pointee = 0
    return unsafe server.receive(piece, exchange)
  }
  return unsafe server.answer(exchange, connection)
}

private func requestEnded(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ slot: Slot?, _: MHD_RequestTerminationCode
) {
  guard let held = unsafe slot?.pointee else { return }
  unsafe slot!.pointee = nil
  let exchange = unsafe Unmanaged<Exchange>.fromOpaque(held).takeRetainedValue()
  exchange.upload?.cancel()
  // The next request of a kept connection: as long as it may idle, and then its head.
  if let connection = unsafe connection {
    unsafe server(context).setDeadline(connection, inSeconds: Server.idleSeconds + Server.headSeconds)
  }
}

private func connectionChanged(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _: Slot?, _ change: MHD_ConnectionNotificationCode
) {
  guard let connection = unsafe connection else { return }
  let began = change == .CONNECTION_NOTIFY_STARTED
  unsafe server(context).setDeadline(connection, inSeconds: began ? Server.headSeconds : nil)
  if began { unsafe server(context).opened.wake() }
}

private func collectHeader(
  _ context: UnsafeMutableRawPointer?, _: MHD_ValueKind, _ name: UnsafePointer<CChar>?, _ nameBytes: Int,
  _ value: UnsafePointer<CChar>?, _ valueBytes: Int
) -> MHD_Result {
  let head = unsafe context!.assumingMemoryBound(to: Head.self)
  unsafe head.pointee.bytes += nameBytes + valueBytes + ": \r\n".utf8.count
  guard let name = unsafe name, let known = unsafe HeaderName(UnsafeRawBufferPointer(start: name, count: nameBytes)) else {
    return .YES
  }
  let text = unsafe String(
    decoding: UnsafeRawBufferPointer(start: value, count: unsafe value == nil ? 0 : valueBytes), as: UTF8.self)
  unsafe head.pointee.headers.append((known, text))
  return .YES
}

private func readStream(_ context: UnsafeMutableRawPointer?, _: UInt64, _ room: UnsafeMutablePointer<CChar>?, _ capacity: Int)
  -> Int
{
  let stream = unsafe Unmanaged<OpenStream>.fromOpaque(context!).takeUnretainedValue()
  var span = unsafe MutableSpan<UInt8>(_unsafeBytes: UnsafeMutableRawBufferPointer(start: room, count: capacity))
  switch stream.server.hub.read(stream.id, into: &span) {
  case .bytes(let count): return count
  case .waiting: return 0
  case .ended: return -1  // MHD_CONTENT_READER_END_OF_STREAM
  }
}

private func closeStream(_ context: UnsafeMutableRawPointer?) {
  let stream = unsafe Unmanaged<OpenStream>.fromOpaque(context!).takeRetainedValue()
  stream.server.hub.close(stream.id)
}
