import Foundation
import Testing

@testable import ballconed

/// SplitMix64 (Steele, Lea, Flood 2014): the same traffic on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// Generated traffic of one site, with every number counted exactly by a dictionary beside it.
struct Oracle {
  struct Day {
    var requests = 0, bytes = 0
    var statuses: [Int: Int] = [:]
    var addresses: Set<Int> = []
  }
  private(set) var log = ""
  private(set) var days: [Int: Day] = [:]  // by day number since 1970
  private(set) var paths: [String: Int] = [:]
  private(set) var minutes: [Int: Int] = [:]
  private(set) var addresses: Set<Int> = []
  let count: Int, from: Int, to: Int

  /// `count` events over the 20 days before `end`, oldest first.
  init(count: Int, end: Int, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let span = 20 * 86_400
    (self.count, from, to) = (count, end - span, end)
    log.reserveCapacity(count * 220)
    let agents = [
      "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
      "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "curl/8.5.0", "",
    ]
    for index in 0..<count {
      let second = from + index * span / count
      // Both lists have a long tail: many small values beside few large ones.
      let address = Int(pow(20_000, Double.random(in: 0..<1, using: &random)))
      let path = "/page/\(Int(pow(400, Double.random(in: 0..<1, using: &random))))"
      let status = [200, 200, 200, 200, 200, 304, 301, 404, 500, 503].randomElement(using: &random) ?? 200
      let bytes = Int.random(in: 0..<100_000, using: &random)
      let agent = agents.randomElement(using: &random) ?? ""
      log +=
        "{\"t\":\"\(second).\(100 + index % 900)\",\"s\":\"oracle\",\"a\":\"10.\(address >> 16).\(address >> 8 & 255).\(address & 255)\","
      log +=
        "\"m\":\"GET\",\"u\":\"\(path)\",\"c\":\"\(status)\",\"b\":\"\(bytes)\",\"d\":\"0.0\(index % 89 + 10)\",\"ua\":\"\(agent)\"}\n"

      days[second / 86_400, default: Day()].requests += 1
      days[second / 86_400, default: Day()].bytes += bytes
      days[second / 86_400, default: Day()].statuses[status, default: 0] += 1
      days[second / 86_400, default: Day()].addresses.insert(address)
      paths[path, default: 0] += 1
      minutes[second / 60, default: 0] += 1
      addresses.insert(address)
    }
  }
}

@Suite(.serialized) struct OracleTests {
  private static let oracle = Oracle(count: 120_000, end: (Int(Date().timeIntervalSince1970) / 60 - 2) * 60, seed: 20_261_124)
  private var oracle: Oracle { Self.oracle }

  @Test func `an imported log gives the oracle's numbers, also after a restart`() throws {
    let scratch = try Scratch()
    let log = try scratch.write(oracle.log, to: "access.log")
    let imported = try Program.run(["import", "-d", scratch.file("data"), log])
    #expect(
      imported.code == 0 && imported.out == "\(log) counted=\(oracle.count) rejected=0 known=0\n",
      "\(imported.out)\(imported.err)")
    let again = try Program.run(["import", "-d", scratch.file("data"), log])
    #expect(again.code == 0 && again.out == "\(log) counted=0 rejected=0 known=\(oracle.count)\n", "\(again.out)\(again.err)")

    let daemon = try DaemonProcess(["-d", scratch.file("data")])
    try expectNumbers(of: daemon)
    daemon.stop()
    try expectNumbers(of: DaemonProcess(["-d", scratch.file("data")]))

    let report = try Program.run(["report", "-d", scratch.file("data"), "--format", "csv", "--from", String(oracle.from)])
    #expect(report.code == 0 && report.out.hasPrefix(Report.csvHead + "\noracle,total,,visitors,"), "\(report.err)")
  }

  @Test func `an uploaded log gives the same numbers`() throws {
    let scratch = try Scratch()
    let daemon = try DaemonProcess(["-d", ":memory:"])
    let log = try scratch.write(oracle.log, to: "access.log")
    let sent = try Program.run(["import", "--to", daemon.web, log])
    #expect(sent.code == 0 && sent.out == "\(log) counted=\(oracle.count) rejected=0 known=0\n", "\(sent.out)\(sent.err)")
    try expectNumbers(of: daemon)
    let seen = try daemon.accounting(received: oracle.count)
    #expect(seen.counted == oracle.count && seen.balances)
  }

  private func expectNumbers(of daemon: DaemonProcess) throws {
    func query(_ more: String, from: Int? = nil) throws -> [JSONValue] {
      let path = "/api/v1/query?service=oracle&from=\(from ?? oracle.from)&to=\(oracle.to)&\(more)"
      let answer = try daemon.get(path)
      #expect(answer.status == 200, "\(answer.body.prefix(300))")
      return answer.json?["rows"]?.array ?? []
    }
    func day(_ row: JSONValue) throws -> Int {
      let text = try #require(row["time"]?.text)
      return Int(try Date(text, strategy: .iso8601).timeIntervalSince1970) / 86_400
    }

    let days = try query("step=day&metrics=requests,bytes,visitors")
    #expect(days.count == oracle.days.count)
    for row in days {
      let want = try #require(oracle.days[day(row)])
      #expect(row["requests"]?.double == Double(want.requests) && row["bytes"]?.double == Double(want.bytes))
      #expect(isNear(row["visitors"]?.double, want.addresses.count), "\(row) want \(want.addresses.count)")
    }

    var statuses: [Int: [Int: Int]] = [:]
    for row in try query("step=day&by=status&metrics=requests&limit=100") {
      let code = try #require(row["status"]?.text.flatMap { Int($0) })
      if let count = row["requests"]?.double, count > 0 { statuses[try day(row), default: [:]][code] = Int(count) }
    }
    #expect(statuses == oracle.days.mapValues(\.statuses))

    let top = try query("by=path&metrics=requests&order=-requests&limit=50")
    let want = oracle.paths.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(50)
    #expect(top.map { $0["requests"]?.double } == want.map { Double($0.value) })
    for row in top { #expect(oracle.paths[row["path"]?.text ?? ""].map(Double.init) == row["requests"]?.double) }

    let whole = try query("metrics=visitors,requests").first
    #expect(whole?["requests"]?.double == Double(oracle.count))
    #expect(
      isNear(whole?["visitors"]?.double, oracle.addresses.count), "\(String(describing: whole)) want \(oracle.addresses.count)")

    for row in try query("step=minute&metrics=requests", from: oracle.to - 7_200) {
      let minute = Int(try Date(#require(row["time"]?.text), strategy: .iso8601).timeIntervalSince1970) / 60
      #expect(row["requests"]?.double == Double(oracle.minutes[minute] ?? 0))
    }
  }

  private func isNear(_ estimate: Double?, _ exact: Int) -> Bool {
    guard let estimate else { return false }
    return abs(estimate - Double(exact)) <= 0.025 * Double(exact)
  }
}
