import Foundation
import Testing

@testable import ballconed

@Suite(.serialized, .timeLimit(.minutes(10))) struct MetricsTests {
  private static let promtool: String? = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let places = [root.appendingPathComponent(".build/tools/usr/bin/promtool").path, "/usr/bin/promtool"]
    return places.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()
  private static let isCI = ProcessInfo.processInfo.environment["CI"] != nil

  @Test(.enabled(if: promtool != nil || isCI, "promtool is not here; `make promtool` brings it"))
  func `promtool finds nothing to say about the exposition`() throws {
    let promtool = try #require(Self.promtool, "promtool is missing; make test brings it")
    let daemon = try DaemonProcess(["-d", ":memory:"])
    try daemon.send([DaemonTests.line(), DaemonTests.line("shop", path: "/\\\"x", status: 500), "garbage"])
    _ = try daemon.accounting(received: 3)
    let answer = try daemon.get("/metrics")
    #expect(answer.status == 200 && answer.header("Content-Type")?.hasPrefix("text/plain; version=0.0.4") == true)
    let check = try Program.run(["check", "metrics"], of: promtool, input: answer.body)
    #expect(check.code == 0 && check.out.isEmpty && check.err.isEmpty, "\(check.out)\(check.err)")
  }

  @Test func `the exposition's accounting adds up`() throws {
    let daemon = try DaemonProcess(["-d", ":memory:"])
    try daemon.send((0..<50).map { DaemonTests.line(path: "/\($0)") } + ["garbage", ""])
    _ = try daemon.accounting(received: 52)
    let text = try daemon.get("/metrics").body
    func sum(_ family: String) -> Double {
      text.split(separator: "\n").filter { $0.hasPrefix(family + "{") || $0.hasPrefix(family + " ") }
        .reduce(0) { $0 + (Double($1.split(separator: " ").last ?? "") ?? .nan) }
    }
    #expect(sum("ballconed_messages_received_total") == 52)
    #expect(sum("ballconed_messages_counted_total") == 50)
    #expect(sum("ballconed_messages_rejected_total") + sum("ballconed_messages_excluded_total") == 2)
    #expect(sum("ballconed_http_requests_total") == 50)
  }

  @Test func `every family of ours stands in the README`() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let readme = try Program.read(root.appendingPathComponent("README.md").path)
    let daemon = try DaemonProcess(["-d", ":memory:"])
    let families = try daemon.get("/metrics").body.split(separator: "\n").filter { $0.hasPrefix("# TYPE ballconed_") }
      .map { String($0.split(separator: " ")[2]) }
    #expect(families.count > 20)
    for family in families { #expect(readme.contains("`\(family)`"), "\(family)") }
  }
}
