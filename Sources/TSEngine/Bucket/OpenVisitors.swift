/// Distinct visitors of an open bucket and audience: tokens first, registers once they are many.
///
/// Closed form of a minute: kind (1) ‖ bytes (4) ‖ `TokenList` (kind 1) or `HyperLogLog` (kind 2); kind 0 stands alone.
/// Hours and days close to a `HyperLogLog` whatever they hold.
final class OpenVisitors {
  /// Distinct tokens of a minute: beyond it frozen registers are smaller.
  static let minuteLimit = 4_096
  /// Of an hour or a day, which become registers soon: beyond it registers cost less to fill.
  static let spanLimit = 512
  private let limit: Int
  private var tokens: Column<UInt32>
  private var scratch: Column<UInt32>
  private var registers: Column<UInt8>
  private var count = 0

  init(limit: Int, pool: PagePool) {
    self.limit = limit
    tokens = Column(capacity: 2 * limit, pool: pool)
    scratch = Column(capacity: 2 * limit, pool: pool)
    registers = Column(capacity: 1 << Limits.bucketPrecision, pool: pool)
  }

  private var isDense: Bool { registers.count > 0 }

  @inline(__always) func add(_ token: UInt32) {
    if isDense { return insert(token) }
    if count == tokens.count {
      makeRoom()
      if isDense { return insert(token) }
    }
    unsafe tokens.start[count] = token
    count &+= 1  // below the column's count
  }

  @inline(__always) private func insert(_ token: UInt32) {
    unsafe HyperLogLog.insert(VisitorToken(rawValue: token), into: registers.start, p: Limits.bucketPrecision)
  }

  @inline(never) private func makeRoom() {
    if tokens.count < tokens.capacity {
      tokens.grow(to: min(tokens.capacity, max(16, tokens.count + min(tokens.count, 1_024))))
      scratch.grow(to: tokens.count)
      return
    }
    makeDistinct()
    if count > limit { makeDense() }
  }

  private func makeDistinct() {
    if count > 1 { count = unsafe TokenList.sort(tokens.start, count: count, scratch: scratch.start) }
  }

  private func makeDense() {
    registers.grow(to: registers.capacity)
    for index in 0..<count { insert(tokens[index]) }
    count = 0
  }

  func clear() {
    count = 0
    registers.removeAll()
  }

  func removeAll() {
    clear()
    tokens.removeAll()
    scratch.removeAll()
  }

  func add(_ other: OpenVisitors) {
    if other.isDense {
      if !isDense { makeDense() }
      unsafe HyperLogLog.merge(other.registers.start, into: registers.start, p: Limits.bucketPrecision)
    }
    for index in 0..<other.count { unsafe add(other.tokens.start[index]) }
  }

  // MARK: As a sketch

  /// Writes the `HyperLogLog` of what is held, at most `HyperLogLog.maxFrozenBytes`.
  func freeze(into out: inout ByteWriter) {
    unsafe withRegisters { registers in
      unsafe out.write(limit: HyperLogLog.maxFrozenBytes(p: Limits.bucketPrecision)) {
        unsafe HyperLogLog.freeze(registers, p: Limits.bucketPrecision, into: $0)
      }
    }
  }

  private func withRegisters(_ body: (UnsafePointer<UInt8>) -> Void) {
    if isDense { return unsafe body(registers.start) }
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << Limits.bucketPrecision) { made in
      unsafe made.initialize(repeating: 0)
      unsafe merge(into: made.baseAddress!)
      unsafe body(made.baseAddress!)
    }
  }

  /// Adds a sound frozen `HyperLogLog`.
  @unsafe func addFrozen(_ bytes: UnsafePointer<UInt8>, count: Int) {
    if count <= 1 { return }  // nobody
    if !isDense { makeDense() }
    unsafe HyperLogLog.mergeFrozen(bytes, count: count, into: registers.start, p: Limits.bucketPrecision)
  }

  // MARK: Of a minute

  func encode(into out: inout ByteWriter) {
    makeDistinct()
    if count > limit { makeDense() }  // the form follows from the visitors, not from when room ran out
    out.byte(isDense ? 2 : count > 0 ? 1 : 0)
    if !isDense, count == 0 { return }
    let start = out.count
    out.fixed(UInt32(0))
    if isDense {
      unsafe out.write(limit: HyperLogLog.maxFrozenBytes(p: Limits.bucketPrecision)) {
        unsafe HyperLogLog.freeze(registers.start, p: Limits.bucketPrecision, into: $0)
      }
    } else {
      unsafe out.write(limit: TokenList.maxFrozenBytes(count: count)) {
        unsafe TokenList.freeze(tokens.start, count: count, into: $0)
      }
    }
    out.setFixed(UInt32(out.count - start - 4), at: start)
  }

  /// Adds a closed form.
  @unsafe func add(from cursor: inout ByteCursor) {
    let kind = unsafe cursor.byte()
    if kind == 0 { return }
    let bytes = unsafe Int(cursor.fixed(UInt32.self))
    guard let start = unsafe cursor.skip(bytes) else { return }
    if kind == 1 {
      unsafe TokenList.forEach(start, count: bytes) { add($0) }
    } else {
      if !isDense { makeDense() }
      unsafe HyperLogLog.mergeFrozen(start, count: bytes, into: registers.start, p: Limits.bucketPrecision)
    }
  }

  /// Adds what is open to registers of p = 14.
  @unsafe func merge(into target: UnsafeMutablePointer<UInt8>) {
    if isDense { unsafe HyperLogLog.merge(registers.start, into: target, p: Limits.bucketPrecision) }
    for index in 0..<count {
      unsafe HyperLogLog.insert(VisitorToken(rawValue: tokens[index]), into: target, p: Limits.bucketPrecision)
    }
  }

  /// Adds a closed form to registers of p = 14, or steps over it.
  @unsafe static func merge(from cursor: inout ByteCursor, into target: UnsafeMutablePointer<UInt8>?) {
    let kind = unsafe cursor.byte()
    if kind == 0 { return }
    let bytes = unsafe Int(cursor.fixed(UInt32.self))
    guard let start = unsafe cursor.skip(bytes), let target = unsafe target else { return }
    if kind == 1 {
      unsafe TokenList.forEach(start, count: bytes) {
        unsafe HyperLogLog.insert(VisitorToken(rawValue: $0), into: target, p: Limits.bucketPrecision)
      }
    } else {
      unsafe HyperLogLog.mergeFrozen(start, count: bytes, into: target, p: Limits.bucketPrecision)
    }
  }

  /// Whether untrusted bytes are a closed form.
  @unsafe static func isValid(_ cursor: inout ByteCursor) -> Bool {
    let kind = unsafe cursor.byte()
    if kind == 0 { return unsafe !cursor.isExhausted }
    let bytes = unsafe Int(cursor.fixed(UInt32.self))
    guard kind <= 2, let start = unsafe cursor.skip(bytes) else { return false }
    return unsafe kind == 1
      ? TokenList.isValidFrozen(start, count: bytes)
      : HyperLogLog.isValidFrozen(start, count: bytes, p: Limits.bucketPrecision)
  }
}
