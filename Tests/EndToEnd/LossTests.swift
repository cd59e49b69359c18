import Foundation
import Glibc
import Testing

@testable import ballconed

/// No datagram is lost without being counted as such; `make soak` sends a million.
@Suite(.serialized, .timeLimit(.minutes(10))) struct LossTests {
  private static let isLong = ProcessInfo.processInfo.environment["BALLCONED_SOAK_SECONDS"] != nil

  @Test func `received and dropped are all that was sent, while snapshots are written`() throws {
    let scratch = try Scratch()
    let daemon = try DaemonProcess(["-d", scratch.file("data"), "-p", "1", "--exclude", "path=/health"])
    let total = Self.isLong ? 1_000_000 : 100_000
    // Every tenth is refused and every tenth excluded.
    let padding = String(repeating: "x", count: 250)
    func datagram(_ number: Int) -> [UInt8] {
      let path = number % 10 == 1 ? "/health" : "/\(number % 500)?n=\(number)&\(padding)"
      return Array(DaemonTests.line(path: path, address: number % 10 == 0 ? "nowhere" : "10.0.\(number % 256).1").utf8)
    }
    var sent = 0
    while sent < total {  // as fast as it goes: more than a debug build can take
      try daemon.send((sent..<min(sent + 5_000, total)).map(datagram))
      sent = min(sent + 5_000, total)
      if sent % 50_000 == 0 { usleep(300_000) }
    }
    var seen = try daemon.accounting()
    for _ in 0..<100 where seen.received + seen.dropped < total || !seen.balances {
      usleep(100_000)
      seen = try daemon.accounting()
    }
    #expect(seen.received + seen.dropped == total && seen.balances, "\(seen)")
    #expect(seen.excluded > 0 && seen.refused > 0 && seen.counted > 0)
    if seen.dropped == 0 {
      #expect(seen.excluded == total / 10 && seen.refused == total / 10 && seen.counted == total * 8 / 10, "\(seen)")
    }
    #expect(daemon.stop().code == 0)
    let report = try Program.run(["report", "-d", scratch.file("data"), "--service", "blog", "--format", "json"])
    #expect(report.out.contains("\(seen.counted)"), "\(seen)")
  }

  /// Who holds the sockets, as systemd does: starts the daemon with them, and sends at a steady rate.
  private static let supervisor = """
    import os, signal, socket, sys, threading, time, urllib.request, json
    program, data, total, rate = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(("127.0.0.1", 0))
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    tcp = socket.socket(); tcp.bind(("127.0.0.1", 0)); tcp.listen(64)
    web = "http://%s:%d" % tcp.getsockname()
    line = b'<190>Nov 24 10:00:00 vm web: {"service":"blog","ip":"192.0.2.1","path":"/","status":200,"length":1}'
    def start(*more):
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.dup2(write, 1)
            os.dup2(udp.fileno(), 103); os.dup2(tcp.fileno(), 104); os.dup2(103, 3); os.dup2(104, 4)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2")
            os.execv(program, [program, "serve", "-d", data, *more])
        os.close(write)
        ready = os.fdopen(read).readline()
        assert ready.startswith("ready"), ready
        return pid
    def send(count, rate, burst):
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        begin = time.monotonic()
        for number in range(count):
            out.sendto(line, udp.getsockname())
            if number % burst == burst - 1:
                rest = begin + number / rate - time.monotonic()
                if rest > 0: time.sleep(rest)

    """

  /// As `SystemdTests`, but under load: 100,000 datagrams, paced, while the daemon is ended and started three times.
  private static let holder = """
    sender = threading.Thread(target=send, args=(total, rate, 50))
    sender.start()
    ends = []
    for turn in range(4):
        pid = start()
        if turn < 3: time.sleep(total / rate / 4)
        else: sender.join()
        os.kill(pid, signal.SIGTERM)
        ends.append(os.waitpid(pid, 0)[1])
    pid = start()
    answer = json.load(urllib.request.urlopen(web + "/api/v1/query?service=blog&from=-1h&metrics=requests"))
    os.kill(pid, signal.SIGTERM); os.waitpid(pid, 0)
    print(ends, answer["totals"]["requests"])
    """

  @Test func `restarts under load on a held socket lose nothing`() throws {
    let scratch = try Scratch()
    let (total, rate) = Self.isLong ? (100_000, 8_000) : (20_000, 5_000)
    let held = try Program.run(
      ["-c", Self.supervisor + Self.holder, Program.path, scratch.file("data"), "\(total)", "\(rate)"], of: "/usr/bin/python3")
    #expect(held.out.contains("[0, 0, 0, 0] \(total)"), "\(held.out)\(held.err)")
  }

  /// The same with kill -9, twice in the midst of load, and once when all that came is on disk. What the socket holds is never
  /// lost; what the daemon had taken and not yet written is: a period of one second and the batch in hand.
  private static let killer = """
    def kill(pid):
        os.kill(pid, signal.SIGKILL); os.waitpid(pid, 0)
    def counted():
        answer = json.load(urllib.request.urlopen(web + "/api/v1/query?service=blog&from=-1h&metrics=requests"))
        return answer.get("totals", {}).get("requests", 0)
    sender = threading.Thread(target=send, args=(total, rate, 20))
    sender.start()
    for turn in range(2):
        pid = start("-p", "1"); time.sleep(total / rate / 3); kill(pid)
    pid = start("-p", "1")
    sender.join()
    time.sleep(3)  # a period is one second: all is on disk
    before = counted()
    kill(pid)
    send(2000, 20000, 20)  # nobody is there; the socket holds them
    pid = start("-p", "1")
    for _ in range(100):
        after = counted()
        if after == before + 2000: break
        time.sleep(0.1)
    os.kill(pid, signal.SIGTERM); os.waitpid(pid, 0)
    print(total - before, after - before)
    """

  @Test func `a kill loses a period at most, and nothing that the held socket had`() throws {
    let scratch = try Scratch()
    let (total, rate) = (18_000, 2_000)
    let held = try Program.run(
      ["-c", Self.supervisor + Self.killer, Program.path, scratch.file("data"), "\(total)", "\(rate)"], of: "/usr/bin/python3")
    let numbers = held.out.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    try #require(numbers.count == 2, "\(held.out)\(held.err)")
    // Two kills: each a second's events, and a half for what is on its way to the disk.
    #expect(numbers[0] >= 0 && numbers[0] <= 2 * rate * 3 / 2 && numbers[1] == 2_000, "\(held.out)")
  }

  @Test func `a database that changes is taken over without a signal, and a broken one is not`() throws {
    let scratch = try Scratch()
    let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("SyslogTests/Fixtures")
    let file = scratch.file("country.mmdb")
    func put(_ bytes: Data) throws {
      try bytes.write(to: URL(fileURLWithPath: file + ".new"))
      #expect(unsafe rename(file + ".new", file) == 0)
    }
    let whole = try Data(contentsOf: fixtures.appendingPathComponent("country24.mmdb"))
    try put(whole)
    let daemon = try DaemonProcess(["-d", ":memory:", "--geoip", file])
    try put(whole.prefix(whole.count / 2))
    for _ in 0..<100 where try daemon.stderr().isEmpty { usleep(100_000) }
    let told = try daemon.stderr().split(separator: "\n")
    #expect(told.count == 1 && told[0].contains("country.mmdb"), "\(told)")
    try put(whole)
    usleep(2_500_000)
    #expect(try daemon.stderr().split(separator: "\n").count == 1)
    #expect(daemon.isRunning)
  }
}
