import Foundation
import Glibc
import Testing

@testable import ballconed

/// What systemd does for a service: it holds the sockets, and it is told how things are.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SystemdTests {
  /// Holds a datagram and a stream socket as a .socket unit does, and starts the daemon twice on them: between the two, and
  /// while each drains, datagrams go on arriving.
  private static let holder = """
    import os, re, signal, socket, subprocess, sys, time, urllib.request
    program, data = sys.argv[1:]
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(("127.0.0.1", 0))
    tcp = socket.socket(); tcp.bind(("127.0.0.1", 0)); tcp.listen(64)
    line = b'<190>Nov 24 10:00:00 vm web: {"service":"blog","ip":"192.0.2.1","path":"/","status":200,"length":1}'
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    def send(count):
        for _ in range(count): out.sendto(line, udp.getsockname())
    def start():
        def give():  # in the child: what systemd does before it runs the program
            os.dup2(udp.fileno(), 103); os.dup2(tcp.fileno(), 104); os.dup2(103, 3); os.dup2(104, 4)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2")
            os.execv(program, [program, "serve", "-d", data])
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.dup2(write, 1); give()
        os.close(write)
        return pid, os.fdopen(read).readline().strip()
    def stop(pid):
        os.kill(pid, signal.SIGTERM)
        return os.waitpid(pid, 0)[1]
    send(50)
    pid, ready = start()
    send(50)
    first = stop(pid)
    send(50)
    pid, again = start()
    send(50)
    second = stop(pid)
    pid, last = start()
    web = "http://%s:%d" % tcp.getsockname()
    body = urllib.request.urlopen(web + "/api/v1/query?service=blog&from=-1h&metrics=requests").read().decode()
    third = stop(pid)
    print(ready == "ready syslog=%s:%d web=%s services=0" % (*udp.getsockname(), web), again == ready.replace("=0", "=1"))
    print(first, second, third, re.search('"totals":.*', body).group(0))
    """

  @Test func `sockets of systemd are used and named, and a restart loses nothing`() throws {
    let scratch = try Scratch()
    let held = try Program.run(["-c", Self.holder, Program.path, scratch.file("data")], of: "/usr/bin/python3")
    #expect(held.out.contains("0 0 0 \"totals\":{\"requests\":200}"), "\(held.out)\(held.err)")
    #expect(held.out.hasPrefix("True True\n"), "\(held.out)\(held.err)")
  }

  @Test func `systemd hears of readiness, life and the end`() throws {
    let scratch = try Scratch()
    let path = scratch.file("notify")
    let socket = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    let bound = unsafe withUnsafeBytes(of: &address) {
      unsafe bind(socket, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    #expect(bound == 0)
    let daemon = try DaemonProcess(
      ["-d", ":memory:"], environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "30000000"])
    #expect(try hear(socket) == "READY=1" || hear(socket) == "READY=1")  // a sign of life may come before
    var heard: [String] = []
    while heard.count < 10, !heard.contains("WATCHDOG=1") { heard.append(try hear(socket)) }
    daemon.stop()
    while heard.count < 20, heard.last != "STOPPING=1" { heard.append(try hear(socket)) }
    #expect(heard.contains("WATCHDOG=1") && heard.last == "STOPPING=1", "\(heard)")
  }

  private func hear(_ socket: CInt) throws -> String {
    var watch = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&watch, 1, 5_000) > 0 else { return "" }
    var bytes = [UInt8](repeating: 0, count: 100)
    let count = unsafe recv(socket, &bytes, bytes.count, 0)
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
  }
}
