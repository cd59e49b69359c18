internal import Glibc

/// Bytes of a batch's arena.
package struct ByteRange: Hashable, Sendable {
  package var offset: UInt32, count: UInt32
  package init(offset: Int = 0, count: Int = 0) { (self.offset, self.count) = (UInt32(offset), UInt32(count)) }
  package var range: Range<Int> { Int(offset)..<Int(offset) + Int(count) }
}

/// A tracked site, as the engine numbers them; only meaningful to the engine that gave it.
package struct ServiceID: Hashable, Sendable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }
}

/// A parsed agent's row in the engine's agent table.
package struct AgentID: Hashable, Sendable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }
  package static let other = AgentID(rawValue: 0)
}

/// A string of the engine's shared name dictionary (browsers, platforms, versions, bots, sources).
package struct NameID: Hashable, Sendable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }
  package static let other = NameID(rawValue: 0)
  package static let none = NameID(rawValue: 1)  // the empty string: no such thing was sent
}

/// What a User-Agent says, once understood. The raw text never reaches the engine.
package struct AgentClass: Hashable, Sendable {
  package var browser = "", browserVersion = "", platform = "", platformVersion = "", bot = ""
  package var device = Device.unknown
  package var isBot = false
  package init() {}
}

/// One request as codes and numbers; its strings are ranges of the batch's arena.
package struct Event: Sendable {
  package var service = ServiceID(rawValue: 0)
  package var second = 0  // Unix time
  package var visitor = VisitorToken(rawValue: 0)
  package var status: UInt16 = 0  // 100…599, else 0
  package var method = Method.other
  package var httpProtocol = HTTPProtocol.other
  package var country = Country.unknown
  package var agent = AgentID.other
  package var bytes: UInt32 = 0  // clamped: a response of 4 GiB and more counts as 4 GiB
  package var durationMicroseconds = Event.noDuration
  package var path = ByteRange(), referrer = ByteRange(), host = ByteRange(), campaign = ByteRange()
  package var source = NameID.none
  package var channel = Channel.direct
  package init() {}

  package static var noDuration: UInt32 { UInt32.max }
}

/// Events on their way into the engine, with the arena that holds their strings. One writer; reused, never reallocated.
@safe
package struct EventBatch: ~Copyable {
  package static let capacity = 1_024  // events
  package static let arenaBytes = 1 << 20
  /// No event brings more than this: path, referrer, host and campaign are cut to their limits before.
  package static let eventBytes = 4_096
  private let arena: UnsafeMutablePointer<UInt8>  // freed once, in deinit; padded so that 8-byte reads may pass its end
  private let storage: UnsafeMutablePointer<Event>
  package private(set) var count = 0
  package private(set) var usedBytes = 0

  package init() {
    // calloc gives pages nobody has touched, so that an idle batch costs no memory.
    guard let zeros = unsafe calloc(1, Self.arenaBytes + 16) else { fatalError("no memory for a batch of events") }
    unsafe arena = zeros.bindMemory(to: UInt8.self, capacity: Self.arenaBytes + 16)
    unsafe storage = .allocate(capacity: Self.capacity)
    unsafe storage.initialize(repeating: Event(), count: Self.capacity)
  }
  deinit {
    unsafe free(arena)
    unsafe storage.deallocate()
  }

  package var isEmpty: Bool { count == 0 }
  /// Hand the batch over before adding when this is true.
  package var isFull: Bool { count == Self.capacity || usedBytes + Self.eventBytes > Self.arenaBytes }

  package mutating func append(_ event: Event) {
    precondition(count < Self.capacity)
    unsafe storage[count] = event
    count += 1
  }
  package mutating func removeAll() { (count, usedBytes) = (0, 0) }

  package subscript(index: Int) -> Event {
    precondition(index >= 0 && index < count)
    return unsafe storage[index]
  }

  /// Copies `bytes` into the arena.
  package mutating func store(_ bytes: Span<UInt8>) -> ByteRange {
    precondition(usedBytes + bytes.count <= Self.arenaBytes)
    let start = usedBytes
    unsafe bytes.withUnsafeBufferPointer { from in
      if let base = from.baseAddress { unsafe (arena + start).update(from: base, count: from.count) }
    }
    usedBytes += bytes.count
    return ByteRange(offset: start, count: bytes.count)
  }

  /// Lets `write` fill up to `limit` bytes of the arena and say how many it used: for decoding in place.
  package mutating func store(limit: Int, _ write: (inout MutableSpan<UInt8>) -> Int) -> ByteRange {
    precondition(usedBytes + limit <= Self.arenaBytes)
    let start = usedBytes
    var room = unsafe MutableSpan(_unsafeStart: arena + start, count: limit)
    let used = write(&room)
    precondition(used >= 0 && used <= limit)
    usedBytes += used
    return ByteRange(offset: start, count: used)
  }

  /// The bytes of `range`; `body` must not keep them.
  package func withBytes<R>(_ range: ByteRange, _ body: (Span<UInt8>) -> R) -> R {
    precondition(range.range.upperBound <= usedBytes)
    return unsafe body(Span(_unsafeStart: arena + Int(range.offset), count: Int(range.count)))
  }

  /// Where `range` begins, with at least eight readable bytes past its end; for the engine's hashing only.
  @unsafe package func start(of range: ByteRange) -> UnsafePointer<UInt8> {
    precondition(range.range.upperBound <= usedBytes)
    return unsafe UnsafePointer(arena + Int(range.offset))
  }
}
