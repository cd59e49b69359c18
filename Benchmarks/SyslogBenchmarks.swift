import CAllocations
import Glibc
import Syslog
import TSEngine

/// The way of a message: parsing alone, then as far as a batch of events, then whole logs with their lines split.
enum SyslogBenchmarks {
  /// One of them for a profiler: `json` or `combined`, as far as a batch, some seconds long.
  static func profile(_ kind: String) {
    let lines = kind == "json" ? compact(10_000).map { header + $0 } : combined(10_000)
    for _ in 0..<40 { build("build: " + kind, lines.map { Array($0.utf8) }) }
  }

  static func run() {
    let lines = combined(10_000), compact = compact(10_000), plain = compact.map { header + $0 }
    parse("parse: combined", lines.map { Array($0.utf8) })
    parse("parse: compact JSON", compact.map { Array($0.utf8) })
    build("build: combined line", lines.map { Array($0.utf8) })
    build("build: datagram of compact JSON", plain.map { Array($0.utf8) })
    ingest("ingest: combined line", lines.map { Array($0.utf8) })
    ingest("ingest: datagram of compact JSON", plain.map { Array($0.utf8) })
    importLog("import: combined log, a line", Array(lines.joined(separator: "\n").utf8), lines: lines.count)
    receive(plain.map { Array($0.utf8) }, perSecond: 200_000)
  }

  private static let header = "<190>Nov 24 03:59:02 nginx: "
  private static let agents = (0..<40).map { number in
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/\(number).0.0.0 Safari/537.36"
  }

  /// As a busy site logs them: 2,000 paths, every second line with a referrer, one second apart.
  private static func combined(_ count: Int) -> [String] {
    (0..<count).map { number in
      let referrer = number & 1 == 0 ? "-" : "https://referrer-\(number % 97).example/some/page?of=it"
      let time = "24/Nov/2026:\(two(number / 3_600 % 24)):\(two(number / 60 % 60)):\(two(number % 60)) +0000"
      let path = "/articles/section-\(number % 40)/page-\(number * 7 % 2_000)"
      return "192.0.\(number % 200).\(number % 250) - - [\(time)] \"GET \(path) HTTP/1.1\" 200 \(number * 31 % 60_000) "
        + "\"\(referrer)\" \"\(agents[number % agents.count])\""
    }
  }

  private static func compact(_ count: Int) -> [String] {
    (0..<count).map { number in
      let referrer = number & 1 == 0 ? "" : "https://referrer-\(number % 97).example/some/page?of=it"
      return
        "{\"v\":1,\"t\":\"\(1_795_492_742 + number / 100).083\",\"s\":\"example.org\",\"a\":\"192.0.\(number % 200).7\",\"m\":\"GET\","
        + "\"u\":\"/articles/page-\(number * 7 % 2_000)\",\"c\":\"200\",\"b\":\"\(number * 31 % 60_000)\",\"d\":\"0.0\(number % 90 + 10)\","
        + "\"ud\":\"0.004\",\"r\":\"\(referrer)\",\"ua\":\"\(agents[number % agents.count])\",\"p\":\"HTTP/1.1\"}"
    }
  }
  private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  private static func parse(_ name: String, _ messages: [[UInt8]]) {
    var record = AccessRecord()
    report(name, messages.count) {
      var sum = 0
      for message in messages {
        record.removeAll()
        do throws(Rejection) { try RecordFormat.auto.parse(message.span, into: &record) } catch { return -1 }
        sum &+= record[.status].range.lowerBound &+ record[.agent].range.upperBound
      }
      return sum
    }
  }

  private static func engine() -> Engine {
    var options = EngineOptions()
    options.visitorKey = SipKey(k0: 1, k1: 2)
    return Engine(options, accounting: Accounting()) { 1_795_600_000 }
  }

  /// As far as a batch; what is left of an ingest is the engine's.
  private static func build(_ name: String, _ messages: [[UInt8]]) {
    var builder = EventBuilder(engine: engine(), countries: nil, visitorIncludesAgent: false)
    let service = ServiceName(Array("bench".utf8).span)
    let allocations = report(name, messages.count) {
      var sum = 0
      for message in messages {
        if builder.batch.isFull { builder.batch.removeAll() }
        do throws(Rejection) {
          try builder.add(message.span, format: .auto, service: service, arrival: 1_795_600_000)
        } catch { return -1 }
        sum &+= builder.batch[builder.batch.count - 1].second &+ builder.batch.usedBytes
      }
      return sum
    }
    guard allocations == 0 else {
      print("FAILED: a message of a known site allocates")
      exit(1)
    }
  }

  private static func ingest(_ name: String, _ messages: [[UInt8]]) {
    let engine = engine()
    var options = IngestOptions()
    options.service = "bench"
    var ingestor = Ingestor(engine: engine, options: options)
    report(name, messages.count) {
      for message in messages { ingestor.add(message.span, from: .udp, arrival: 1_795_600_000) }
      return ingestor.counts.received &+ ingestor.counts.rejected &* 1_000_003
    }
  }

  private static func importLog(_ name: String, _ text: [UInt8], lines: Int) {
    var options = IngestOptions()
    options.service = "bench"
    var log = LogImport(engine: engine(), options: options, ledger: nil) { 1_795_600_000 }
    report(name, lines) {
      log.feed(text.span)
      log.feed([UInt8(ascii: "\n")].span)
      return text.count
    }
    let result = log.finish()
    print("  received \(result.counts.received), rejected \(result.counts.rejected), counted \(result.counts.counted)")
  }

  /// A second of datagrams over loopback at a steady rate, through socket, thread and engine: what is lost, and what a
  /// datagram costs the receiving side with the kernel's share.
  private static func receive(_ messages: [[UInt8]], perSecond rate: Int) {
    guard let socket = try? DatagramSocket.udp(host: "127.0.0.1", port: 0),
      let port = UInt16(socket.address.split(separator: ":").last ?? "")
    else { return print("receive: no socket") }
    if let warning = socket.bufferWarning { print("  \(warning)") }
    let engine = engine()
    let receiver = Receiver(engine: engine, sockets: [socket], options: IngestOptions()) { 1_795_600_000 }
    receiver.start()
    let (began, processBegan) = (nanoseconds(), nanoseconds(CLOCK_PROCESS_CPUTIME_ID))
    let sent = send(messages, to: port, perSecond: rate)
    let sending = nanoseconds() - began
    receiver.stop()
    let receiving = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - processBegan - sending
    let accounting = engine.accounting
    let received = max(1, accounting.received)
    print(
      "receive: \(sent) datagrams at \(rate)/s\t\(receiving / UInt64(received)) ns/op with the kernel's\t"
        + "received \(accounting.received) counted \(accounting.counted) dropped \(accounting.dropped)")
  }

  /// Sends each message once in turn for a second, in steps of a millisecond. Returns how many the kernel took.
  private static func send(_ messages: [[UInt8]], to port: UInt16, perSecond rate: Int) -> Int {
    let descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    (address.sin_family, address.sin_port) = (sa_family_t(AF_INET), port.bigEndian)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    _ = unsafe withUnsafeBytes(of: &address) { bytes in
      unsafe connect(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    var sent = 0, next = nanoseconds(CLOCK_MONOTONIC)
    for step in 0..<1_000 {
      for index in 0..<rate / 1_000 {
        let message = messages[(step * rate / 1_000 + index) % messages.count]
        if unsafe Glibc.send(descriptor, message, message.count, 0) == message.count { sent += 1 }
      }
      next += 1_000_000
      var until = timespec(tv_sec: Int(next / 1_000_000_000), tv_nsec: Int(next % 1_000_000_000))
      _ = unsafe clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nil)
    }
    return sent
  }

  /// The best of ten rounds of `count` messages, and what the last round allocated.
  @discardableResult
  private static func report(_ name: String, _ count: Int, _ body: () -> Int) -> UInt {
    var best = UInt64.max, checksum = 0, allocations: UInt = 0
    for _ in 0..<10 {
      let before = ballcone_allocations(), start = nanoseconds()
      checksum = body()
      best = min(best, nanoseconds() - start)
      allocations = ballcone_allocations() - before
    }
    let tenths = best * 10 / UInt64(count)
    print("\(name)\t\(tenths / 10).\(tenths % 10) ns/op\t\(allocations) allocations in \(count)\tchecksum \(checksum)")
    return allocations
  }

  private static func nanoseconds(_ clock: clockid_t = CLOCK_THREAD_CPUTIME_ID) -> UInt64 {
    var now = timespec()
    unsafe clock_gettime(clock, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
  }
}
