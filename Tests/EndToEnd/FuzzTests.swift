import Foundation
import Glibc
import Testing

@testable import ballconed

/// A number from the environment, for the longer runs of `make fuzz` and `make soak`.
private func setting(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

/// Mutated datagrams against the whole daemon: nothing traps, and each is accounted for.
@Suite(.serialized, .timeLimit(.minutes(10))) struct FuzzTests {
  @Test func `no mutated datagram stops the daemon or escapes the accounting`() throws {
    let seconds = setting("BALLCONED_FUZZ_SECONDS") ?? 3
    // The short run is the same every time; a long one looks for something new.
    let isLong = setting("BALLCONED_FUZZ_SECONDS") != nil
    let seed = UInt64(setting("BALLCONED_SEED") ?? (isLong ? Int(Date().timeIntervalSince1970) : 1))
    var random = SeededGenerator(seed: seed)
    let daemon = try DaemonProcess(["-d", ":memory:"])
    let corpus =
      try ["nginx_ballcone", "nginx_combined", "haproxy_udp", "rsyslog_rfc5424_udp"].flatMap(Captured.datagrams)
      + [Array(DaemonTests.line().utf8)]
    var sent = 0
    let end = Date().addingTimeInterval(Double(seconds))
    while Date() < end {
      let batch = (0..<200).map { _ in mutated(corpus[Int.random(in: 0..<corpus.count, using: &random)], &random) }
      try daemon.send(batch)
      sent += batch.count
      // In step with the daemon, so that the kernel drops nothing and every one is looked at.
      let seen = try daemon.accounting(received: sent)
      #expect(seen.received == sent && seen.balances && seen.dropped == 0, "seed \(seed), after \(sent): \(seen)")
      guard daemon.isRunning, seen.received == sent else { return }
    }
    #expect(try daemon.get("/metrics").status == 200, "seed \(seed)")
    #expect(daemon.stop().code == 0, "seed \(seed)")
  }

  private func mutated(_ datagram: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = datagram
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      guard !bytes.isEmpty else { break }
      let at = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...20, using: &random)))
      case 2: bytes.insert(contentsOf: bytes[at...].prefix(Int.random(in: 1...40, using: &random)), at: at)
      case 3: bytes = Array(bytes[..<at])
      case 4: bytes.insert(contentsOf: [UInt8](repeating: bytes[at], count: Int.random(in: 1...3_000, using: &random)), at: at)
      default: bytes.insert(contentsOf: Array(#""\u0000{[,:}]"#.utf8).shuffled(using: &random).prefix(3), at: at)
      }
    }
    return Array(bytes.prefix(60_000))
  }
}

/// Steady load: memory and descriptors stay where they are.
@Suite(.serialized) struct SoakTests {
  @Test func `under steady load neither memory nor descriptors grow`() throws {
    let seconds = setting("BALLCONED_SOAK_SECONDS") ?? 6
    let scratch = try Scratch()
    let daemon = try DaemonProcess(["-d", scratch.file("data"), "-p", "1"])
    var random = SeededGenerator(seed: 1)
    var sent = 0
    var samples: [Resources] = []
    let start = Date()
    while Date().timeIntervalSince(start) < Double(seconds) {
      try daemon.send(
        (0..<400).map { _ in
          let number = Int.random(in: 0..<5_000, using: &random)
          return DaemonTests.line(path: "/\(number % 300)", address: "10.0.\(number >> 8).\(number & 255)")
        })
      sent += 400
      let seen = try daemon.accounting(received: sent)
      #expect(seen.received == sent && seen.balances && seen.dropped == 0)
      _ = try daemon.get("/api/v1/query?service=blog&from=-1h&by=path&metrics=visitors,requests")
      samples.append(try Resources.of(daemon.pid))
    }
    // The first half warms up: tables and pools are touched for the first time.
    let half = samples.dropFirst(samples.count / 2)
    let first = try #require(half.first), last = try #require(half.last)
    #expect(last.residentBytes <= 64 << 20 || setting("BALLCONED_SOAK_SECONDS") == nil, "\(last.residentBytes) bytes resident")
    #expect(last.residentBytes - first.residentBytes < 8 << 20, "grew from \(first.residentBytes) to \(last.residentBytes)")
    #expect(abs(last.descriptors - first.descriptors) <= 2, "\(first.descriptors) to \(last.descriptors) descriptors")
    #expect(daemon.stop().code == 0)
  }
}
