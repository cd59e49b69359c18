internal import Synchronization

/// Batches that met a busy engine: whoever holds its lock next counts them, in the order they came.
///
/// So the ingesting thread never waits for a reader, not even for one that has lost its core while it held the lock. Four
/// MiB at most, made when first needed; beyond that ingestion does wait. A lock of its own guards the queue, held for the
/// exchange of two batches.
final class Backlog: Sendable {
  /// 0.09 s of 300,000 events a second; strings count too.
  static let limit = 32, limitBytes = 4 << 20
  private static let spareLimit = 2

  private final class Waiting: @unchecked Sendable {
    var batch = EventBatch()
    var now = 0
    var bytes: Int { batch.count * MemoryLayout<Event>.stride + batch.usedBytes }
  }
  private struct Queue {
    var waiting: [Waiting] = [], spare: [Waiting] = []
    var bytes = 0
  }
  private let queue = Mutex(Queue())
  private let waitingCount = Atomic<Int>(0)

  /// Batches that wait; a hint for everyone but the holder of the engine's lock, whose own batches are all in it.
  var count: Int { waitingCount.load(ordering: .acquiring) }

  /// Takes the batch and leaves an empty one; false when the backlog is full.
  func push(_ batch: inout EventBatch, now: Int) -> Bool {
    let bytes = batch.count * MemoryLayout<Event>.stride + batch.usedBytes
    var spare: Waiting?
    guard
      queue.withLock({ queue in
        if queue.waiting.count >= Self.limit || queue.bytes + bytes > Self.limitBytes { return false }
        spare = queue.spare.popLast()
        return true
      })
    else { return false }
    let waiting = spare ?? Waiting()  // made outside the lock
    swap(&waiting.batch, &batch)
    waiting.now = now
    queue.withLock { queue in
      queue.waiting.append(waiting)
      queue.bytes += waiting.bytes
    }
    waitingCount.wrappingAdd(1, ordering: .releasing)
    return true
  }

  /// Lets `body` count the oldest batches that wait, at most `limit`. Only who holds the engine's lock.
  func drain(atMost limit: Int, _ body: (borrowing EventBatch, _ now: Int) -> Void) {
    for _ in 0..<min(limit, count) {
      guard let next = queue.withLock({ queue -> Waiting? in queue.waiting.isEmpty ? nil : queue.waiting.removeFirst() })
      else { return }
      let bytes = next.bytes
      body(next.batch, next.now)
      next.batch.removeAll()
      waitingCount.wrappingSubtract(1, ordering: .releasing)
      queue.withLock { queue in
        queue.bytes -= bytes
        if queue.spare.count < Self.spareLimit { queue.spare.append(next) }
      }
    }
  }
}
