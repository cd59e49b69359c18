import Foundation
import Glibc
import Testing

@testable import ballconed

/// Real programs with the printed lines: sixty requests of all kinds each, and every one arrives as it was answered.
@Suite(.serialized, .timeLimit(.minutes(10))) struct SenderTests {
  @Test func `nginx`() throws {
    let test = try SenderTest("nginx")
    try test.start(
      "/usr/sbin/nginx", "nginx-light", ["-p", test.scratch.path, "-e", "stderr", "-c"], test.nginx(test.lines("nginx")))
    try test.driveAndCompare(bytes: .whole)
  }

  @Test func `HAProxy`() throws {
    let test = try SenderTest("haproxy")
    let statuses = SenderTest.statuses.map { status in
      let location = (300...399).contains(status) ? " hdr Location /elsewhere" : ""
      return
        "  http-request return status \(status) content-type text/plain string answer\(location) if { path_beg /s\(status)/ }"
    }
    // HAProxy itself has no 3xx answers but redirects.
    let usable = statuses.filter { !$0.contains("status 30") }
    let configuration = """
      defaults
        mode http
        timeout connect 5s
        timeout client 5s
        timeout server 5s
      frontend web
        bind 127.0.0.1:\(test.port)
      \(try test.lines("haproxy"))
        http-request redirect location /elsewhere code 301 if { path_beg /s301/ }
        http-request redirect location /elsewhere code 302 if { path_beg /s302/ }
      \(usable.joined(separator: "\n"))
        http-request return status 200 content-type text/plain string hello

      """
    try test.start("/usr/sbin/haproxy", "haproxy", ["-db", "-f"], configuration)
    // It counts what it holds of an answer, which is some line ends less than what it sends.
    try test.driveAndCompare(bytes: .whole, within: 20)
  }

  @Test func `Caddy`() throws {
    let test = try SenderTest("caddy")
    let statuses = SenderTest.statuses.map { "  respond /s\($0)/* answer \($0)" }
    let configuration = """
      {
        admin off
        auto_https off
      }
      http://:\(test.port) {
        bind 127.0.0.1
      \(try test.lines("caddy"))
      \(statuses.joined(separator: "\n"))
        respond hello
      }

      """
    try test.start("/usr/bin/caddy", "caddy", ["run", "--adapter", "caddyfile", "--config"], configuration)
    // Go's server answers what is no HTTP by itself, and its answers to HEAD count the body they do not send.
    try test.driveAndCompare(bytes: .body, logsRefused: false)
  }

  @Test func `Apache through logger`() throws {
    let test = try SenderTest("apache")
    let modules = ["mpm_event", "authz_core", "alias", "rewrite"]
      .map { "LoadModule \($0)_module /usr/lib/apache2/modules/mod_\($0).so" }
    let statuses = SenderTest.statuses.map { status in
      (300...399).contains(status)
        ? "RewriteRule ^/s\(status)/ /elsewhere [R=\(status),L]" : "RewriteRule ^/s\(status)/ - [R=\(status),L]"
    }
    try FileManager.default.createDirectory(atPath: test.scratch.file("www"), withIntermediateDirectories: true)
    _ = try test.scratch.write("hello", to: "www/index.html")
    let configuration = """
      ServerRoot \(test.scratch.path)
      DefaultRuntimeDir \(test.scratch.path)
      PidFile \(test.scratch.file("pid"))
      ErrorLog \(test.scratch.file("apache.err"))
      ServerName web.example
      Listen 127.0.0.1:\(test.port)
      \(modules.joined(separator: "\n"))
      DocumentRoot \(test.scratch.file("www"))
      AllowEncodedSlashes NoDecode
      RewriteEngine on
      RewriteRule ^/elsewhere - [L]
      \(statuses.joined(separator: "\n"))
      RewriteRule ^/. /index.html [PT,L]
      \(try test.lines("apache"))
      """
    try test.start("/usr/sbin/apache2", "apache2-bin", ["-DFOREGROUND", "-f"], configuration)
    try test.driveAndCompare(bytes: .body)
  }

  @Test(arguments: ["udp", "tcp traditional", "tcp octet-counted"]) func `rsyslog as a relay`(way: String) throws {
    let test = try SenderTest("rsyslog")
    let relay = try Port.freeDatagram()
    let parts = way.split(separator: " ")
    let target = parts[0] == "udp" ? test.daemon.syslogPort : test.tcpPort
    let framing = parts.count > 1 ? "tcp_framing=\"\(parts[1])\"" : ""
    let template = way.contains("octet") ? "RSYSLOG_SyslogProtocol23Format" : "RSYSLOG_ForwardFormat"
    let printed = try Program.run(["rsyslog", "--address", "127.0.0.1:\(target)"]).out
    let used = printed.replacingOccurrences(
      of: #"protocol="udp" template="RSYSLOG_ForwardFormat""#,
      with: "protocol=\"\(parts[0])\" \(framing) template=\"\(template)\"")
    #expect(used != printed || way == "udp")
    let input = "module(load=\"imudp\")\ninput(type=\"imudp\" address=\"127.0.0.1\" port=\"\(relay)\")\n"
    let file = try test.scratch.write(
      used.replacingOccurrences(of: "\nif $programname", with: "\n\(input)if $programname"), to: "rsyslog.conf")
    let rsyslog = try test.launch("/usr/sbin/rsyslogd", "rsyslog", ["-n", "-i", test.scratch.file("rsyslog.pid"), "-f", file])
    defer {
      rsyslog.terminate()
      rsyslog.waitUntilExit()
    }
    usleep(500_000)
    let lines = try Program.run(["nginx", "--address", "127.0.0.1:\(relay)"]).out
    try test.start("/usr/sbin/nginx", "nginx-light", ["-p", test.scratch.path, "-e", "stderr", "-c"], test.nginx(lines))
    try test.driveAndCompare(bytes: .whole)
  }
}

/// One web server between a client that remembers what it was answered, and a daemon that is asked what it was told.
final class SenderTest {
  let daemon: DaemonProcess
  let scratch: Scratch
  let port: Int
  let tcpPort: Int
  private let name: String
  private var server: Process?
  static let statuses = [201, 301, 302, 400, 401, 403, 404, 410, 429, 500, 502, 503]

  init(_ name: String) throws {
    self.name = name
    scratch = try Scratch()
    tcpPort = try Port.free()
    daemon = try DaemonProcess(["-d", ":memory:", "--listen", "tcp:127.0.0.1:\(tcpPort)"])
    port = try Port.free()
  }
  deinit {
    server?.terminate()
    server?.waitUntilExit()
  }

  func lines(_ sender: String) throws -> String {
    let printed = try Program.run([sender, "--service", "web", "--address", "127.0.0.1:\(daemon.syslogPort)"])
    #expect(printed.code == 0, "\(printed.err)")
    return printed.out
  }

  func nginx(_ lines: String) -> String {
    let statuses = Self.statuses.map { status in
      (300...399).contains(status)
        ? "location /s\(status)/ { return \(status) /elsewhere; }" : "location /s\(status)/ { return \(status) answer; }"
    }
    return """
      daemon off; worker_processes 1; pid \(scratch.file("pid")); error_log stderr;
      events { worker_connections 64; }
      http {
        client_body_temp_path \(scratch.file("a")); proxy_temp_path \(scratch.file("b")); fastcgi_temp_path \(scratch.file("c"));
        uwsgi_temp_path \(scratch.file("d")); scgi_temp_path \(scratch.file("e")); default_type text/html;
        \(lines)
        server { listen 127.0.0.1:\(port); server_name web;
          location / { return 200 hello; }
          \(statuses.joined(separator: "\n")) }
      }
      """
  }

  func launch(_ path: String, _ package: String, _ arguments: [String]) throws -> Process {
    try #require(FileManager.default.isExecutableFile(atPath: path), "Debian's \(package) is missing: make deps-test")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = Program.environment(["XDG_DATA_HOME": scratch.path, "XDG_CONFIG_HOME": scratch.path])
    process.standardError = try scratch.create("\(package).err")
    process.standardOutput = FileHandle.nullDevice
    try process.start()
    return process
  }

  func start(_ path: String, _ package: String, _ arguments: [String], _ configuration: String) throws {
    let process = try launch(path, package, arguments + [try scratch.write(configuration, to: "\(name).conf")])
    server = process
    for _ in 0..<1_000 where process.isRunning {
      if let descriptor = connected() {
        close(descriptor)
        return
      }
      usleep(10_000)
    }
    Issue.record("\(name) does not listen: \(try Program.read(scratch.file("\(package).err")))")
  }

  private func connected() -> CInt? {
    guard let there = SocketAddress(host: "127.0.0.1", port: port) else { return nil }
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    if unsafe there.withAddress({ unsafe connect(descriptor, $0, $1) }) == 0 { return descriptor }
    close(descriptor)
    return nil
  }

  // MARK: the client

  struct Answer { var status = 0, whole = 0, body = 0 }

  private func ask(_ request: [UInt8]) -> Answer {
    guard let descriptor = connected() else { return Answer() }
    defer { close(descriptor) }
    _ = unsafe send(descriptor, request, request.count, CInt(MSG_NOSIGNAL))
    var answer: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe recv(descriptor, &piece, piece.count, 0)
      if count <= 0 { break }
      answer += piece[..<count]
    }
    let end = answer.indices.first { answer[$0...].starts(with: Array("\r\n\r\n".utf8)) }
    let status = Int(String(decoding: answer.dropFirst(9).prefix(3), as: UTF8.self)) ?? 0
    return Answer(status: status, whole: answer.count, body: end.map { answer.count - $0 - 4 } ?? 0)
  }

  // MARK: comparing

  enum Bytes { case whole, body }

  /// - Parameters:
  ///   - within: by how much bytes may be off; rows round them to 3 %.
  ///   - logsRefused: whether requests answered with 400 are logged.
  func driveAndCompare(bytes: Bytes, within percent: Int = 3, logsRefused: Bool = true) throws {
    let cases = RequestCase.all
    #expect(cases.count >= 60)
    let begin = Int(Date().timeIntervalSince1970)
    let answers = cases.map { ask($0.request) }
    let answered = zip(cases, answers).filter { $0.1.status > 0 }
    #expect(answered.count == cases.count, "no answer to \(zip(cases, answers).filter { $0.1.status == 0 }.map(\.0.name))")
    let refused = answered.filter { $0.1.status == 400 }.count
    let expected = cases.count - (logsRefused ? 0 : refused)
    let seen = try daemon.accounting(received: expected, within: 20)
    let end = Int(Date().timeIntervalSince1970)
    // A probe that only connected may be logged too, as a request without a line.
    let extra = seen.received - expected
    #expect((0...1).contains(extra) && seen.balances && seen.refused == 0 && seen.dropped == 0, "\(name): \(seen)")

    let range = "from=\(begin - 60)&to=\(end + 60)"
    let rows = try sql("SELECT path, method, status, time, protocol, service FROM requests")
    #expect(rows.count == seen.counted)
    for row in rows {
      let time = Int(row["time"]?.double ?? 0)
      #expect(time >= begin / 60 * 60 && time <= end, "\(name): \(row)")
    }
    let service = try #require(rows.first?["service"]?.text)
    let sums = try #require(
      try daemon.get("/api/v1/query?service=\(service)&\(range)&by=path&metrics=requests,bytes&limit=1000").json)
    var byPath: [String: Int] = [:]
    for row in sums["rows"]?.array ?? [] { byPath[row["path"]?.text ?? ""] = Int(row["bytes"]?.double ?? -1) }
    for (each, answer) in answered where answer.status != 400 || each.isWellFormed {
      let found = rows.filter { ($0["path"]?.text ?? "").hasPrefix(each.seenPath.prefix(1_000)) }
      guard found.count == 1, let row = found.first else {
        // A server may log a request that it refuses without its line.
        if (400...499).contains(answer.status), !each.isWellFormed { continue }
        Issue.record("\(name), \(each.name): \(found.count) rows of \(each.seenPath.prefix(60)), answer \(answer)")
        continue
      }
      #expect(row["method"]?.text == each.seenMethod, "\(name), \(each.name): \(row)")
      #expect(Int(row["status"]?.double ?? -1) == answer.status, "\(name), \(each.name): \(row)")
      let want = bytes == .whole ? answer.whole : answer.body
      let path = row["path"]?.text ?? ""
      if !logsRefused, each.name == "HEAD" { continue }
      let got = byPath[path] ?? -1
      #expect(abs(got - want) * 100 <= want * percent, "\(name), \(each.name): got \(got) bytes, want \(want)")
    }
    guard logsRefused else { return }
    let logged = rows.filter { $0["status"]?.double == 400 }.count
    #expect(logged == refused || logged == refused + extra, "\(name): \(logged) of \(refused) requests answered 400")
  }

  private func sql(_ query: String) throws -> [[String: JSONValue]] {
    let body = "sql=" + query.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
    let answer = try daemon.post("/sql?format=json", body: body, "--header", "Accept: application/json")
    #expect(answer.status == 200, "\(answer.body.prefix(500))")
    let columns = answer.json?["columns"]?.array.compactMap(\.text) ?? []
    return (answer.json?["rows"]?.array ?? []).map { row in
      Dictionary(uniqueKeysWithValues: zip(columns, row.array))
    }
  }
}

/// One request and what of it is to be seen.
struct RequestCase {
  let name: String
  let request: [UInt8]
  var seenMethod = "GET"
  var seenPath = ""
  /// Every server must take it; the others may answer what they like as long as they log it.
  var isWellFormed = true

  private init(
    _ name: String, _ line: String, method: String, path: String, headers: String = "", body: String = "",
    isWellFormed: Bool = true
  ) {
    self.name = name
    self.isWellFormed = isWellFormed
    (seenMethod, seenPath) = (method, path)
    let length = body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n"
    request = Array("\(line)\r\nHost: web\r\nConnection: close\r\n\(headers)\(length)\r\n\(body)".utf8)
  }
  private init(_ name: String, bytes: [UInt8], method: String, path: String, isWellFormed: Bool = false) {
    self.name = name
    (request, seenMethod, seenPath, self.isWellFormed) = (bytes, method, path, isWellFormed)
  }

  /// Paths begin differently, so that each is found again.
  static let all: [RequestCase] = {
    var all: [RequestCase] = []
    func add(_ name: String, _ target: String, sees path: String? = nil, _ headers: String = "", isWellFormed: Bool = true) {
      let number = all.count + 100
      all.append(
        RequestCase(
          name, "GET /c\(number)\(target) HTTP/1.1", method: "GET", path: "/c\(number)\(path ?? target)", headers: headers,
          isWellFormed: isWellFormed))
    }
    func raw(_ name: String, _ before: String, _ bytes: [UInt8], _ after: String) {
      let number = all.count + 100
      let text =
        Array("GET /c\(number) HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\(before)".utf8) + bytes + Array(after.utf8)
      all.append(RequestCase(name, bytes: text, method: "GET", path: "/c\(number)"))
    }
    add("plain", "/plain")
    add("query and campaign", "/q?utm_source=letter&a=b", sees: "/q")
    add("percent-encoded UTF-8", "/caf%C3%A9", sees: "/café")
    add("encoded space and plus", "/a%20b+c", sees: "/a b+c")
    add("encoded quote and backslash", "/%22x%22%5C", sees: "/\"x\"\\")
    add("encoded slash", "/a%2Fb", sees: "/a/b")
    add("encoded twice", "/a%2520b", sees: "/a%20b")
    add("invalid UTF-8, encoded", "/%ff%fe", sees: "/\u{fffd}\u{fffd}")
    add("markup", "/%3Cscript%3E", sees: "/<script>")
    add("lookup", "/%24%7Bjndi%3Aldap%3A%2F%2Fx%7D", sees: "/${jndi:ldap://x}")
    add("braces and brackets", "/%7B%7D%5B%5D", sees: "/{}[]")
    add("semicolon and comma", "/a;b,c=d")
    add("dots", "/a.b.c/.d")
    add("tilde and at", "/~user/@name")
    add("long path", "/" + String(repeating: "x", count: 900))
    add("longer path", "/" + String(repeating: "y", count: 7_000))
    add("long query", "/lq?" + String(repeating: "z=1&", count: 1_500), sees: "/lq")
    add("only a question mark", "/qm?", sees: "/qm")
    add("question marks", "/qq?a?b?c", sees: "/qq")
    add("encoded question mark", "/what%3F", sees: "/what?")
    add("encoded hash", "/a%23b", sees: "/a#b")
    add("percent at the end", "/100%25", sees: "/100%")
    add("emoji", "/%F0%9F%98%80", sees: "/😀")
    add("static file", "/style.css")
    add("deep", "/1/2/3/4/5/6/7/8/9")
    for (name, agent) in [
      ("browser", "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"), ("bot", "Googlebot/2.1"),
      ("quotes", "a \"quoted\" 'agent' \\ with \\\" all"), ("json", "\"}, {\"s\":\"evil\",\"a\":\"1.2.3.4"),
      ("percent", "%s%n%h %{x}i"), ("emoji", "😀 agent"), ("accents", "Äöü"), ("long", String(repeating: "A", count: 3_000)),
      ("tab", "a\tb"), ("html", "<script>alert(1)</script>"), ("empty", ""),
    ] { add("agent: \(name)", "/ua", "User-Agent: \(agent)\r\n") }
    for (name, referrer) in [
      ("search", "https://www.google.com/search?q=a%20b"), ("own", "http://web/from"), ("quotes", "https://x.example/\"'\\"),
      ("long", "https://x.example/" + String(repeating: "r", count: 3_000)), ("script", "javascript:alert(1)"), ("none", ""),
    ] { add("referrer: \(name)", "/ref", "Referer: \(referrer)\r\n") }
    add("cookies", "/cookie", "Cookie: a=\(String(repeating: "c", count: 2_000))\r\n")
    add("forwarded", "/xff", "X-Forwarded-For: 203.0.113.7, 10.0.0.1\r\n")
    for method in ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
      let number = all.count + 100, body = ["POST", "PUT", "PATCH"].contains(method) ? "a=b" : ""
      all.append(
        RequestCase(
          method, "\(method) /c\(number)/m HTTP/1.1", method: method, path: "/c\(number)/m", body: body, isWellFormed: false))
    }
    for method in ["PROPFIND", "BREW"] {
      let number = all.count + 100
      all.append(
        RequestCase(method, "\(method) /c\(number)/m HTTP/1.1", method: "~other", path: "/c\(number)/m", isWellFormed: false))
    }
    for status in SenderTest.statuses where status != 400 {
      let number = all.count + 100
      all.append(
        RequestCase(
          "status \(status)", "GET /s\(status)/c\(number) HTTP/1.1", method: "GET", path: "/s\(status)/c\(number)"))
    }
    all.append(RequestCase("HTTP/1.0", "GET /c0/old HTTP/1.0", method: "GET", path: "/c0/old"))
    all.append(
      RequestCase("absolute", "GET http://web/c0/absolute HTTP/1.1", method: "GET", path: "/c0/absolute", isWellFormed: false))
    raw("control bytes in the agent", "User-Agent: ", [1, 2, 31], "\r\n\r\n")
    raw("invalid UTF-8 in the agent", "User-Agent: ", [0xff, 0xfe, 0xc3, 0x28], "\r\n\r\n")
    all.append(RequestCase("garbage", bytes: Array("nonsense\r\n\r\n".utf8), method: "", path: "~never"))
    return all
  }()
}
