/// Rows that were counted and are not on the disk yet: blocks of half a MiB, each to become a frame of the journal.
///
/// ```
///  rows ──► current ──full──► ready, ready ──► the saving thread writes them without any lock ──► spare
/// ```
/// Four blocks at most, charged to the pool; a quiet daemon touches the first pages of one. When all are full because the
/// disk does not keep up, nothing more is noted (`isBroken`) and the next thing to be saved is a base. Guarded by the
/// engine's lock, but for the blocks that were taken.
final class JournalBuffer {
  static let maxBlocks = 4
  /// Kept free at a block's end for what is written when it is closed: 51 bytes for each of 257 services.
  static let closingBytes = 16 << 10
  /// More than any row or the operations before it take, but for a string.
  static let rowBytes = 256

  /// Memory of one frame; belongs to whoever took it.
  @safe final class Block: @unchecked Sendable {
    let start: UnsafeMutablePointer<UInt8>  // unmapped once, in deinit
    fileprivate(set) var count = JournalFormat.frameHeaderBytes
    fileprivate(set) var rows = 0
    init() {
      unsafe start = reserve(JournalFormat.maxFrameBytes).bindMemory(to: UInt8.self, capacity: JournalFormat.maxFrameBytes)
    }
    deinit { unsafe unreserve(start, JournalFormat.maxFrameBytes) }
    var isEmpty: Bool { count == JournalFormat.frameHeaderBytes }
  }

  /// What rows of a block take from those before them. Each block begins anew, so that a frame can be read alone.
  struct Context {
    var service = -1, hour = -1
    var host: UInt16 = 0, campaign: UInt16 = 0
    var verb: UInt8 = 0
  }

  private let pool: PagePool, bell: Bell
  private var current: Block?
  private var ready: [Block] = [], spare: Block?
  private var made = 0  // blocks there are, taken ones included
  private(set) var context = Context()
  /// Rows were left out since the last base.
  private(set) var isBroken = false
  /// Overruns since the start.
  private(set) var overruns = 0
  /// The clock as the state knows it; nil when the block has it already.
  fileprivate(set) var clock: Int?, tick: Int?
  private var lastClock = 0
  /// Of each service: what the blocks so far say of it.
  var bounds: [Series.Bounds] = []

  init(pool: PagePool, bell: Bell) { (self.pool, self.bell) = (pool, bell) }
  deinit { pool.discharge(made * Self.pages) }
  private static let pages = JournalFormat.maxFrameBytes / PagePool.pageBytes

  var isEmpty: Bool { current?.isEmpty ?? true }

  // MARK: Writing

  /// Whether a row, operations before it and a string of `bytes` find room in the block; makes one where there is none.
  @inline(__always) func hasRoom(strings bytes: Int = 0) -> Bool {
    guard let current else { return begin() }
    return current.count &+ bytes <= JournalFormat.maxFrameBytes - Self.closingBytes - Self.rowBytes
  }

  @inline(never) private func begin() -> Bool {
    if let spare {
      current = spare
      self.spare = nil
    } else if made < Self.maxBlocks {
      current = Block()
      made += 1
      pool.charge(Self.pages)
    } else {
      isBroken = true
      overruns += 1
      bell.note()
      return false
    }
    current!.count = JournalFormat.frameHeaderBytes
    current!.rows = 0
    if clock == nil, lastClock > 0 { clock = lastClock }
    return true
  }

  /// Moves what is written to the ready ones; the caller has closed it.
  func turn() {
    guard let block = current else { return }
    current = nil
    context = Context()
    if block.isEmpty { return spare = block }
    ready.append(block)
    bell.note()
  }

  /// Time as the next rows will find it; written before them, and only if there are any.
  func note(clock now: Int) {
    if now / 60 != lastClock / 60 || lastClock == 0 {
      (clock, lastClock) = (now, now)
      context.service = -1
    }
  }
  func note(tick now: Int) {
    tick = now
    context.service = -1
  }

  /// Lets `write` add operations; the caller has asked for room.
  @unsafe func write(_ write: (UnsafeMutablePointer<UInt8>) -> Int) {
    let block = current!
    block.count += unsafe write(block.start + block.count)
  }

  /// Rows of that place follow, at the time that was noted.
  func begin(service: Int, hour: Int) {
    (context.service, context.hour) = (service, hour)
    (tick, clock) = (nil, nil)
  }

  @inline(__always) func append(_ row: OpenBatch.Row) {
    let block = unsafe current.unsafelyUnwrapped
    block.count = unsafe block.count &+ JournalCoding.write(row, &context, to: block.start + block.count)
    block.rows &+= 1
  }

  // MARK: Taking

  /// The oldest block that is to be written; give it back.
  func take() -> Block? { ready.isEmpty ? nil : ready.removeFirst() }

  func giveBack(_ block: Block) {
    if spare == nil {
      block.count = JournalFormat.frameHeaderBytes
      spare = block
    } else {
      made -= 1
      pool.discharge(Self.pages)
    }
  }

  /// All that is ready; from here on rows belong to the next journal, which is whole again.
  func rotate() -> [Block] {
    let all = ready
    ready = []
    isBroken = false
    return all
  }

  /// Nothing is noted before the next base.
  func stop() {
    isBroken = true
    let left = ready + (current.map { [$0] } ?? [])
    (ready, current, context) = ([], nil, Context())
    for block in left { giveBack(block) }
  }
}
