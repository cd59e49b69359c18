import CLoopback
import Glibc
import Syslog
import TSEngine

/// Datagrams of 400 bytes over loopback: what one costs beyond a receiver that only counts, in one run, and up to which rate
/// none is lost. The sender is another thread; every figure is CPU time, so that a shared machine blurs it little.
enum ReceiveBenchmarks {
  static let size = 400
  private static let clock = 1_795_600_000

  static func run(seconds: Int = 1) {
    var payload = payload(4_096)
    let rates = [100_000, 200_000, 400_000, 600_000, 800_000]
    for rate in rates {
      let counting = count(&payload, rate, seconds), ours = receive(&payload, rate, seconds)
      let beyond = ours.nanoseconds - counting.nanoseconds
      print(
        "receive at \(rate)/s: counting \(counting.nanoseconds) ns of CPU a datagram, lost \(counting.sent - counting.received); "
          + "ballconed \(ours.nanoseconds) ns, lost \(ours.sent - ours.received), so \(beyond) ns beyond")
    }
    accounting(&payload)
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

  private struct Figures {
    var sent = 0, received = 0, dropped = 0, counted = 0, rejected = 0, nanoseconds = 0
  }

  private static func receive(_ payload: inout [UInt8], _ rate: Int, _ seconds: Int) -> Figures {
    receive(&payload, rate, total: rate * seconds)
  }

  private static func receive(_ payload: inout [UInt8], _ rate: Int, total: Int) -> Figures {
    guard let (socket, port) = socket() else { return Figures() }
    var options = EngineOptions()
    options.visitorKey = SipKey(k0: 1, k1: 2)
    let engine = Engine(options, accounting: Accounting()) { clock }
    let receiver = Receiver(engine: engine, sockets: [socket], options: IngestOptions()) { clock }
    receiver.start()
    _ = flood(&payload, port, 50_000, total: 5_000)  // each site, agent and referrer once
    var figures = measured {
      flood(&payload, port, rate, total: total)
    } settle: {
      receiver.stop()
    }
    let accounting = engine.accounting
    figures.received = accounting.received - 5_000
    (figures.dropped, figures.rejected) = (accounting.dropped, accounting.rejected)
    figures.counted = accounting.counted - 5_000
    figures.nanoseconds /= max(1, figures.received)
    return figures
  }

  private static func count(_ payload: inout [UInt8], _ rate: Int, _ seconds: Int) -> Figures {
    guard let (socket, port) = socket() else { return Figures() }
    let counter = unsafe ballcone_counter_start(socket.descriptor)
    _ = flood(&payload, port, 50_000, total: 5_000)
    var counted = 0
    var figures = measured {
      flood(&payload, port, rate, total: rate * seconds)
    } settle: {
      counted = Int(unsafe ballcone_counter_stop(counter))
    }
    figures.received = counted - 5_000
    figures.nanoseconds /= max(1, figures.received)
    return figures
  }

  /// CPU time of everything but the sending thread, which is this one.
  private static func measured(_ send: () -> Int, settle: () -> Void) -> Figures {
    var figures = Figures()
    let (all, own) = (nanoseconds(CLOCK_PROCESS_CPUTIME_ID), nanoseconds(CLOCK_THREAD_CPUTIME_ID))
    figures.sent = send()
    settle()
    figures.nanoseconds =
      nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - all - (nanoseconds(CLOCK_THREAD_CPUTIME_ID) - own)
    return figures
  }

  private static func flood(_ payload: inout [UInt8], _ port: UInt16, _ rate: Int, total: Int) -> Int {
    let count = payload.count / size
    return unsafe payload.withUnsafeMutableBytes { bytes in
      Int(
        unsafe ballcone_flood(
          port, bytes.bindMemory(to: CChar.self).baseAddress, UInt32(size), UInt32(count), UInt(total), UInt(rate), 16,
          UInt32(numberAt)))
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

  private static let head = "<190>Nov 24 03:59:02 nginx: {\"v\":1,\"n\":\""
  private static var numberAt: Int { head.utf8.count }

  /// `count` lines of our compact form, each filled up by its query.
  private static func payload(_ count: Int) -> [UInt8] {
    var all: [UInt8] = []
    for number in 0..<count {
      let referrer = number & 1 == 0 ? "" : "https://referrer-\(number % 97).example/some/page"
      let agent =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/\(100 + number % 40).0.0.0 Safari/537.36"
      let before =
        head + "00000000\",\"t\":\"\(1_795_500_000 + number / 50).083\",\"s\":\"example.org\","
        + "\"a\":\"192.0.\(number % 200).7\",\"m\":\"GET\",\"u\":\"/articles/page-\(number * 7 % 2_000)?q="
      let after =
        "\",\"c\":\"200\",\"b\":\"\(number * 31 % 60_000)\",\"d\":\"0.0\(number % 90 + 10)\",\"ud\":\"0.004\","
        + "\"r\":\"\(referrer)\",\"ua\":\"\(agent)\",\"p\":\"HTTP/1.1\"}"
      let line = before + String(repeating: "x", count: max(0, size - before.utf8.count - after.utf8.count)) + after
      precondition(line.utf8.count == size, "a line of \(line.utf8.count) bytes")
      all += Array(line.utf8)
    }
    return all
  }

  private static func nanoseconds(_ clock: clockid_t) -> Int {
    var now = timespec()
    unsafe clock_gettime(clock, &now)
    return now.tv_sec * 1_000_000_000 + now.tv_nsec
  }
}
