import CAllocations
import Glibc
import Syslog
import TSEngine

/// The way of a message: parsing alone, then as far as a batch of events, then whole logs with their lines split.
enum SyslogBenchmarks {
  static func run() {
    let lines = combined(10_000), compact = compact(10_000), plain = compact.map { header + $0 }
    parse("parse: combined", lines.map { Array($0.utf8) })
    parse("parse: compact JSON", compact.map { Array($0.utf8) })
    build("build: combined line", lines.map { Array($0.utf8) })
    build("build: datagram of compact JSON", plain.map { Array($0.utf8) })
    ingest("ingest: combined line", lines.map { Array($0.utf8) })
    ingest("ingest: datagram of compact JSON", plain.map { Array($0.utf8) })
    importLog("import: combined log, a line", Array(lines.joined(separator: "\n").utf8), lines: lines.count)
  }

  private static let header = "<190>Nov 24 03:59:02 nginx: "
  private static let agents = (0..<200).map { number in
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
    report(name, messages.count) {
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

  /// The best of ten rounds of `count` messages, and what the last round allocated.
  private static func report(_ name: String, _ count: Int, _ body: () -> Int) {
    var best = UInt64.max, checksum = 0, allocations: UInt = 0
    for _ in 0..<10 {
      let before = ballcone_allocations(), start = nanoseconds()
      checksum = body()
      best = min(best, nanoseconds() - start)
      allocations = ballcone_allocations() - before
    }
    let tenths = best * 10 / UInt64(count)
    print("\(name)\t\(tenths / 10).\(tenths % 10) ns/op\t\(allocations) allocations in \(count)\tchecksum \(checksum)")
  }

  private static func nanoseconds() -> UInt64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
  }
}
