import Foundation
import Glibc
import Testing

@testable import ballconed

/// Starting, stopping and what survives: the built daemon on free ports with a directory of its own.
@Suite(.serialized, .timeLimit(.minutes(10))) struct DaemonTests {
  private let scratch: Scratch
  private var data: String { scratch.file("data") }
  init() throws { scratch = try Scratch() }

  /// One request of `service`, now.
  static func line(_ service: String = "blog", path: String = "/", address: String = "192.0.2.1", status: Int = 200) -> String {
    "<190>Nov 24 10:00:00 vm web: {\"service\":\"\(service)\",\"ip\":\"\(address)\",\"path\":\"\(path)\",\"status\":\(status),"
      + "\"length\":512,\"generation_time_milli\":0.012,\"user_agent\":\"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 "
      + "Firefox/143.0\",\"referrer\":\"\"}"
  }

  @Test func `it says when it is ready, answers, and ends with 0 and nothing more on stdout`() throws {
    let daemon = try DaemonProcess(["-d", data])
    let line = #/ready syslog=127\.0\.0\.1:\d+ web=http://127\.0\.0\.1:\d+ services=0/#
    #expect(daemon.ready.wholeMatch(of: line) != nil, "\(daemon.ready)")
    #expect(try daemon.get("/-/healthy").status == 200)
    #expect(try daemon.get("/-/ready").status == 200)
    #expect(try daemon.get("/").status == 200)
    let port = daemon.web.split(separator: ":").last.map(String.init) ?? ""
    #expect(try Program.run(["health", "-wp", port]).code == 0)
    let end = daemon.stop()
    #expect(end.code == 0 && end.reason == .exit && end.seconds < 5 && end.out.isEmpty)
    #expect(try Program.run(["health", "-wp", port]).code == 1)
  }

  @Test func `an interrupt ends it as well`() throws {
    let daemon = try DaemonProcess(["-d", data])
    let end = daemon.stop(SIGINT)
    #expect(end.code == 0 && end.reason == .exit && end.seconds < 5)
  }

  @Test func `counts survive a restart, and the site is announced`() throws {
    let first = try DaemonProcess(["-d", data])
    try first.send((0..<300).map { Self.line(path: "/\($0 % 7)", address: "192.0.2.\($0 % 50)") })
    #expect(try first.accounting(received: 300).counted == 300)
    let before = try first.get("/api/v1/query?service=blog&from=-1h&metrics=requests,visitors,bytes&by=path&order=-requests")
    #expect(first.stop().code == 0)

    let second = try DaemonProcess(["-d", data])
    #expect(second.ready.hasSuffix("services=1"))
    let after = try second.get("/api/v1/query?service=blog&from=-1h&metrics=requests,visitors,bytes&by=path&order=-requests")
    #expect(before.status == 200 && before.json?["totals"]?["requests"]?.double == 300)
    #expect(after.json?["totals"] == before.json?["totals"] && after.json?["rows"] == before.json?["rows"])
  }

  @Test func `after a kill at most one period is missing`() throws {
    let first = try DaemonProcess(["-d", data, "-p", "1"])
    try first.send((0..<100).map { _ in Self.line() })
    #expect(try first.accounting(received: 100).counted == 100)
    usleep(2_500_000)  // two periods and some
    try first.send((0..<10).map { _ in Self.line() })
    _ = try first.accounting(received: 110)
    first.stop(SIGKILL)
    let second = try DaemonProcess(["-d", data])
    let requests =
      try second.get("/api/v1/query?service=blog&from=-1h&metrics=requests").json?["totals"]?["requests"]?.double ?? 0
    #expect((100...110).contains(requests))
  }

  @Test func `a second daemon on the same directory is told so`() throws {
    let first = try DaemonProcess(["-d", data])
    let second = try Program.run(["serve", "-sp", "0", "-wp", "0", "-d", data])
    #expect(second.code == 1 && second.out.isEmpty)
    #expect(second.err.contains("cannot") && second.err.contains(data), "\(second.err)")
    #expect(second.err.split(separator: "\n").count == 1, "\(second.err)")
    let log = try scratch.write("", to: "a.log")
    let imported = try Program.run(["import", "-d", data, log])
    #expect(imported.code == 1 && imported.err.contains("--to"), "\(imported.err)")
    #expect(first.isRunning)
  }

  @Test func `a disk that takes nothing is told once, and once more when it does`() throws {
    let daemon = try DaemonProcess(["-d", data, "-p", "1"])
    let away = scratch.file("away"), line = #"{"service":"blog","ip":"192.0.2.1","path":"/","status":200,"length":1}"#
    try FileManager.default.moveItem(atPath: data, toPath: away)
    _ = try scratch.write("", to: "data")  // a file where the directory was
    for _ in 0..<25 {
      try daemon.send([line])
      usleep(200_000)
    }
    let told = try daemon.stderr()
    #expect(told.split(separator: "\n").count == 1 && told.contains("cannot"), "\(told)")
    try FileManager.default.removeItem(atPath: data)
    try FileManager.default.moveItem(atPath: away, toPath: data)
    for _ in 0..<50 where try !daemon.stderr().contains("written again") { usleep(200_000) }
    let all = try daemon.stderr()
    #expect(all.hasSuffix("snapshots are written again\n"), "\(all)")
    let end = daemon.stop()
    #expect(end.code == 0)
    #expect(try Program.run(["check", "-d", data]).code == 0)
  }

  @Test func `a taken port is one line and exit code 1`() throws {
    let first = try DaemonProcess(["-d", data])
    let port = first.web.split(separator: ":").last.map(String.init) ?? ""
    let second = try Program.run(["serve", "-sp", "0", "-wp", port, "-d", ":memory:"])
    #expect(second.code == 1 && second.err.contains("cannot") && second.err.contains(port), "\(second.err)")
    let third = try Program.run(["serve", "-sp", String(first.syslogPort), "-wp", "0", "-d", ":memory:"])
    #expect(third.code == 1 && third.err.contains("cannot") && third.err.contains(String(first.syslogPort)), "\(third.err)")
  }

  @Test func `a dashboard for everybody needs a password or a clear word`() throws {
    let refused = try Program.run(["serve", "-sp", "0", "-wh", "0.0.0.0", "-wp", "0", "-d", ":memory:"])
    #expect(
      refused.code == 2 && refused.err.contains("--password-file") && refused.err.contains("--insecure"), "\(refused.err)")
    let open = try DaemonProcess(["-wh", "0.0.0.0", "--insecure", "-d", ":memory:"])
    #expect(open.ready.contains("web=http://0.0.0.0:"))
    open.stop()

    let file = try scratch.write("# who may read\nanna:sesame\n", to: "passwords")
    let daemon = try DaemonProcess(["--password-file", file, "-d", ":memory:"])
    #expect(try daemon.get("/").status == 401)
    #expect(try daemon.get("/", "--user", "anna:sesame").status == 200)
    #expect(try daemon.get("/-/healthy").status == 200)
    let missing = try Program.run(["serve", "-sp", "0", "-wp", "0", "-d", ":memory:", "--password-file", scratch.file("none")])
    #expect(missing.code == 1 && missing.err.contains(scratch.file("none")), "\(missing.err)")
  }

  @Test func `memory keeps nothing on disk`() throws {
    let daemon = try DaemonProcess(["-d", ":memory:"])
    try daemon.send([Self.line()])
    #expect(try daemon.accounting(received: 1).counted == 1)
    #expect(daemon.stop().code == 0)
    #expect(!FileManager.default.fileExists(atPath: ":memory:"))
  }

  @Test func `its directory and files are for its user alone`() throws {
    let daemon = try DaemonProcess(["-d", data])
    try daemon.send([Self.line()])
    _ = try daemon.accounting(received: 1)
    daemon.stop()
    let files = try FileManager.default.contentsOfDirectory(atPath: data)
    #expect(files.count >= 2)
    for path in [data] + files.map({ data + "/" + $0 }) {
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect((mode ?? 0o777) & 0o077 == 0, "\(path)")
    }
  }

  @Test func `a damaged snapshot is named and the generation before it is used`() throws {
    for count in [100, 20] {  // two generations
      let daemon = try DaemonProcess(["-d", data])
      try daemon.send((0..<count).map { _ in Self.line() })
      _ = try daemon.accounting(received: count)
      #expect(daemon.stop().code == 0)
    }
    #expect(try Program.run(["check", "-d", data]).code == 0)
    let newest = try newestSnapshot("base.")
    var bytes = try Data(contentsOf: newest)
    bytes[bytes.count / 2] ^= 0xff
    try bytes.write(to: newest)
    let checked = try Program.run(["check", "-d", data])
    #expect(checked.code == 1 && (checked.out + checked.err).contains(newest.lastPathComponent), "\(checked.out)\(checked.err)")

    let daemon = try DaemonProcess(["-d", data])
    #expect(try daemon.stderr().contains(newest.lastPathComponent))
    let requests =
      try daemon.get("/api/v1/query?service=blog&from=-1h&metrics=requests").json?["totals"]?["requests"]?.double ?? 0
    #expect((100...120).contains(requests), "\(requests)")
  }

  private func newestSnapshot(_ kind: String = "") throws -> URL {
    let files = try FileManager.default.contentsOfDirectory(
      at: URL(fileURLWithPath: data), includingPropertiesForKeys: [.contentModificationDateKey, .fileSizeKey])
    return try #require(
      files.filter {
        $0.lastPathComponent.hasPrefix(kind) && (try? $0.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0 > 256
      }
      .max { a, b in
        let dates = [a, b].map {
          (try? $0.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate) ?? .distantPast
        }
        return dates[0] < dates[1]
      })
  }

  @Test(arguments: [SIGHUP, SIGPIPE, SIGXFSZ])
  func `signals that are no order to end do not end it`(number: CInt) throws {
    let daemon = try DaemonProcess(["-d", data])
    daemon.signal(number)
    #expect(try daemon.get("/-/ready").status == 200)
    #expect(daemon.isRunning && daemon.stop().code == 0)
  }

  @Test func `idle it is small`() throws {
    let daemon = try DaemonProcess(["-d", data])
    usleep(1_500_000)  // a second after the start it gives back what only starting needed
    let resident = try Resources.of(daemon.pid).residentBytes
    // The static release has 8 MiB to keep, a country database included; a debug build with shared libraries is another thing.
    let limit = ProcessInfo.processInfo.environment["BALLCONED"] == nil ? 64 << 20 : 8 << 20
    #expect(resident <= limit, "\(resident) bytes resident")
  }
}

/// What the kernel says of a process.
struct Resources {
  let residentBytes: Int
  let descriptors: Int
  static func of(_ pid: pid_t) throws -> Resources {
    let status = try Program.read("/proc/\(pid)/status")
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
    let kibibytes = try #require(Int(line.filter(\.isNumber)))
    let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
    return Resources(residentBytes: kibibytes << 10, descriptors: descriptors)
  }
}
