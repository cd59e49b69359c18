import Glibc
import TSEngine
import Testing

@testable import Syslog

private func receive(
  _ sockets: [DatagramSocket], before: (Receiver) -> Void = { _ in }, during: (Receiver) -> Void = { _ in }
) -> Accounting {
  let accounting = Accounting()
  let engine = Engine(EngineOptions(), accounting: accounting) { 1_800_000_000 }
  let receiver = Receiver(engine: engine, sockets: sockets, options: IngestOptions()) { 1_800_000_000 }
  before(receiver)
  receiver.start()
  during(receiver)
  receiver.stop()
  return accounting
}

private let good = #"<190>Nov 24 03:59:02 vm web: {"ip":"192.0.2.1","path":"/"}"#

@Suite(.serialized) struct ReceiveTests {
  @Test(arguments: ["127.0.0.1", "::1"]) func `a free port is told and received on`(host: String) throws {
    let socket = try DatagramSocket.udp(host: host, port: 0)
    #expect(!socket.address.hasSuffix(":0"))
    #expect(socket.address.hasPrefix(host == "::1" ? "[::1]:" : "127.0.0.1:"))
    let accounting = receive([socket]) { receiver in
      let sender = LoopbackSender(to: receiver.addresses[0])
      for _ in 0..<100 { #expect(sender.send(good)) }
    }
    #expect(accounting.received(by: .udp) == 100)
    #expect(accounting.rejected == 0 && accounting.dropped == 0)
  }

  @Test func `each datagram is received once and refused by its own reason`() throws {
    let accounting = receive([try .udp(host: "127.0.0.1", port: 0)]) { receiver in
      let sender = LoopbackSender(to: receiver.addresses[0])
      for message in [good, "", "hello", "<190>Nov 24 03:59:02 vm web:", #"{"s":"a","a":"#, good] { sender.send(message) }
      sender.send([UInt8](repeating: 0x41, count: 65_507))
    }
    #expect(accounting.received == 7)
    for reason in [RejectReason.empty, .header, .truncated] { #expect(accounting.rejected(for: reason) == 1, "\(reason)") }
    #expect(accounting.rejected(for: .format) == 2)
    #expect(accounting.rejected == 5)
  }

  @Test func `received and dropped are all that was sent, under overload`() throws {
    let sent = 60_000
    let long = good.replacing("\"/\"", with: "\"/\(String(repeating: "x", count: 400))\"")
    let accounting = receive([try .udp(host: "127.0.0.1", port: 0)]) { receiver in
      let sender = LoopbackSender(to: receiver.addresses[0])
      for number in 0..<sent { #expect(sender.send(long + "\(number)")) }  // nobody reads yet: the buffer overflows
    } during: { receiver in
      let sender = LoopbackSender(to: receiver.addresses[0])
      for number in 0..<1_000 { #expect(sender.send(long + "\(number)")) }
    }
    #expect(accounting.dropped > 0)
    #expect(accounting.received + accounting.dropped == sent + 1_000)
    #expect(accounting.rejected == 0)
  }

  @Test func `what was dropped before us is not ours`() throws {
    let socket = try DatagramSocket.udp(host: "127.0.0.1", port: 0)
    let sender = LoopbackSender(to: socket.address)
    let big = [UInt8](repeating: 0x41, count: 60_000)
    while socket.kernelDrops == 0 { sender.send(big) }
    let handed = SocketActivation.Handed(descriptor: dup(socket.descriptor), name: "syslog", isStream: false)
    #expect(receive([.adopting(handed)]).dropped == 0)
    #expect(receive([socket]).dropped > 0)
  }

  @Test func `a restart of the receiver on the same socket loses nothing`() throws {
    let socket = try DatagramSocket.udp(host: "127.0.0.1", port: 0)
    let sender = LoopbackSender(to: socket.address)
    var received = 0
    for _ in 0..<10 {
      sender.send(good)  // while nobody receives
      received += receive([socket]) { _ in sender.send(good) }.received
    }
    #expect(received == 20)
  }

  @Test func `a batch is handed over without more arriving`() throws {
    let accounting = Accounting()
    let engine = Engine(EngineOptions(), accounting: accounting) { 1_800_000_000 }
    let receiver = Receiver(
      engine: engine, sockets: [try .udp(host: "127.0.0.1", port: 0)], options: IngestOptions()
    ) { 1_800_000_000 }
    receiver.start()
    defer { receiver.stop() }
    LoopbackSender(to: receiver.addresses[0]).send(good)
    for _ in 0..<200 where accounting.received == 0 { usleep(10_000) }
    #expect(accounting.received == 1)
  }

  @Test func `two kinds of sockets are received by one thread`() throws {
    let path = "/tmp/ballconed-test-\(getpid()).sock"
    let accounting = receive([try .udp(host: "127.0.0.1", port: 0), try .unix(path: path)]) { receiver in
      #expect(receiver.addresses[1] == "unix:\(path)")
      for address in receiver.addresses { LoopbackSender(to: address).send(good) }
    }
    #expect(accounting.received(by: .udp) == 1)
    #expect(accounting.received(by: .unix) == 1)
  }

  @Test func `a unix socket is for owner and group, replaces a dead one and leaves a living one`() throws {
    let path = "/tmp/ballconed-test-\(getpid())-mode.sock"
    let old = umask(0o077)
    defer { umask(old) }
    var socket: DatagramSocket? = try .unix(path: path)
    var status = stat()
    #expect(unsafe lstat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o660)
    #expect(throws: SocketError.self) { try DatagramSocket.unix(path: path) }
    #expect(unsafe lstat(path, &status) == 0)  // the living one is still there
    #expect(socket != nil)
    socket = nil
    #expect(unsafe lstat(path, &status) != 0)  // taken away with its owner
    let dead = Glibc.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    unsafe withUnsafeBytes(of: &address) { bytes in
      _ = unsafe bind(dead, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    close(dead)
    #expect(unsafe lstat(path, &status) == 0)
    let again = try DatagramSocket.unix(path: path)
    #expect(LoopbackSender(to: again.address).send(good))
  }

  @Test func `an address that cannot be had is said with what was got and wanted`() throws {
    let socket = try DatagramSocket.udp(host: "127.0.0.1", port: 0)
    let port = Int(socket.address.split(separator: ":").last!)!
    let error = #expect(throws: SocketError.self) { try DatagramSocket.udp(host: "127.0.0.1", port: port) }
    #expect(
      error?.description
        == "cannot listen on 127.0.0.1:\(port)/udp: got Address already in use, want a free address of this machine")
    #expect(error?.number == EADDRINUSE)
    #expect(throws: SocketError.self) { try DatagramSocket.udp(host: "localhost", port: 0) }
    #expect(throws: SocketError.self) { try DatagramSocket.udp(host: "127.0.0.1", port: 65_536) }
    #expect(throws: SocketError.self) { try DatagramSocket.unix(path: "/nonexistent/x.sock") }
    #expect(throws: SocketError.self) { try DatagramSocket.unix(path: String(repeating: "x", count: 108)) }
  }

  @Test func `the granted buffer is read back`() throws {
    let socket = try DatagramSocket.udp(host: "127.0.0.1", port: 0)
    #expect(socket.receiveBuffer > 200_000)
    #expect((socket.bufferWarning == nil) == (socket.receiveBuffer >= 8 << 20))
  }

  @Test func `sockets of systemd are told apart and taken over`() throws {
    let udp = Glibc.socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
    let tcp = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    unsafe inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    unsafe withUnsafeBytes(of: &address) { bytes in
      _ = unsafe bind(udp, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    #expect(dup2(udp, 200) == 200 && dup2(tcp, 201) == 201)
    close(udp)
    let pid = "\(getpid())"
    let handed = SocketActivation.list(pid: pid, count: "3", names: "syslog:web", first: 200)
    #expect(handed.map(\.descriptor) == [200, 201])  // 202 is no socket
    #expect(handed.map(\.name) == ["syslog", "web"])
    #expect(handed.map(\.isStream) == [false, true])
    #expect(fcntl(200, F_GETFD) & FD_CLOEXEC != 0)
    #expect(SocketActivation.list(pid: "1", count: "3", names: nil, first: 200).isEmpty)
    for count in ["0", "-1", "65", "x", ""] {
      #expect(SocketActivation.list(pid: pid, count: count, names: nil, first: 200).isEmpty)
    }
    #expect(SocketActivation.list(pid: pid, count: "1", names: nil, first: 200)[0].name == "unknown")
    close(tcp)
    close(201)
    let accounting = receive([.adopting(handed[0])]) { receiver in
      LoopbackSender(to: receiver.addresses[0]).send(good)
    }
    #expect(accounting.received(by: .udp) == 1)
  }
}

@Suite struct DropCounterTests {
  @Test func `a count that wraps goes on`() {
    var counter = DropCounter(start: .max - 2)
    #expect(counter.update(.max) == 2)
    #expect(counter.update(5) == 6)
  }
  @Test func `old news counts nothing`() {
    var counter = DropCounter(start: 10)
    #expect(counter.update(20) == 10)
    #expect(counter.update(15) == 0)
    #expect(counter.update(20) == 0)
    #expect(counter.update(21) == 1)
  }
}
