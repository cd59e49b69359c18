internal import Glibc
internal import TSEngine

/// What the receiving thread does and owns: waits on all sockets, takes what is there, hands batches over in time.
struct ReceiveLoop: ~Copyable {
  private let receiver: Receiver
  private var batch = DatagramBatch()
  private var ingestor: Ingestor
  private var drops: [DropCounter]
  private var connections: [StreamConnection] = []
  private var waits: [pollfd] = []  // wake, datagram sockets, listening sockets, connections
  private var pendingSince = 0, lastBeat = 0
  private var gathering: Gathering

  init(_ receiver: Receiver) {
    self.receiver = receiver
    gathering = Gathering(receiver.sockets)
    ingestor = Ingestor(engine: receiver.engine, options: receiver.options)
    drops = receiver.sockets.map { DropCounter(start: $0.dropsBefore) }
  }

  /// Until the receiver is told to stop; then everything is drained and handed over.
  mutating func run() {
    watch()
    while true {
      let now = Self.milliseconds()
      if !ingestor.hasPending { pendingSince = now }
      let age = now - pendingSince
      if age >= Receiver.batchAgeMilliseconds { ingestor.flush() }
      if now - lastBeat >= Receiver.idleMilliseconds { beat(now) }
      let timeout = ingestor.hasPending ? max(1, Receiver.batchAgeMilliseconds - age) : Receiver.idleMilliseconds
      let ready = unsafe poll(&waits, nfds_t(waits.count), CInt(timeout))
      if ready == 0, !ingestor.hasPending { batch.release() }
      guard ready > 0 else { continue }
      gathering.wake()
      let isStopping = waits[0].revents != 0
      let taken = takeDatagrams(isStopping, until: isStopping ? Self.milliseconds() + 2_000 : now + 50)
      takeStreams(isStopping)
      if isStopping {
        ingestor.flush()
        countDrops()
        return
      }
      gathering.rest(taken)
    }
  }

  /// Signs of life, and what is due about once a second.
  private mutating func beat(_ now: Int) {
    receiver.heartbeat()
    countDrops()
    lastBeat = now
    guard !connections.isEmpty else { return }
    let before = connections.count
    let arrival = receiver.clock()
    for connection in connections where connection.isStuck(now: now) {
      ingestor.refuse(Rejection(.truncated, "TCP message without its end"), from: .tcp, arrival: arrival)
    }
    connections.removeAll { $0.isStuck(now: now) }
    if connections.count < before { watch() }
  }

  private mutating func watch() {
    waits = [pollfd(fd: receiver.wake, events: Int16(POLLIN), revents: 0)]
    let descriptors =
      receiver.sockets.map(\.descriptor) + receiver.streams.map(\.descriptor) + connections.map(\.descriptor)
    for descriptor in descriptors { waits.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)) }
  }

  // MARK: datagrams

  private mutating func takeDatagrams(_ isStopping: Bool, until deadline: Int) -> Int {
    var taken = 0
    for index in receiver.sockets.indices where waits[1 + index].revents != 0 || isStopping {
      taken += drain(receiver.sockets[index], index, until: deadline)
    }
    return taken
  }

  /// Takes all that is queued, or what comes until `deadline`, so that one busy socket cannot keep the thread.
  /// Returns how many that were.
  private mutating func drain(_ socket: DatagramSocket, _ index: Int, until deadline: Int) -> Int {
    let isOpen = socket.policy.isOpen
    var taken = 0
    while true {
      let count = batch.receive(from: socket)
      let arrival = receiver.clock()
      for slot in 0..<count {
        if !isOpen, !batch.mayArrive(slot, by: socket.policy) {
          ingestor.refuse(Rejection(.sender, "sender"), from: socket.input, arrival: arrival)
          continue
        }
        batch.withDatagram(slot) { datagram, isTruncated in
          ingestor.add(datagram, isTruncated: isTruncated, from: socket.input, arrival: arrival)
        }
      }
      if let value = batch.drops() { receiver.engine.accounting.dropped(drops[index].update(value)) }
      taken += count
      if count < DatagramBatch.slots || Self.milliseconds() >= deadline { return taken }
    }
  }

  private mutating func countDrops() {
    for index in receiver.sockets.indices {
      let more = drops[index].update(receiver.sockets[index].kernelDrops)
      if more > 0 { receiver.engine.accounting.dropped(more) }
    }
  }

  // MARK: streams

  private mutating func takeStreams(_ isStopping: Bool) {
    guard !receiver.streams.isEmpty else { return }
    let now = Self.milliseconds(), first = 1 + receiver.sockets.count
    var hasChanged = false
    for index in receiver.streams.indices where waits[first + index].revents != 0 || isStopping {
      hasChanged = accept(receiver.streams[index], now) || hasChanged
    }
    let known = first + receiver.streams.count
    let arrival = receiver.clock()
    var ended: [CInt] = []
    for (index, connection) in connections.enumerated() {
      let isNew = known + index >= waits.count
      guard isStopping || isNew || waits[known + index].fd != connection.descriptor || waits[known + index].revents != 0 else {
        continue
      }
      let state = connection.read(now: now) { message, isTruncated in
        ingestor.add(message, isTruncated: isTruncated, from: .tcp, arrival: arrival)
      }
      if state == .ended { ended.append(connection.descriptor) }
    }
    if isStopping { connections.removeAll() }
    connections.removeAll { ended.contains($0.descriptor) }
    if hasChanged || !ended.isEmpty { watch() }
  }

  /// Lets in who waits. Returns whether the connections changed.
  private mutating func accept(_ socket: StreamSocket, _ now: Int) -> Bool {
    var hasChanged = false
    for _ in 0..<StreamConnection.limit {
      guard let (descriptor, mayArrive) = socket.accept() else { break }
      if mayArrive, makeRoom(now) {
        connections.append(StreamConnection(descriptor: descriptor, now: now))
        hasChanged = true
      } else {
        let rejection = mayArrive ? Rejection(.connection, "TCP connection") : Rejection(.sender, "sender")
        ingestor.refuse(rejection, from: .tcp, arrival: receiver.clock())
        close(descriptor)
      }
    }
    return hasChanged
  }

  /// Whether one more connection may be had; the longest idle one gives way.
  private mutating func makeRoom(_ now: Int) -> Bool {
    guard connections.count >= StreamConnection.limit else { return true }
    guard let oldest = connections.indices.min(by: { connections[$0].heardAt < connections[$1].heardAt }),
      connections[oldest].isIdle(now: now)
    else { return false }
    connections.remove(at: oldest)
    return true
  }

  /// A monotonic clock, precise to a few milliseconds and read without a system call.
  private static func milliseconds() -> Int {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC_COARSE, &now)
    return now.tv_sec * 1_000 + now.tv_nsec / 1_000_000
  }
}
