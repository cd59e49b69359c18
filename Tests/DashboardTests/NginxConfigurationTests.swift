import Foundation
import Testing

@testable import Dashboard

@Suite struct NginxConfigurationTests {
  static let places: [(String, String)] = [
    ("127.0.0.1", "127.0.0.1:65140"), ("127.0.0.1:5514", "127.0.0.1:5514"), ("::1", "[::1]:65140"), ("[::1]", "[::1]:65140"),
    ("[2001:db8::1]:99", "[2001:db8::1]:99"), ("logs.example.org", "logs.example.org:65140"), ("stats:1", "stats:1"),
    ("unix:/run/ballconed/log.sock", "unix:/run/ballconed/log.sock"), (" 10.0.0.1 ", "10.0.0.1:65140"),
  ]
  @Test(arguments: places) func `addresses are written as nginx wants them`(given: String, written: String) throws {
    #expect(try NginxConfiguration(address: given).address == written)
  }

  @Test(arguments: [
    "", ":", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x", "256.1.1.1", "1.2.3", "1.2.3.4.5", "[::1",
    "[127.0.0.1]", "::g",
    "a b", "a;b", "a\"b", "a,b", "a\nb", "-a", "a..b", "unix:relative", "unix:/a;b", "unix:", "{}", "é", "[::1]x",
    "127.0.0.1:123456",
  ]) func `what could break a configuration is refused`(given: String) {
    #expect(throws: NginxConfiguration.Invalid.self) { try NginxConfiguration(address: given) }
  }

  @Test(arguments: ["", "a b", "a/b", "é", "a\"b", "a'b", "$x", "a;", String(repeating: "a", count: 65)])
  func `service names keep their form`(name: String) {
    #expect(throws: NginxConfiguration.Invalid.self) { try NginxConfiguration(service: name) }
  }

  @Test func `nginx accepts the lines`() throws {
    guard let nginx = program("nginx") else {
      #expect(Environment.isCI == false, "nginx is missing: apt-get install nginx-light")
      print("skipped: nginx is missing (apt-get install nginx-light)")
      return
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "ballconed-nginx-\(UInt32.random(in: 0...UInt32.max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (service, address) in [
      (nil, "127.0.0.1:65140"), ("blog", "127.0.0.1"), ("my-shop.example_1", "[::1]:5514"), ("x", "unix:/tmp/none.sock"),
    ] as [(String?, String)] {
      let lines = try NginxConfiguration(service: service, address: address).text
      let text = """
        pid \(folder.path)/pid;
        error_log stderr;
        events {}
        http {
        access_log off;
        client_body_temp_path \(folder.path); proxy_temp_path \(folder.path); fastcgi_temp_path \(folder.path);
        uwsgi_temp_path \(folder.path); scgi_temp_path \(folder.path);
        \(lines)
        server { listen 127.0.0.1:1; }
        }
        """
      let file = folder.appendingPathComponent("nginx.conf")
      try text.write(to: file, atomically: true, encoding: .utf8)
      let (status, output) = try run(nginx, ["-t", "-q", "-c", file.path])
      #expect(status == 0, "\(String(decoding: output, as: UTF8.self))")
    }
  }
}
