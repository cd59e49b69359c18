import Foundation
import Glibc
import Testing

@testable import ballconed

/// `make demo`, as somebody who has five minutes meets it.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DemoTests {
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("demo/run").path

  @Test func `within ten seconds every panel shows something, and an interrupt ends all of it`() throws {
    let scratch = try Scratch()
    let (web, syslog, site) = (try Port.free(), try Port.free(), try Port.free())
    let demo = Process()
    demo.executableURL = URL(fileURLWithPath: Self.script)
    demo.environment = Program.environment([
      "BALLCONED": Program.path, "BALLCONE_WEB_PORT": "\(web)", "BALLCONE_SYSLOG_PORT": "\(syslog)",
      "DEMO_SITE_PORT": "\(site)",
      "TMPDIR": scratch.path,
    ])
    demo.standardInput = FileHandle.nullDevice
    demo.standardOutput = try scratch.create("out")
    demo.standardError = try scratch.create("err")
    try demo.start()
    defer { if demo.isRunning { demo.terminate() } }

    let base = "http://127.0.0.1:\(web)"
    func ask(_ path: String) throws -> JSONValue? {
      JSONValue(Array(try Program.run(["--silent", "--globoff", base + path], of: "/usr/bin/curl").out.utf8))
    }
    func query(_ more: String) throws -> JSONValue? { try ask("/api/v1/query?service=blog.example&from=-28d&\(more)") }
    let deadline = Date().addingTimeInterval(120)  // a debug build on a busy machine; the release takes three
    while try (ask("/api/v1/status")?["counted"]?.double ?? 0) < 10, Date() < deadline { usleep(100_000) }
    let said = "\(try Program.read(scratch.file("out")))\(try Program.read(scratch.file("err")))"
    #expect(try (ask("/api/v1/status")?["counted"]?.double ?? 0) >= 10, "no live visits: \(said)")
    #expect(try ask("/api/v1/services?days=30")?.array.count == 2, "\(said)")
    for dimension in [
      "path", "entry", "source", "channel", "campaign", "browser", "platform", "device", "status", "method", "protocol",
    ] {
      #expect(try query("metrics=requests&by=\(dimension)")?["rows"]?.array.count ?? 0 > 1, "\(dimension)")
    }
    #expect(try query("metrics=requests&by=bot&audience=bots")?["rows"]?.array.count ?? 0 > 3)
    #expect(try query("metrics=requests&by=hour_of_week")?["rows"]?.array.count == 168)
    let days = try #require(query("metrics=visitors&step=day")?["rows"]?.array)
    #expect(days.filter { ($0["visitors"]?.double ?? 0) > 0 }.count >= 28)
    let totals = try query("metrics=error_rate,duration_p95,bot_share,bytes")?["totals"]
    for metric in ["error_rate", "duration_p95", "bot_share", "bytes"] {
      #expect(totals?[metric]?.double ?? 0 > 0, "\(metric)")
    }

    kill(demo.processIdentifier, SIGINT)
    demo.waitUntilExit()
    #expect(demo.terminationStatus == 0)
    for port in [web, site] {
      let left = try Program.run(["--silent", "http://127.0.0.1:\(port)/"], of: "/usr/bin/curl")
      #expect(left.code == 7, "something still listens on \(port)")  // could not connect
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted() == ["err", "out"])
  }
}
