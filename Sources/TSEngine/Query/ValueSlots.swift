internal import Glibc

/// Visitors of the few values an answer shows, one sketch of p = 10 … 14 each; found by code in one look-up.
///
/// Filled by `Series.addVisitors` from days, or by a scan of rows; reused by all queries. Code 0 … 65,535.
@safe
final class ValueSlots {
  static let maxSlots = 1_024, valuePrecision = 10
  static let codes = 65_536  // of any dimension
  static let registerBytes = 1 << 20  // 1,024 × p = 10, 256 × p = 12, 64 × p = 14
  /// Slot + 1 by code, 0 for values that are not shown.
  let slotByCode: UnsafeMutablePointer<UInt16>
  private let storage: UnsafeMutablePointer<UInt8>
  private(set) var codes: [Int] = []
  private(set) var precision = ValueSlots.valuePrecision
  /// Requests by slot, in days that counted the value but kept no sketch of it.
  private(set) var unseenRequests: [Int] = []

  init() {
    unsafe slotByCode = reserve(Self.codes * 2).bindMemory(to: UInt16.self, capacity: Self.codes)
    unsafe storage = reserve(Self.registerBytes).bindMemory(to: UInt8.self, capacity: Self.registerBytes)
  }
  deinit {
    unsafe munmap(slotByCode, Self.codes * 2)
    unsafe munmap(storage, Self.registerBytes)
  }

  var count: Int { codes.count }

  /// Gives each code an empty sketch, the first one slot 0.
  func begin(_ codes: some Sequence<Int>, precision: Int) {
    for code in self.codes { unsafe slotByCode[code] = 0 }
    self.codes = Array(codes)
    self.precision = precision
    precondition(self.codes.count << precision <= Self.registerBytes)
    unsafe memset(storage, 0, self.codes.count << precision)
    unseenRequests = Array(repeating: 0, count: self.codes.count)
    for (slot, code) in self.codes.enumerated() { unsafe slotByCode[code] = UInt16(slot + 1) }
  }

  /// Empties the sketches and keeps the values.
  func clear() {
    unsafe memset(storage, 0, codes.count << precision)
    for slot in unseenRequests.indices { unseenRequests[slot] = 0 }
  }

  @inline(__always) @unsafe func registers(slot: Int) -> UnsafeMutablePointer<UInt8> { unsafe storage + slot << precision }

  /// Registers of a value that is shown, else nil. `precision` is `Self.valuePrecision` when days fill them.
  @inline(__always) @unsafe func registers(code: Int) -> UnsafeMutablePointer<UInt8>? {
    let slot = unsafe Int(slotByCode[code])
    return unsafe slot == 0 ? nil : registers(slot: slot - 1)
  }

  /// Notes that a day counted `requests` of this value without a sketch of their visitors.
  func missed(code: Int, requests: Int) {
    let slot = unsafe Int(slotByCode[code])
    if slot != 0 { unseenRequests[slot - 1] += requests }
  }

  /// Gives the memory back.
  func trim() {
    begin([], precision: Self.valuePrecision)
    unsafe madvise(storage, Self.registerBytes, MADV_DONTNEED)
  }
}
