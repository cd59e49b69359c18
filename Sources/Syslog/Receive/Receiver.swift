internal import CSocket
internal import Glibc
internal import Synchronization
package import TSEngine

/// The receiving thread: what arrives at any socket goes to one `Ingestor`, and in batches to the engine (`ReceiveLoop`).
///
/// A batch is handed over when it is full or `batchAge` old. On `stop` the sockets are drained first: what the kernel had
/// taken when it was asked to stop is counted.
@safe
package final class Receiver: Sendable {
  /// How old a batch may become before the engine gets it.
  package static let batchAgeMilliseconds = 100
  /// How long nothing happens before the thread looks at the drop counts and gives memory back.
  static let idleMilliseconds = 1_000

  let engine: Engine
  let sockets: [DatagramSocket]
  let streams: [StreamSocket]
  let options: IngestOptions
  let clock: @Sendable () -> Int
  let heartbeat: @Sendable () -> Void
  let wake: CInt  // an eventfd
  private let thread = Mutex<pthread_t?>(nil)

  /// - Parameters:
  ///   - clock: Unix seconds.
  ///   - heartbeat: called by the receiving thread at least every second and at most a few times; a watchdog's sign of life.
  package init(
    engine: Engine, sockets: [DatagramSocket], streams: [StreamSocket] = [], options: IngestOptions,
    clock: @escaping @Sendable () -> Int, heartbeat: @escaping @Sendable () -> Void = {}
  ) {
    (self.engine, self.sockets, self.streams, self.options) = (engine, sockets, streams, options)
    (self.clock, self.heartbeat) = (clock, heartbeat)
    wake = eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK))
    guard wake >= 0 else { fatalError("cannot open an eventfd: errno \(errno)") }
  }

  deinit { close(wake) }

  /// What the sockets are bound to.
  package var addresses: [String] { sockets.map(\.address) + streams.map(\.address) }

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
          var loop = ReceiveLoop(receiver)
          loop.run()
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
}
