import Foundation
import Glibc
import Testing

@testable import ballconed

/// SIGKILL at any time under load: every directory loads, what was counted a period before is there, and nothing is twice.
///
/// Events are numbered, and what is kept must be those from 0 to some number: so each path has exactly the requests that follow
/// from that number alone. The next run goes on from it.
@Suite(.timeLimit(.minutes(10))) struct KillTests {
  private static let isLong = ProcessInfo.processInfo.environment["BALLCONED_SOAK_SECONDS"] != nil
  private static let lanes = 4, kills = isLong ? 1_000 : 100, paths = 500

  private static func now() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// How many events are kept; they must be the first ones.
  private func kept(_ daemon: DaemonProcess) throws -> Int {
    let json = try daemon.get("/api/v1/query?service=blog&from=-1h&by=path&metrics=requests&limit=1000").json
    var counts: [String: Int] = [:]
    if case .array(let rows) = json?["rows"] {
      for row in rows {
        if case .string(let path) = row["path"] { counts[path] = Int(row["requests"]?.double ?? 0) }
      }
    }
    let sum = counts.values.reduce(0, +)
    for path in 0..<Self.paths {
      let want = sum / Self.paths + (path < sum % Self.paths ? 1 : 0)
      #expect(counts["/\(path)"] ?? 0 == want, "path \(path) of \(sum)")
      if counts["/\(path)"] ?? 0 != want { break }
    }
    return sum
  }

  private func line(_ number: Int) -> [UInt8] {
    Array(DaemonTests.line(path: "/\(number % Self.paths)", address: "10.0.\(number % 256).1").utf8)
  }

  /// Sends events at 5,000 a second, from `next` on, for so long; when each was sent.
  private func send(_ daemon: DaemonProcess, from next: Int, seconds: Double) throws -> [Double] {
    var sent: [Double] = []
    let end = Self.now() + seconds
    while Self.now() < end {
      try daemon.send((0..<50).map { line(next + sent.count + $0) })
      sent += [Double](repeating: Self.now(), count: 50)
      usleep(10_000)
    }
    return sent
  }

  @Test(arguments: 0..<lanes) func `a kill loses one period at most and counts nothing twice`(lane: Int) throws {
    let scratch = try Scratch(), data = scratch.file("data"), period = 1.0
    var random = SplitMixer(state: UInt64(lane + 1)), next = 0, worst = 0.0
    for turn in 0..<Self.kills / Self.lanes {
      let daemon = try DaemonProcess(["-d", data, "-p", "1"])
      let found = try kept(daemon)
      #expect(turn == 0 || found >= next, "turn \(turn): \(found) of at least \(next)")
      let sent = try send(daemon, from: found, seconds: random.unit() * 1.3)
      // In part while it writes its last snapshot.
      if turn % 3 == 2 {
        daemon.signal(SIGTERM)
        usleep(UInt32(random.unit() * 30_000))
      }
      let end = Self.now()
      daemon.stop(SIGKILL)
      // What was sent so long before must be there; the machine may have been busy with others for a moment.
      let safe = sent.prefix { $0 < end - period - 0.75 }.count
      next = found + safe
      if turn % 10 == 9 {
        let checked = try Program.run(["check", "-d", data])
        #expect(checked.code == 0, "\(checked.out)\(checked.err)")
      }
      let after = try DaemonProcess(["-d", data, "-p", "1"])
      let left = try kept(after)
      if left - found < sent.count { worst = max(worst, end - sent[max(0, left - found)]) }
      let told = try after.stderr()
      #expect(!told.contains("cannot"), "\(told)")
      after.stop(SIGKILL)
    }
    print("lane \(lane): \(Self.kills / Self.lanes) kills, \(next) events, at most \(Int(worst * 1_000)) ms lost")
  }

  /// One kill at each system call of the way to the disk: the journal made and written, the last snapshot, what is removed.
  @Test(
    .enabled(if: isLong && FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")),
    arguments: ["openat", "write", "pwrite64", "fsync", "rename", "unlink", "ftruncate", "close"])
  func `a kill at any system call of saving leaves what was there`(call: String) throws {
    let scratch = try Scratch(), first = scratch.file("first")
    for count in [60, 40] {  // a snapshot, and a journal that a kill has left
      let daemon = try DaemonProcess(["-d", first, "-p", "1"])
      let found = try kept(daemon)
      try daemon.send((0..<count).map { line(found + $0) })
      _ = try daemon.accounting(received: count)
      if count == 60 {
        #expect(daemon.stop().code == 0)
      } else {
        usleep(2_500_000)
        daemon.stop(SIGKILL)
      }
    }
    var kills = 0, number = 1
    while number < 400 {
      let data = scratch.file("\(call)-\(number)")
      try FileManager.default.copyItem(atPath: first, toPath: data)
      let traced = try? DaemonProcess(
        ["-d", data, "-p", "1"],
        under: [
          "/usr/bin/strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
          "inject=\(call):signal=KILL:when=\(number)",
        ])
      var isWhole = false
      if let traced {
        try? traced.send((0..<100).map { line(100 + $0) })
        _ = try? traced.accounting(received: 100, within: 2)
        isWhole = traced.stop().code == 0
      }
      let after = try DaemonProcess(["-d", data])
      let left = try kept(after)
      #expect(isWhole ? left == 200 : left >= 100, "\(call) \(number): \(left)")
      after.stop(SIGKILL)
      try? FileManager.default.removeItem(atPath: data)
      if isWhole { break }
      kills += 1
      number += 1
    }
    print("\(call): \(kills) kills")
    #expect(kills > 0 || call == "ftruncate" && number == 1)
  }
}

/// Vigna's SplitMix64.
private struct SplitMixer {
  var state: UInt64
  mutating func unit() -> Double {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
  }
}
