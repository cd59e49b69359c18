internal import Synchronization

/// What a stream tells about: one service, or all of them.
struct LiveTopic: Hashable, Sendable {
  let service: String?
}

/// A connection that can be put to sleep until there is something to say.
protocol Suspendable: Sendable {
  func suspend()
  func resume()
}

/// All open event streams. A stream holds one unsent tick at most: a reader too slow for one a second misses some.
///
/// Suspending and resuming happen under one lock, so that no wake is lost between "nothing to read" and sleep.
final class LiveHub: Sendable {
  private struct Stream {
    let topic: LiveTopic
    let connection: any Suspendable
    var pending: ArraySlice<UInt8>
    var isSuspended = false
    var told: LiveTick?  // the newest sent, with when
    var toldAt = 0
  }
  private struct State {
    var streams: [Int: Stream] = [:]
    var next = 0
    var hasEnded = false
  }
  private let state = Mutex(State())

  /// Unchanged figures are repeated after so many seconds: proxies see life, and we see dead readers.
  static let heartbeatSeconds = 10
  /// What a stream begins with: how long a browser waits before it asks again.
  static let greeting = Array("retry: 3000\n\n".utf8)

  enum Read: Equatable { case bytes(Int), waiting, ended }

  /// A stream that begins with the greeting and, if there is one, the present tick.
  /// - Returns: its number for the other calls.
  func open(_ topic: LiveTopic, _ connection: any Suspendable, first: LiveTick? = nil, at second: Int = 0) -> Int {
    let pending = Self.greeting + (first?.event(at: second) ?? [])
    return state.withLock { state in
      state.next += 1
      state.streams[state.next] = Stream(
        topic: topic, connection: connection, pending: pending[...], told: first, toldAt: second)
      return state.next
    }
  }
  func close(_ id: Int) { state.withLock { $0.streams[id] = nil } }

  /// Moves unsent bytes into `room`; with none left the connection sleeps. Called by its event loop only.
  func read(_ id: Int, into room: inout MutableSpan<UInt8>) -> Read {
    state.withLock { state in
      guard !state.hasEnded, let stream = state.streams[id] else { return .ended }
      if stream.pending.isEmpty {
        state.streams[id]!.isSuspended = true
        stream.connection.suspend()
        return .waiting
      }
      let count = min(room.count, stream.pending.count)
      for (offset, byte) in stream.pending.prefix(count).enumerated() { room[offset] = byte }
      state.streams[id]!.pending = stream.pending.dropFirst(count)
      return .bytes(count)
    }
  }

  /// What somebody listens to; empty when nobody does.
  func topics() -> Set<LiveTopic> { state.withLock { Set($0.streams.values.map(\.topic)) } }

  /// Tells each stream the tick of its topic if that is news, or if it has heard nothing for a while. Any thread.
  func publish(_ ticks: [LiveTopic: LiveTick], at second: Int) {
    let texts = ticks.mapValues { $0.event(at: second) }
    state.withLock { state in
      for id in state.streams.keys {
        guard let stream = state.streams[id], stream.pending.isEmpty, let tick = ticks[stream.topic],
          tick != stream.told || second - stream.toldAt >= Self.heartbeatSeconds || second < stream.toldAt
        else { continue }
        state.streams[id]!.pending = texts[stream.topic]![...]
        (state.streams[id]!.told, state.streams[id]!.toldAt) = (tick, second)
        wake(id, &state)
      }
    }
  }

  /// Ends every stream, now and from now on.
  func end() {
    state.withLock { state in
      state.hasEnded = true
      for id in state.streams.keys { wake(id, &state) }
    }
  }

  private func wake(_ id: Int, _ state: inout State) {
    guard state.streams[id]!.isSuspended else { return }
    state.streams[id]!.isSuspended = false
    state.streams[id]!.connection.resume()
  }
}
