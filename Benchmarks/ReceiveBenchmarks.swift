import CAllocations
import CLoopback
import Glibc
import Syslog
import TSEngine

/// Datagrams of 400 bytes over loopback: what one costs beyond a receiver that only counts, and beside rsyslog, in one run;
/// and up to which rate none is lost.
///
/// Two receivers count: one takes what comes as it comes, the other lets datagrams gather as ours does (`Gathering`); the
/// latter is what ours is compared with, so that "beyond" is what understanding and counting an event costs.
///
/// The sender has one core and the receiver another, to themselves where that is allowed. Every cost is CPU time.
enum ReceiveBenchmarks {
  private static let rates = [100_000, 200_000, 300_000, 400_000, 500_000, 600_000]
  private static let rounds = 5, senderCore: UInt32 = 0, receiverCore: UInt32 = 1
  private static let clock: @Sendable () -> Int = { time(nil) }

  /// - Parameter rate: this one alone.
  static func run(rate: Int? = nil) {
    var payload = LogLines.compact(4_096)
    let isAlone = ballcone_pin(senderCore) != 0
    defer { ballcone_unpin() }
    print(
      "receive: \(rounds) rounds of half a second each, median (least…most); load of the machine \(Load.average())"
        + (isAlone ? "" : "; not alone on its cores: what is lost is lost to others too"))
    for rate in rate.map({ [$0] }) ?? rates { compare(&payload, rate) }
    accounting(&payload)
  }

  /// One row of the table: each receiver in turn, again and again, so that what else the machine does meets all of them.
  private static func compare(_ payload: inout [UInt8], _ rate: Int) {
    var allocations = 0
    var eager = Series(), counting = Series(), ours = Series(), beyond = Series(), rsyslog = Series()
    for _ in 0..<rounds {
      eager.add(count(&payload, rate, pause: 0))
      let floor = count(&payload, rate, pause: 1_000), figures = receive(&payload, rate, total: rate / 2)
      counting.add(floor)
      ours.add(figures)
      allocations = max(allocations, figures.allocations)
      beyond.add(nanoseconds: figures.nanoseconds - floor.nanoseconds)
      if let figures = RsyslogReceiver.measure(flood: { flood(&payload, $0, rate, total: rate / 2) }, receiverCore) {
        rsyslog.add(figures)
      }
    }
    print(
      "receive at \(rate)/s: counting as they come \(eager); counting \(counting); ballconed \(ours); "
        + "beyond counting \(beyond.nanosecondsText), at most \(allocations) allocations a round"
        + (rsyslog.isEmpty ? "" : "; rsyslog \(rsyslog)"))
    // Some are the engine's, when an hour or a list closes; none is a datagram's.
    guard allocations <= rate / 2 / 1_000 else {
      print("FAILED: datagrams allocate")
      exit(1)
    }
  }

  /// As many numbered datagrams as fast as they come: sent = received + dropped, received = counted + rejected.
  private static func accounting(_ payload: inout [UInt8]) {
    let total = 1_000_000
    let ours = receive(&payload, 0, total: total)
    let isExact = ours.sent == ours.received + ours.dropped && ours.received == ours.counted + ours.rejected
    print(
      "overload: sent \(ours.sent) = received \(ours.received) + dropped \(ours.dropped); counted \(ours.counted), "
        + "rejected \(ours.rejected)")
    guard isExact, ours.sent == total else {
      print("FAILED: some datagrams are unaccounted for")
      exit(1)
    }
  }

  private static func receive(_ payload: inout [UInt8], _ rate: Int, total: Int) -> Figures {
    guard let (socket, port) = socket() else { return Figures() }
    var options = EngineOptions()
    options.visitorKey = SipKey(k0: 1, k1: 2)
    let engine = Engine(options, accounting: Accounting(), clock: clock)
    let receiver = Receiver(engine: engine, sockets: [socket], options: IngestOptions(), clock: clock)
    _ = ballcone_pin(receiverCore)
    receiver.start()
    let warm = flood(&payload, port, 50_000, total: 20_000)  // agents, referrers and paths have been seen
    var figures = measured {
      flood(&payload, port, rate, total: total)
    } settle: {
      receiver.stop()
    }
    let accounting = engine.accounting
    figures.received = accounting.received - warm
    (figures.dropped, figures.rejected) = (accounting.dropped, accounting.rejected)
    figures.counted = accounting.counted - warm
    figures.nanoseconds /= max(1, figures.received)
    return figures
  }

  private static func count(_ payload: inout [UInt8], _ rate: Int, pause: UInt32) -> Figures {
    guard let (socket, port) = socket() else { return Figures() }
    _ = ballcone_pin(receiverCore)
    let counter = unsafe ballcone_counter_start(socket.descriptor, pause)
    let warm = flood(&payload, port, 50_000, total: 20_000)
    var counted = 0
    var figures = measured {
      flood(&payload, port, rate, total: rate / 2)
    } settle: {
      counted = Int(unsafe ballcone_counter_stop(counter))
    }
    figures.received = counted - warm
    figures.nanoseconds /= max(1, figures.received)
    return figures
  }

  /// CPU time of everything but the sending thread, which is this one.
  private static func measured(_ send: () -> Int, settle: () -> Void) -> Figures {
    var figures = Figures()
    let before = ballcone_allocations()
    let (all, own) = (nanoseconds(CLOCK_PROCESS_CPUTIME_ID), nanoseconds(CLOCK_THREAD_CPUTIME_ID))
    figures.sent = send()
    figures.allocations = Int(ballcone_allocations() - before)
    settle()
    figures.nanoseconds =
      nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - all - (nanoseconds(CLOCK_THREAD_CPUTIME_ID) - own)
    return figures
  }

  private static func flood(_ payload: inout [UInt8], _ port: UInt16, _ rate: Int, total: Int) -> Int {
    _ = ballcone_pin(senderCore)
    let count = payload.count / LogLines.size
    return unsafe payload.withUnsafeMutableBytes { bytes in
      Int(
        unsafe ballcone_flood(
          port, bytes.bindMemory(to: CChar.self).baseAddress, UInt32(LogLines.size), UInt32(count), UInt(total), UInt(rate),
          16, LogLines.places))
    }
  }

  private static func socket() -> (DatagramSocket, UInt16)? {
    guard let socket = try? DatagramSocket.udp(host: "127.0.0.1", port: 0),
      let port = UInt16(socket.address.split(separator: ":").last ?? "")
    else {
      print("receive: no socket")
      return nil
    }
    return (socket, port)
  }

  private static func nanoseconds(_ clock: clockid_t) -> Int {
    var now = timespec()
    unsafe clock_gettime(clock, &now)
    return now.tv_sec * 1_000_000_000 + now.tv_nsec
  }

  /// What became of one flood.
  struct Figures {
    var sent = 0, received = 0, dropped = 0, counted = 0, rejected = 0
    var nanoseconds = 0  // of CPU, a datagram received
    var allocations = 0  // of the whole process while they came
  }

  /// The same measured several times.
  private struct Series: CustomStringConvertible {
    private var costs: [Int] = [], losses: [Int] = []  // ns; of 10,000 sent
    var isEmpty: Bool { costs.isEmpty }

    mutating func add(_ figures: Figures) {
      costs.append(figures.nanoseconds)
      losses.append((figures.sent - figures.received) * 10_000 / max(1, figures.sent))
    }
    mutating func add(nanoseconds: Int) { costs.append(nanoseconds) }

    var nanosecondsText: String {
      let sorted = costs.sorted()
      return "\(sorted[sorted.count / 2]) (\(sorted[0])…\(sorted[sorted.count - 1])) ns"
    }
    var description: String {
      let sorted = losses.sorted(), median = sorted[sorted.count / 2]
      return "\(nanosecondsText), lost \(Double(median) / 100) % (…\(Double(sorted[sorted.count - 1]) / 100) %)"
    }
  }
}
