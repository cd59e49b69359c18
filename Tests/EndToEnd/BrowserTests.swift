import Foundation
import Testing

@testable import ballconed

/// The pages in a real Chromium, by the scripts in `Browser/`.
@Suite(.serialized) struct BrowserTests {
  private static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Browser")
  private static let hasBrowser = ["chromium", "chromedriver"].allSatisfy {
    FileManager.default.isExecutableFile(atPath: "/usr/bin/" + $0)
  }
  private static let isCI = ProcessInfo.processInfo.environment["CI"] != nil

  private func script(_ name: String, _ arguments: [String]) throws -> Finished {
    try Program.run([Self.scripts.appendingPathComponent(name).path] + arguments, of: "/usr/bin/python3")
  }

  @Test(.enabled(if: hasBrowser || isCI, "chromium is not here; `make test` brings it"))
  func `the dashboard keeps what its pages promise`() throws {
    try #require(Self.hasBrowser, "chromium and chromium-driver are missing")
    let daemon = try DaemonProcess(["-d", ":memory:"])
    let seeded = try script("seed.py", [daemon.web])
    #expect(seeded.code == 0, "\(seeded.out)\(seeded.err)")
    let checked = try script("check.py", [daemon.web, "blog.example.org", "--send"])
    #expect(checked.code == 0, "\(checked.out)\(checked.err)")
    #expect(daemon.isRunning && daemon.stop().code == 0)
  }

  @Test(.enabled(if: hasBrowser || isCI, "chromium is not here; `make test` brings it"))
  func `a daemon that knows nothing yet shows how to begin`() throws {
    try #require(Self.hasBrowser, "chromium and chromium-driver are missing")
    let daemon = try DaemonProcess(["-d", ":memory:"])
    let checked = try script("check.py", [daemon.web, "--first-run"])
    #expect(checked.code == 0, "\(checked.out)\(checked.err)")
  }
}
