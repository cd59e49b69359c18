import Glibc
import TSEngine
import Testing

@testable import Dashboard

/// A dashboard on a free port of this machine, stopped at the end of `body`.
func withDashboard<R>(
  _ options: DashboardOptions = fakeOptions(), events: [FakeStore.Event] = fakeEvents(), store: (any QueryStore)? = nil,
  importer: FakeImport = FakeImport(), _ body: (Dashboard) throws -> R
) throws -> R {
  let dashboard = Dashboard(
    options, store: store ?? FakeStore(events), accounting: fakeAccounting(), importer: importer, clock: { fakeNow })
  try dashboard.start(listening: Listener.bind(host: "127.0.0.1", port: 0))
  defer { dashboard.stop() }
  return try body(dashboard)
}

/// A plain TCP connection that says exactly what it is told.
final class Wire {
  let descriptor: CInt
  private var rest: [UInt8] = []

  init(_ port: Int) throws {
    descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = unsafe withUnsafeBytes(of: &address) {
      unsafe connect(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), 16)
    }
    try #require(connected == 0)
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }
  deinit { close(descriptor) }

  @discardableResult func send(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return unsafe bytes.withUnsafeBytes { unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
      == bytes.count
  }

  /// More bytes; false at the end or when nothing comes for 20 seconds.
  private func fill() -> Bool {
    let more = unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { room, count in
      count = unsafe max(0, recv(descriptor, room.baseAddress, room.count, 0))
    }
    rest += more
    return !more.isEmpty
  }
  private func take(_ count: Int) -> [UInt8] {
    defer { rest.removeFirst(count) }
    return Array(rest.prefix(count))
  }

  /// Up to and with `mark`; nil when the connection ends before.
  func read(until mark: String) -> String? {
    let mark = Array(mark.utf8)
    while true {
      if let at = (0...max(0, rest.count - mark.count)).first(where: { rest[$0...].starts(with: mark) }),
        rest.count >= mark.count
      {
        return String(decoding: take(at + mark.count), as: UTF8.self)
      }
      if !fill() { return nil }
    }
  }

  struct Answer {
    var status = 0
    var head = ""
    var body: [UInt8] = []
    var text: String { String(decoding: body, as: UTF8.self) }
    func header(_ name: String) -> String? {
      head.split(separator: "\r\n").first { $0.asciiStart(name + ":") }.map {
        String($0.dropFirst(name.count + 1).drop { $0 == " " })
      }
    }
  }
  /// One answer with a Content-Length; `isHead` says that no body follows it.
  func answer(isHead: Bool = false) -> Answer? {
    guard let head = read(until: "\r\n\r\n") else { return nil }
    var answer = Answer(status: Int(head.split(separator: " ")[1]) ?? 0, head: head)
    let count = answer.status == 304 || isHead ? 0 : Int(answer.header("Content-Length") ?? "") ?? 0
    while rest.count < count { if !fill() { return nil } }
    answer.body = take(count)
    return answer
  }
  /// True when the peer has closed and nothing is left to read.
  func isClosed() -> Bool { rest.isEmpty && !fill() }

  /// A whole exchange on this connection.
  func ask(_ line: String, _ headers: String = "", body: String = "") -> Answer? {
    send("\(line) HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n\(body)")
    return answer(isHead: line.hasPrefix("HEAD"))
  }
}

extension Substring {
  fileprivate func asciiStart(_ other: String) -> Bool { prefix(other.count).equalsIgnoringCase(other) }
}

/// Monotonic seconds with a fraction.
func seconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
