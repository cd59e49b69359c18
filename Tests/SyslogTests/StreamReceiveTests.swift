import Glibc
import TSEngine
import Testing

@testable import Syslog

private let good = #"<190>Nov 24 03:59:02 vm web: {"ip":"192.0.2.1","path":"/"}"#

/// A TCP client of this machine.
private final class Client {
  let descriptor: CInt
  init(to address: String) {
    descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var to = sockaddr_in()
    (to.sin_family, to.sin_port) = (sa_family_t(AF_INET), UInt16(address.split(separator: ":").last!)!.bigEndian)
    unsafe inet_pton(AF_INET, "127.0.0.1", &to.sin_addr)
    let failed = unsafe withUnsafeBytes(of: &to) { bytes in
      unsafe connect(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    precondition(failed == 0)
  }
  deinit { close(descriptor) }
  func send(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
  /// Waits until the other end closes.
  func isClosed() -> Bool {
    var watch = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&watch, 1, 5_000) == 1 else { return false }
    var byte: UInt8 = 0
    return unsafe recv(descriptor, &byte, 1, 0) <= 0
  }
}

private final class Receiving {
  let accounting = Accounting()
  let receiver: Receiver
  init(_ sockets: [DatagramSocket] = [], _ streams: [StreamSocket] = [], rules: IngestRules = IngestRules()) {
    var options = IngestOptions()
    options.rules = rules
    receiver = Receiver(
      engine: Engine(EngineOptions(), accounting: accounting) { 1_800_000_000 }, sockets: sockets, streams: streams,
      options: options
    ) { 1_800_000_000 }
    receiver.start()
  }
  func wait(for count: Int) { for _ in 0..<500 where accounting.received < count { usleep(10_000) } }
  deinit { receiver.stop() }
}

@Suite(.serialized) struct StreamReceiveTests {
  @Test func `both framings arrive over TCP, in pieces and together`() throws {
    let receiving = Receiving([], [try .tcp(host: "127.0.0.1", port: 0)])
    let client = Client(to: receiving.receiver.addresses[0])
    client.send("\(good)\n\(good.utf8.count) \(good)\(good.utf8.count) ")
    usleep(50_000)
    client.send(good + good + "\n")
    receiving.wait(for: 4)
    #expect(receiving.accounting.received(by: .tcp) == 4)
    #expect(receiving.accounting.rejected == 0)
  }

  @Test func `100,000 messages over TCP all arrive, those without a last line feed too`() throws {
    let receiving = Receiving([], [try .tcp(host: "127.0.0.1", port: 0)])
    do {
      let clients = (0..<4).map { _ in Client(to: receiving.receiver.addresses[0]) }
      let block = String(repeating: good + "\n", count: 1_000)
      for _ in 0..<25 { for client in clients { client.send(block) } }
      for client in clients { client.send(good) }
    }
    receiving.wait(for: 100_004)
    receiving.receiver.stop()
    let accounting = receiving.accounting
    #expect(accounting.received == 100_004 && accounting.received == accounting.counted + accounting.rejected)
  }

  @Test func `a 65th connection is refused and counted, and a free place is taken again`() throws {
    let receiving = Receiving([], [try .tcp(host: "127.0.0.1", port: 0)])
    var clients = (0..<StreamConnection.limit).map { _ in Client(to: receiving.receiver.addresses[0]) }
    for client in clients { client.send(good + "\n") }
    receiving.wait(for: 64)
    let late = Client(to: receiving.receiver.addresses[0])
    #expect(late.isClosed())
    receiving.wait(for: 65)
    #expect(receiving.accounting.rejected(for: .connection) == 1)
    clients.removeLast()
    usleep(300_000)
    let again = Client(to: receiving.receiver.addresses[0])
    again.send(good + "\n")
    receiving.wait(for: 66)
    receiving.receiver.stop()
    #expect(receiving.accounting.counted == 65 && receiving.accounting.rejected == 1)
  }

  @Test func `a message cut short by the end of its connection is truncated`() throws {
    let receiving = Receiving([], [try .tcp(host: "127.0.0.1", port: 0)])
    Client(to: receiving.receiver.addresses[0]).send("500 " + good)
    receiving.wait(for: 1)
    #expect(receiving.accounting.rejected(for: .truncated) == 1)
  }

  @Test func `a message that never ends gives its connection up`() {
    let now = 1_000_000
    var ends: [CInt] = [0, 0]
    #expect(unsafe socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
    defer { close(ends[1]) }
    let connection = StreamConnection(descriptor: ends[0], now: now)
    func say(_ text: String) { _ = unsafe write(ends[1], Array(text.utf8), text.utf8.count) }
    func read(_ time: Int) -> Int {
      var count = 0
      #expect(connection.read(now: time) { _, _ in count += 1 } == .open)
      return count
    }
    say("abc")
    #expect(read(now) == 0)
    #expect(!connection.isStuck(now: now + 30_000) && connection.isStuck(now: now + 30_001))
    say("\nabc")  // a message was completed: the clock begins anew
    #expect(read(now + 29_000) == 1)
    #expect(!connection.isStuck(now: now + 59_000) && connection.isStuck(now: now + 59_001))
    say("\n")
    #expect(read(now + 29_500) == 1)
    #expect(!connection.isStuck(now: now + 1_000_000))
    #expect(!connection.isIdle(now: now + 89_500) && connection.isIdle(now: now + 89_501))
  }

  @Test func `who may not send is refused by its address, over UDP and TCP`() throws {
    let nobody = SenderPolicy(addresses: [AddressRange("192.0.2.0/24")!])
    let this = SenderPolicy(addresses: [AddressRange("192.0.2.0/24")!, AddressRange("127.0.0.1")!])
    let receiving = Receiving(
      [
        try .udp(host: "127.0.0.1", port: 0, policy: nobody), try .udp(host: "127.0.0.1", port: 0, policy: this),
        try .udp(host: "127.0.0.1", port: 0), try .udp(host: "::1", port: 0, policy: nobody),
      ],
      [try .tcp(host: "127.0.0.1", port: 0, policy: nobody), try .tcp(host: "127.0.0.1", port: 0, policy: this)])
    let addresses = receiving.receiver.addresses
    for _ in 0..<3 { for address in addresses[..<4] { LoopbackSender(to: address).send(good) } }
    #expect(Client(to: addresses[4]).isClosed())
    let client = Client(to: addresses[5])
    client.send(good + "\n")
    receiving.wait(for: 14)
    receiving.receiver.stop()
    #expect(receiving.accounting.rejected(for: .sender) == 7)
    #expect(receiving.accounting.counted == 7 && receiving.accounting.received == 14)
  }

  @Test func `a unix socket takes the users it is told to take`() throws {
    let paths = (0..<2).map { "/tmp/ballconed-test-\(getpid())-uid\($0).sock" }
    let receiving = Receiving([
      try .unix(path: paths[0], policy: SenderPolicy(users: [getuid()])),
      try .unix(path: paths[1], policy: SenderPolicy(users: [getuid() + 1])),
    ])
    for path in paths { for _ in 0..<2 { LoopbackSender(to: "unix:" + path).send(good) } }
    receiving.wait(for: 4)
    receiving.receiver.stop()
    #expect(receiving.accounting.rejected(for: .sender) == 2 && receiving.accounting.counted == 2)
  }

  @Test func `a site that is not declared is refused, and an excluded request is neither`() throws {
    var rules = IngestRules()
    let (valid, invalid) = (rules.declare(service: "Web"), rules.declare(service: "a b"))
    #expect(valid && !invalid)
    rules.exclusions = [Exclusion("path=/health")!]
    let receiving = Receiving([try .udp(host: "127.0.0.1", port: 0)], rules: rules)
    let sender = LoopbackSender(to: receiving.receiver.addresses[0])
    for text in [good, good.replacing("web", with: "shop"), good.replacing("\"/\"", with: "\"/health?x=1\"")] {
      for _ in 0..<2 { sender.send(text) }
    }
    receiving.wait(for: 6)
    receiving.receiver.stop()
    let accounting = receiving.accounting
    #expect(accounting.counted == 2 && accounting.excluded == 2 && accounting.rejected(for: .undeclared) == 2)
    #expect(accounting.received == accounting.counted + accounting.rejected + accounting.excluded)
  }
}
