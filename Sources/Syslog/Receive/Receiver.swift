internal import CSocket
internal import Glibc
internal import Synchronization
package import TSEngine

/// The receiving thread: waits on all datagram sockets, hands what arrives to one `Ingestor`, and batches to the engine.
///
/// A batch is handed over when it is full or `batchAge` old. On `stop` the sockets are drained first: what the kernel had
/// taken when it was asked to stop is counted.
@safe
package final class Receiver: Sendable {
  /// How old a batch may become before the engine gets it.
  package static let batchAgeMilliseconds = 100
  /// How long nothing happens before the thread looks at the drop counts and gives memory back.
  static let idleMilliseconds = 1_000

  private let engine: Engine
  private let sockets: [DatagramSocket]
  private let options: IngestOptions
  private let clock: @Sendable () -> Int
  private let heartbeat: @Sendable () -> Void
  private let wake: CInt  // an eventfd
  private let thread = Mutex<pthread_t?>(nil)

  /// - Parameters:
  ///   - clock: Unix seconds.
  ///   - heartbeat: called by the receiving thread at least every second and at most a few times; a watchdog's sign of life.
  package init(
    engine: Engine, sockets: [DatagramSocket], options: IngestOptions, clock: @escaping @Sendable () -> Int,
    heartbeat: @escaping @Sendable () -> Void = {}
  ) {
    (self.engine, self.sockets, self.options) = (engine, sockets, options)
    (self.clock, self.heartbeat) = (clock, heartbeat)
    wake = eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK))
    guard wake >= 0 else { fatalError("cannot open an eventfd: errno \(errno)") }
  }

  deinit { close(wake) }

  /// What the sockets are bound to.
  package var addresses: [String] { sockets.map(\.address) }

  /// Begins to receive. Once.
  package func start() {
    let box = unsafe Unmanaged.passRetained(self)
    thread.withLock { thread in
      precondition(thread == nil, "a receiver starts once")
      var made = pthread_t()
      let status = unsafe pthread_create(
        &made, nil,
        { argument in
          let receiver = unsafe Unmanaged<Receiver>.fromOpaque(argument!).takeRetainedValue()
          unsafe ballcone_thread_name(pthread_self(), "receive")
          receiver.run()
          return nil
        }, unsafe box.toOpaque())
      guard status == 0 else { fatalError("cannot start the receiving thread: error \(status)") }
      thread = made
    }
  }

  /// Drains the sockets, hands over the last batch and returns when the thread has ended.
  package func stop() {
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    guard let running else { return }
    var one: UInt64 = 1
    _ = unsafe write(wake, &one, 8)
    pthread_join(running, nil)
  }

  // MARK: the thread

  private func run() {
    var batch = DatagramBatch()
    var ingestor = Ingestor(engine: engine, options: options)
    var drops = sockets.map { DropCounter(start: $0.dropsBefore) }
    var waits = sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    waits.append(pollfd(fd: wake, events: Int16(POLLIN), revents: 0))
    var lastBeat = 0, pendingSince = 0
    while true {
      let now = Self.milliseconds()
      if !ingestor.hasPending { pendingSince = now }
      let age = now - pendingSince
      if age >= Self.batchAgeMilliseconds { ingestor.flush() }
      if now - lastBeat >= Self.idleMilliseconds {
        heartbeat()
        countDrops(&drops)
        lastBeat = now
      }
      let timeout = ingestor.hasPending ? max(1, Self.batchAgeMilliseconds - age) : Self.idleMilliseconds
      let ready = unsafe poll(&waits, nfds_t(waits.count), CInt(timeout))
      if ready == 0, !ingestor.hasPending { batch.release() }
      guard ready > 0 else { continue }
      let isStopping = waits[sockets.count].revents != 0
      for index in sockets.indices where waits[index].revents != 0 || isStopping {
        drain(sockets[index], &batch, &ingestor, &drops[index], until: isStopping ? Self.milliseconds() + 2_000 : now + 50)
      }
      if isStopping {
        ingestor.flush()
        countDrops(&drops)
        return
      }
    }
  }

  /// Takes all that is queued, or what comes until `deadline`, so that one busy socket cannot keep the thread.
  private func drain(
    _ socket: DatagramSocket, _ batch: inout DatagramBatch, _ ingestor: inout Ingestor, _ drops: inout DropCounter,
    until deadline: Int
  ) {
    while true {
      let count = batch.receive(from: socket)
      let arrival = clock()
      for index in 0..<count {
        batch.withDatagram(index) { datagram, isTruncated in
          ingestor.add(datagram, isTruncated: isTruncated, from: socket.input, arrival: arrival)
        }
      }
      if let value = batch.drops() { engine.accounting.dropped(drops.update(value)) }
      if count < DatagramBatch.slots || Self.milliseconds() >= deadline { return }
    }
  }

  private func countDrops(_ drops: inout [DropCounter]) {
    for index in sockets.indices {
      let more = drops[index].update(sockets[index].kernelDrops)
      if more > 0 { engine.accounting.dropped(more) }
    }
  }

  /// A monotonic clock, precise to a few milliseconds and read without a system call.
  private static func milliseconds() -> Int {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC_COARSE, &now)
    return now.tv_sec * 1_000 + now.tv_nsec / 1_000_000
  }
}
