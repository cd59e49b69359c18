import Glibc
import Synchronization
import TSEngine
import Testing

@testable import Dashboard

@Suite struct LiveTests {
  @Test func `a stream greets, ticks at once and ends with the daemon`() throws {
    try withDashboard { dashboard in
      let wire = try Wire(dashboard.port)
      wire.send("GET /api/v1/live?service=blog HTTP/1.1\r\nHost: localhost\r\n\r\n")
      let head = try #require(wire.read(until: "\r\n\r\n"))
      #expect(head.contains("Content-Type: text/event-stream") && head.contains("X-Accel-Buffering: no"))
      #expect(wire.read(until: "retry: 3000\n\n") != nil)
      let tick = try #require(wire.read(until: "}\n\n"))
      #expect(
        tick.hasSuffix(
          #"data: {"time":"2026-10-02T12:00:30Z","service":"blog","now":2,"requests":1,"previous":1,"last":"2026-10-02T12:00:10Z","#
            + #""received":7,"counted":5,"rejected":1,"excluded":1,"dropped":0}"# + "\n\n"), "\(tick)")
      let start = seconds()
      dashboard.stop()
      #expect(seconds() - start < 1)
    }
  }

  @Test func `streams of all services sum them, and an unknown one is a 404`() throws {
    var other = fakeEvents()[4]
    other.service = "docs"
    try withDashboard(events: fakeEvents() + [other]) { dashboard in
      let wire = try Wire(dashboard.port)
      wire.send("GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
      let tick = try #require(wire.read(until: "}\n\n"))
      #expect(tick.contains(#""service":null,"now":3,"requests":2,"previous":1,"#), "\(tick)")
      #expect(try Wire(dashboard.port).ask("GET /api/v1/live?service=nobody")?.status == 404)
    }
  }

  @Test func `sixty open streams stop within a second`() throws {
    let dashboard = Dashboard(
      fakeOptions(), store: FakeStore(fakeEvents()), accounting: Accounting(), importer: FakeImport(), clock: { fakeNow })
    try dashboard.start(listening: Listener.bind(host: "127.0.0.1", port: 0))
    let wires = try (0..<60).map { _ in try Wire(dashboard.port) }
    for wire in wires { wire.send("GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n") }
    for wire in wires {
      #expect(wire.read(until: "}\n\n") != nil)
    }
    let start = seconds()
    dashboard.stop()
    #expect(seconds() - start < 1)
    for wire in wires { _ = wire.read(until: "0\r\n\r\n") }  // the last chunk or the end of the connection
    #expect(seconds() - start < 5)
  }

  // MARK: The hub alone

  private final class Sleeper: Suspendable {
    let asleep = Mutex(0)
    func suspend() { asleep.withLock { $0 += 1 } }
    func resume() { asleep.withLock { $0 -= 1 } }
    var isAsleep: Bool { asleep.withLock { $0 } == 1 }
  }
  private func read(_ hub: LiveHub, _ id: Int, room count: Int = 512) -> (LiveHub.Read, String) {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    let read = hub.read(id, into: &span)
    guard case .bytes(let got) = read else { return (read, "") }
    return (read, String(decoding: bytes.prefix(got), as: UTF8.self))
  }

  @Test func `a reader sleeps until there is news, and old figures are no news for ten seconds`() {
    let hub = LiveHub(), sleeper = Sleeper(), topic = LiveTopic(service: "blog")
    let id = hub.open(topic, sleeper)
    #expect(read(hub, id).1 == "retry: 3000\n\n")
    #expect(read(hub, id).0 == .waiting && sleeper.isAsleep)
    var tick = LiveTick(service: "blog")
    hub.publish([topic: tick], at: 100)
    #expect(!sleeper.isAsleep)
    #expect(read(hub, id).1.hasPrefix("data: {"))
    #expect(read(hub, id).0 == .waiting)
    hub.publish([topic: tick], at: 101)
    hub.publish([LiveTopic(service: "docs"): LiveTick(service: "docs", now: 5)], at: 102)
    #expect(sleeper.isAsleep)
    hub.publish([topic: tick], at: 110)
    #expect(!sleeper.isAsleep)
    _ = read(hub, id)
    _ = read(hub, id)
    tick.now = 1
    hub.publish([topic: tick], at: 111)
    #expect(!sleeper.isAsleep && read(hub, id).1.contains("\"now\":1"))
  }

  @Test func `a slow reader gets whole ticks and misses some`() {
    let hub = LiveHub(), sleeper = Sleeper(), topic = LiveTopic(service: nil)
    let id = hub.open(topic, sleeper)
    var got = read(hub, id, room: 5).1
    hub.publish([topic: LiveTick(now: 1)], at: 1)  // the greeting is still under way
    got += read(hub, id).1
    #expect(got == "retry: 3000\n\n")
    hub.publish([topic: LiveTick(now: 2)], at: 2)
    hub.publish([topic: LiveTick(now: 3)], at: 3)
    var text = ""
    while case (.bytes, let more) = read(hub, id, room: 7) { text += more }
    #expect(text.contains("\"now\":2") && text.hasSuffix("}\n\n") && !text.contains("\"now\":3"))
  }

  @Test func `after the end nobody sleeps any more`() {
    let hub = LiveHub(), sleeper = Sleeper()
    let id = hub.open(LiveTopic(service: nil), sleeper)
    _ = read(hub, id)
    _ = read(hub, id)
    hub.end()
    #expect(!sleeper.isAsleep)
    #expect(read(hub, id).0 == .ended)
    let late = hub.open(LiveTopic(service: nil), sleeper)
    #expect(read(hub, late).0 == .ended)
    hub.close(id)
    #expect(hub.topics() == [LiveTopic(service: nil)])
  }
}

@Suite struct LaneTests {
  @Test func `all jobs are done, by no more threads than allowed`() {
    let lane = Lane("test", threads: 2, backlog: 1_000)
    let figures = Mutex((running: 0, most: 0, done: 0))
    for _ in 0..<200 {
      let taken = lane.submit {
        figures.withLock { ($0.running, $0.most) = ($0.running + 1, max($0.most, $0.running + 1)) }
        usleep(200)
        figures.withLock { ($0.running, $0.done) = ($0.running - 1, $0.done + 1) }
      }
      #expect(taken)
    }
    lane.drain()
    #expect(figures.withLock { $0.done } == 200)
    #expect(figures.withLock { $0.most } == 2)
  }

  @Test func `a full backlog refuses`() {
    let lane = Lane("test", threads: 1, backlog: 2), gate = Signal(), begun = Signal()
    #expect(
      lane.submit {
        begun.wake(); gate.wait()
      })
    begun.wait(milliseconds: 5_000)
    #expect(lane.submit {})
    #expect(lane.submit {})
    #expect(!lane.submit {})
    gate.wake()
    lane.drain()
  }
}
