internal import TSEngine

/// Names of services and what the engine calls them, so that a message of a known service costs no string.
///
/// Open addressing, at most half full; when it would be fuller it begins anew, so a flood of names costs look-ups in the
/// engine and no memory.
@safe
struct ServiceCache: ~Copyable {
  private static let slots = 512  // twice as many as there can be services
  private struct Slot {
    var name = ServiceName()
    var id: ServiceID?  // nil: not one of the declared ones
  }

  private let table: UnsafeMutablePointer<Slot>  // never leaves; freed once, in deinit
  private var used = 0
  private let seed: UInt64

  init() {
    seed = .random(in: 0...UInt64.max)  // nobody outside can choose names that meet in one slot
    unsafe table = .allocate(capacity: Self.slots)
    unsafe table.initialize(repeating: Slot(), count: Self.slots)
  }
  deinit { unsafe table.deallocate() }

  /// What is known of a site that a message names as sites are written; nil when nothing is.
  @inline(__always)
  func known(_ text: Span<UInt8>) -> Known? {
    guard text.count >= 1, text.count <= ServiceName.limit else { return nil }
    var mixed = seed, i = 0
    while i < text.count {
      mixed = Self.mix(mixed, text.word(at: i))
      i &+= 8
    }
    var index = Int(truncatingIfNeeded: mixed) & (Self.slots - 1)
    while unsafe table[index].name.count > 0 {
      if unsafe table[index].name.equals(text) { return unsafe Known(id: table[index].id) }
      index = (index &+ 1) & (Self.slots - 1)
    }
    return nil
  }
  struct Known { var id: ServiceID? }  // nil: not one of the declared ones

  /// The engine's number for `name`; nil when the rules do not let it in.
  @inline(__always)
  mutating func id(of name: ServiceName, in engine: Engine, _ rules: borrowing IngestRules) -> ServiceID? {
    var index = slot(of: name)
    while unsafe table[index].name.count > 0 {
      if unsafe table[index].name == name { return unsafe table[index].id }
      index = (index &+ 1) & (Self.slots - 1)
    }
    return add(name, at: index, engine, rules)
  }

  @inline(never)
  private mutating func add(_ name: ServiceName, at index: Int, _ engine: Engine, _ rules: borrowing IngestRules) -> ServiceID?
  {
    let id = rules.isDeclared(name) ? engine.service(named: name.text) : nil
    if used == Self.slots / 2 {
      unsafe table.update(repeating: Slot(), count: Self.slots)
      used = 0
      unsafe table[slot(of: name)] = Slot(name: name, id: id)
    } else {
      unsafe table[index] = Slot(name: name, id: id)
    }
    used += 1
    return id
  }

  @inline(__always)
  private func slot(of name: ServiceName) -> Int {  // a hash: overflow is its own
    var mixed = seed
    var i = 0
    while i < name.count {
      mixed = Self.mix(mixed, name.word(at: i))
      i &+= 8
    }
    return Int(truncatingIfNeeded: mixed) & (Self.slots - 1)
  }

  @inline(__always)
  private static func mix(_ mixed: UInt64, _ word: UInt64) -> UInt64 {
    let product = (mixed ^ word) &* 0x9e37_79b9_7f4a_7c15
    return product ^ product &>> 32
  }
}
