import CLoopback
import Glibc

/// rsyslog as it receives from a web server: UDP to a file, here `/dev/null`; where it is installed.
enum RsyslogReceiver {
  private static let program = "/usr/sbin/rsyslogd"

  /// Starts one on a free port of loopback, floods it and tells what a datagram cost it; nil when there is none.
  static func measure(flood: (UInt16) -> Int, _ core: UInt32) -> ReceiveBenchmarks.Figures? {
    guard unsafe access(program, X_OK) == 0, let port = freePort() else { return nil }
    let base = "/tmp/ballconed-bench-\(getpid())-\(port)"
    let configuration = """
      module(load="imudp")
      template(name="raw" type="string" string="%rawmsg%\\n")
      input(type="imudp" address="127.0.0.1" port="\(port)" rcvbufSize="8m" ruleset="r")
      ruleset(name="r") { action(type="omfile" file="/dev/null" template="raw") }
      """
    guard write(configuration, to: base + ".conf") else { return nil }
    defer {
      _ = unsafe unlink(base + ".conf")
      _ = unsafe unlink(base + ".pid")
    }
    _ = ballcone_pin(core)
    guard let process = start([program, "-n", "-f", base + ".conf", "-i", base + ".pid", "-C"]) else { return nil }
    defer {
      kill(process, SIGTERM)
      var status: CInt = 0
      _ = unsafe waitpid(process, &status, 0)
    }
    guard waitUntilBound(port) else { return nil }
    _ = flood(port)  // the first one makes its threads and queue
    settle(process)
    let (dropped, spent) = (drops(port), nanoseconds(of: process))
    var figures = ReceiveBenchmarks.Figures()
    figures.sent = flood(port)
    settle(process)
    figures.dropped = drops(port) - dropped
    figures.received = figures.sent - figures.dropped
    figures.nanoseconds = (nanoseconds(of: process) - spent) / max(1, figures.received)
    return figures
  }

  private static func start(_ arguments: [String]) -> pid_t? {
    var process = pid_t()
    var list: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe list.indices { unsafe free(list[index]) } }
    var files = unsafe posix_spawn_file_actions_t()  // it says on standard error that it has stopped a thread
    unsafe posix_spawn_file_actions_init(&files)
    defer { unsafe posix_spawn_file_actions_destroy(&files) }
    unsafe posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0)
    return unsafe posix_spawn(&process, program, &files, nil, &list, nil) == 0 ? process : nil
  }

  /// Until its queue is empty: it has not computed for a tenth of a second.
  private static func settle(_ process: pid_t) {
    var before = -1
    for _ in 0..<100 {
      usleep(100_000)
      let now = nanoseconds(of: process)
      if now - before < 200_000 { return }
      before = now
    }
  }

  private static func nanoseconds(of process: pid_t) -> Int {
    var clock = clockid_t(), time = timespec()
    guard unsafe clock_getcpuclockid(process, &clock) == 0, unsafe clock_gettime(clock, &time) == 0 else { return 0 }
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  private static func waitUntilBound(_ port: UInt16) -> Bool {
    for _ in 0..<100 {
      if row(port) != nil { return true }
      usleep(50_000)
    }
    return false
  }

  private static func drops(_ port: UInt16) -> Int { row(port)?.split(separator: " ").last.flatMap { Int($0) } ?? 0 }

  /// The line of `/proc/net/udp` that a port of 127.0.0.1 has.
  private static func row(_ port: UInt16) -> Substring? {
    let digits = String(port, radix: 16, uppercase: true)
    let place = "0100007F:" + String(repeating: "0", count: 4 - digits.count) + digits
    return read("/proc/net/udp").split(separator: "\n").first { $0.contains(" \(place) ") }
  }

  private static func freePort() -> UInt16? {
    let descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in(), length = socklen_t(MemoryLayout<sockaddr_in>.size)
    (address.sin_family, address.sin_addr.s_addr) = (sa_family_t(AF_INET), UInt32(0x7f00_0001).bigEndian)
    return unsafe withUnsafeMutableBytes(of: &address) { bytes in
      let generic = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      guard unsafe bind(descriptor, generic, length) == 0, unsafe getsockname(descriptor, generic, &length) == 0 else {
        return nil
      }
      return unsafe UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self))
    }
  }

  static func read(_ path: String) -> String {
    let descriptor = unsafe open(path, O_RDONLY)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var all: [UInt8] = [], part = [UInt8](repeating: 0, count: 65_536)
    while case let got = unsafe Glibc.read(descriptor, &part, part.count), got > 0 { all += part[..<got] }
    return String(decoding: all, as: UTF8.self)
  }

  private static func write(_ text: String, to path: String) -> Bool {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    return unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count
  }
}

/// What else the machine does.
enum Load {
  static func average() -> String {
    RsyslogReceiver.read("/proc/loadavg").split(separator: " ").first.map { String($0) } ?? "unknown"
  }
}
