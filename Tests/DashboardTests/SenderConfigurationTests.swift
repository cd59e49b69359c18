import Foundation
import Glibc
import Testing

@testable import Dashboard

/// What is printed is accepted by the program it is for: its own check says so.
@Suite struct SenderConfigurationTests {
  private static let cases: [(String?, String)] = [
    (nil, "127.0.0.1:65140"), ("my-shop.example_1", "[::1]:5514"), ("x", "logs.example"),
    ("blog", "unix:/tmp/ballconed-lines.sock"),
  ]
  private static let checks: [(Sender, String, String, [String])] = [
    (.haproxy, "haproxy", "haproxy", ["-c", "-f"]),
    (.caddy, "caddy", "caddy", ["validate", "--adapter", "caddyfile", "--config"]),
    (.apache, "apache2", "apache2-bin", ["-t", "-f"]), (.rsyslog, "rsyslogd", "rsyslog", ["-N1", "-f"]),
  ]

  // One after the other: they share a socket.
  @Test(.serialized, arguments: checks.map(\.0)) func `the program itself accepts the lines`(sender: Sender) throws {
    let check = try #require(Self.checks.first { $0.0 == sender })
    guard let program = program(check.1) else {
      #expect(Environment.isCI == false, "\(check.1) is missing: apt-get install \(check.2)")
      print("skipped: \(check.1) is missing (apt-get install \(check.2))")
      return
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ballconed-lines-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Caddy's check connects to a unix socket, so there must be one.
    let socket = try Self.bound("/tmp/ballconed-lines.sock")
    defer {
      close(socket)
      _ = unsafe unlink("/tmp/ballconed-lines.sock")
    }
    for (service, address) in Self.cases where !(sender == .rsyslog && address.hasPrefix("unix:")) {
      // HAProxy and rsyslog look names up, which a test should not need.
      let address = address == "logs.example" ? "192.0.2.1" : address
      let lines = try SenderConfiguration(sender, service: service, address: address).text
      let file = folder.appendingPathComponent("\(sender).conf")
      try Self.whole(sender, lines, folder.path).write(to: file, atomically: true, encoding: .utf8)
      let (status, output) = try run(program, check.3 + [file.path])
      #expect(status == 0, "\(sender) \(address): \(String(decoding: output, as: UTF8.self))\n\(lines)")
      // The check is one that can fail.
      try (Self.whole(sender, lines, folder.path) + "\nnonsense {{{ \"\n").write(to: file, atomically: true, encoding: .utf8)
      #expect(try run(program, check.3 + [file.path]).0 != 0, "\(sender) accepts anything")
    }
  }

  private static func bound(_ path: String) throws -> CInt {
    _ = unsafe unlink(path)
    let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    let failed = unsafe withUnsafeBytes(of: &address) {
      unsafe bind(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    #expect(failed == 0)
    return descriptor
  }

  /// The lines in a file of their program.
  private static func whole(_ sender: Sender, _ lines: String, _ folder: String) -> String {
    switch sender {
    case .nginx: ""
    case .haproxy:
      """
      defaults
        mode http
        timeout connect 1s
        timeout client 1s
        timeout server 1s
      frontend web
        bind 127.0.0.1:1
      \(lines)
        http-request return status 200

      """
    case .caddy: ":1 {\n\(lines)\n}\n"
    case .apache:
      """
      ServerRoot \(folder)
      PidFile \(folder)/pid
      ErrorLog \(folder)/error
      ServerName web.example
      Listen 127.0.0.1:1
      LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
      LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
      \(lines)
      """
    case .rsyslog: lines
    }
  }

  @Test func `what could break a configuration is refused for every sender`() {
    for sender in Sender.allCases {
      for wrong in ["a b", "a\"b", "$x", "a;", "{a}"] {
        #expect(throws: NginxConfiguration.Invalid.self) {
          try SenderConfiguration(sender, service: wrong, address: "127.0.0.1")
        }
        #expect(throws: NginxConfiguration.Invalid.self) { try SenderConfiguration(sender, address: wrong) }
      }
    }
    #expect(throws: NginxConfiguration.Invalid.self) { try SenderConfiguration(.rsyslog, address: "unix:/x") }
  }
}
