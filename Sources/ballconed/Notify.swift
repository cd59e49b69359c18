internal import Glibc

/// What systemd wants to hear (sd_notify(3)): one datagram to the socket it names. Nothing happens without systemd.
@safe
struct Notify: Sendable {
  private let path: String?
  /// How often the watchdog wants a sign of life, in seconds: half of what systemd allows; nil without a watchdog.
  let watchdogSeconds: Int?

  init(environment: [String: String]) {
    path = environment["NOTIFY_SOCKET"]
    let ours = environment["WATCHDOG_PID"].map { Int($0) == Int(getpid()) } ?? true
    let microseconds = ours ? environment["WATCHDOG_USEC"].flatMap { Int($0) } : nil
    watchdogSeconds = microseconds.map { max(1, $0 / 2_000_000) }
  }

  func ready() { send("READY=1") }
  func stopping() { send("STOPPING=1") }
  func alive() { send("WATCHDOG=1") }

  private func send(_ message: String) {
    guard let path, !path.isEmpty else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var name = Array(path.utf8)
    guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    if name[0] == UInt8(ascii: "@") { name[0] = 0 }  // an abstract socket
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
    let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path)! + name.count)
    let bytes = Array(message.utf8)
    unsafe withUnsafeBytes(of: &address) { to in
      _ = unsafe sendto(
        descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL), to.baseAddress!.assumingMemoryBound(to: sockaddr.self), length)
    }
  }
}
