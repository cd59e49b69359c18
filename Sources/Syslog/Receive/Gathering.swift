internal import Glibc
internal import TSEngine

/// Lets datagrams gather for a millisecond while they come fast, so that waking up, some 3 µs of CPU, is paid once for
/// hundreds of them rather than for each. Web servers send every line by itself.
///
/// It never waits where that could lose any: what comes meanwhile must fit into a quarter of the receive buffers, and a unix
/// socket queues a few datagrams only (`net.unix.max_dgram_qlen`).
struct Gathering: Sendable {
  /// What one core can take at most: this many datagrams may come in a microsecond.
  private static let mostPerMicrosecond = 1
  private static let longest = 1_000, shortest = 200  // µs; a shorter wait saves nothing
  /// So many wake-ups a second are busy; a wait that brings fewer datagrams than `fewest` was not worth it.
  private static let busyGap = 250, fewest = 4  // µs

  /// µs; 0: never waits.
  let pause: Int
  private(set) var isBusy = false
  private var wokeAt = 0, gap = 0  // µs

  init(_ sockets: [DatagramSocket]) {
    pause = Self.pause(buffers: sockets.map { $0.input == .udp ? $0.receiveBuffer : 0 })
  }

  /// - Parameter buffers: bytes as the kernel counts them, 1,280 for a datagram of up to 600.
  static func pause(buffers: [Int]) -> Int {
    guard let least = buffers.min() else { return 0 }
    let safe = least / 1_280 / 4 / mostPerMicrosecond
    return safe < shortest ? 0 : min(safe, longest)
  }

  /// The thread is awake and has something to take.
  @inline(__always)
  mutating func wake() {
    if pause > 0 { wake(at: Self.microseconds()) }
  }

  mutating func wake(at now: Int) { (gap, wokeAt) = (now - wokeAt, now) }

  /// Waits when it is worth it, having taken so many datagrams since `wake`.
  @inline(__always)
  mutating func rest(_ taken: Int) {
    guard pause > 0, isWorthIt(taken) else { return }
    var time = timespec(tv_sec: 0, tv_nsec: pause * 1_000)
    _ = unsafe nanosleep(&time, nil)
  }

  mutating func isWorthIt(_ taken: Int) -> Bool {
    isBusy = isBusy ? taken >= Self.fewest : gap < Self.busyGap
    return isBusy
  }

  private static func microseconds() -> Int {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1_000_000 + now.tv_nsec / 1_000
  }
}
