import Foundation
import Glibc
import Testing

@testable import ballconed

/// What web servers send, through the kernel, to the numbers of the API.
@Suite(.serialized, .timeLimit(.minutes(10))) struct IngestTests {
  /// Captured datagrams and what is to become of them; the refused ones name no site or no address.
  private static let captured: [(name: String, counted: Int, rejected: [String: Int])] = [
    ("nginx_ballcone", 49, ["service": 3]), ("nginx_combined", 0, ["service": 49]), ("haproxy_udp", 9, ["format": 9]),
    ("apache_logger_udp", 14, ["service": 2]), ("rsyslog_rfc3164_udp", 12, ["address": 1]),
    ("rsyslog_rfc5424_udp", 12, ["address": 1]),
  ]

  @Test(arguments: captured.map(\.name))
  func `every captured datagram is accounted for`(name: String) throws {
    let want = try #require(Self.captured.first { $0.name == name })
    let daemon = try DaemonProcess(["-d", ":memory:"])
    let datagrams = try Captured.datagrams(name)
    try daemon.send(datagrams)
    let seen = try daemon.accounting(received: datagrams.count)
    #expect(seen.received == datagrams.count && seen.balances && seen.dropped == 0, "\(seen)")
    #expect(seen.counted == want.counted && seen.rejected.filter { $0.value > 0 } == want.rejected, "\(seen)")
  }

  @Test func `hostile datagrams are counted by their reason and stop nothing`() throws {
    let daemon = try DaemonProcess(["-d", ":memory:"])
    let good = DaemonTests.line()
    try daemon.send([
      [], Array("<190>".utf8), Array("garbage".utf8), Array(good.utf8.dropLast(40)),
      Array(good.utf8.map { $0 == 123 ? 0xff : $0 }),
      Array(DaemonTests.line("no such name!").utf8), Array(DaemonTests.line(address: "nowhere").utf8),
      Array(repeating: 0x7b, count: 60_000), Array(good.utf8),
    ])
    let seen = try daemon.accounting(received: 9)
    #expect(seen.received == 9 && seen.balances && seen.counted == 1, "\(seen)")
    #expect(seen.rejected["empty"] == 1 && seen.rejected["service"] == 1 && seen.rejected["address"] == 1, "\(seen)")
    #expect(!(try daemon.stderr()).contains("garbage"))
  }

  @Test func `a real nginx with the printed lines is counted as it answered`() throws {
    let nginx = "/usr/sbin/nginx"
    try #require(FileManager.default.isExecutableFile(atPath: nginx), "Debian's nginx-light is missing")
    let daemon = try DaemonProcess(["-d", ":memory:"])
    let scratch = try Scratch()
    let port = try Port.free()
    let lines = try Program.run(["nginx", "--address", "127.0.0.1:\(daemon.syslogPort)"]).out
    let configuration = """
      daemon off; worker_processes 1; pid \(scratch.file("pid")); error_log stderr;
      events { worker_connections 64; }
      http {
        client_body_temp_path \(scratch.file("a")); proxy_temp_path \(scratch.file("b")); fastcgi_temp_path \(scratch.file("c"));
        uwsgi_temp_path \(scratch.file("d")); scgi_temp_path \(scratch.file("e"));
        set_real_ip_from 127.0.0.1; real_ip_header X-Real-IP; default_type text/html;
        \(lines)
        server { listen 127.0.0.1:\(port); server_name blog.example;
          location / { return 200 "hello"; } location /missing { return 404; } location /broken { return 500; } }
      }
      """
    let server = Process()
    server.executableURL = URL(fileURLWithPath: nginx)
    server.arguments = ["-p", scratch.path, "-c", try scratch.write(configuration, to: "nginx.conf"), "-e", "stderr"]
    server.standardError = try scratch.create("nginx.err")
    try server.start()
    defer {
      server.terminate()
      server.waitUntilExit()
    }
    try waitFor(port: port, while: server)
    func visit(_ path: String, _ address: String, _ more: String...) throws {
      let base = ["--silent", "--show-error", "--max-time", "10"]
      let headers = ["--header", "Host: blog.example", "--header", "X-Real-IP: \(address)"]
      let curl = try Program.run(base + headers + more + ["http://127.0.0.1:\(port)\(path)"], of: "/usr/bin/curl")
      #expect(curl.code == 0, "\(curl.err)\((try? Program.read(scratch.file("nginx.err"))) ?? "")")
    }
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
    for visitor in 1...5 {
      try visit("/", "203.0.113.\(visitor)", "--user-agent", firefox, "--referer", "https://www.google.com/")
      try visit("/caf%C3%A9?utm_source=letter", "203.0.113.\(visitor)", "--user-agent", firefox)
    }
    try visit("/missing", "203.0.113.1", "--user-agent", firefox)
    try visit("/broken", "203.0.113.1", "--user-agent", firefox)
    try visit(
      "/robots.txt", "203.0.113.200", "--user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    )
    let seen = try daemon.accounting(received: 13)
    #expect(seen.counted == 13 && seen.balances && seen.refused == 0, "\(seen)")

    func query(_ more: String) throws -> JSONValue {
      try #require(try daemon.get("/api/v1/query?service=blog.example&from=-1h&\(more)").json)
    }
    let all = try query("metrics=requests,errors,visitors,pageviews")["totals"]
    #expect(
      all?["requests"]?.double == 13 && all?["errors"]?.double == 1 && all?["pageviews"]?.double == 10,
      "\(String(describing: all))")
    let people = try query("metrics=requests,visitors&audience=people")["totals"]
    #expect(people?["requests"]?.double == 12 && (people?["visitors"]?.double ?? 0).rounded() == 5)
    #expect(
      try values(query("metrics=requests&by=path"), "path") == [
        "/": 5, "/café": 5, "/missing": 1, "/broken": 1, "/robots.txt": 1,
      ])
    #expect(try values(query("metrics=requests&by=status"), "status") == ["200": 11, "404": 1, "500": 1])
    #expect(try values(query("metrics=requests&by=browser&audience=people"), "browser") == ["Firefox": 12])
    #expect(try values(query("metrics=requests&by=bot&audience=bots"), "bot") == ["Googlebot": 1])
    #expect(try values(query("metrics=requests&by=source"), "source")["Google"] == 5)
  }

  private func values(_ answer: JSONValue, _ dimension: String) -> [String: Int] {
    var found: [String: Int] = [:]
    for row in answer["rows"]?.array ?? [] {
      if let key = row[dimension]?.text { found[key] = row["requests"]?.double.map { Int($0) } }
    }
    return found
  }

  private func waitFor(port: Int, while server: Process) throws {
    let there = try #require(SocketAddress(host: "127.0.0.1", port: port))
    for _ in 0..<500 where server.isRunning {
      let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      if unsafe there.withAddress({ unsafe connect(descriptor, $0, $1) }) == 0 { return }
      usleep(10_000)
    }
    Issue.record("nginx does not listen on \(port)")
  }

}
