/// The parts of a closed hour or day, in their order.
enum SpanSection {
  case tally, people, bots
  case table(Dimension)
  var index: Int {
    switch self {
    case .tally: 0
    case .people: 1
    case .bots: 2
    case .table(let dimension): 3 + Int(dimension.rawValue)
    }
  }
}

/// A closed hour or day.
///
/// ```
///  offsets of 21 section ends, 4 bytes each ‖ tally ‖ visitors of people ‖ of bots ‖ a table for each dimension
/// ```
/// Offsets count from the blob's start, so that any one section is reached at once.
@unsafe
struct SpanBlob {
  static let sections = 3 + Dimension.allCases.count
  static let headerBytes = sections * 4

  let start: UnsafePointer<UInt8>
  let count: Int
  init(_ start: UnsafePointer<UInt8>, count: Int) { unsafe (self.start, self.count) = (start, count) }

  private func end(_ index: Int) -> Int {
    if index < 0 { return unsafe Self.headerBytes }
    return unsafe Int(UInt32(littleEndian: UnsafeRawPointer(start + index * 4).loadUnaligned(as: UInt32.self)))
  }
  func section(_ section: SpanSection) -> (start: UnsafePointer<UInt8>, count: Int) {
    let from = unsafe end(section.index - 1), to = unsafe end(section.index)
    guard from <= to, unsafe to <= count else { return unsafe (start, 0) }
    return unsafe (start + from, to - from)
  }
  func cursor(_ section: SpanSection) -> ByteCursor {
    let bytes = unsafe self.section(section)
    return unsafe ByteCursor(bytes.start, count: bytes.count)
  }

  /// Reserves the header of a blob that starts at the writer's beginning.
  static func begin(_ out: inout ByteWriter) { for _ in 0..<(unsafe sections) { out.fixed(UInt32(0)) } }
  static func end(_ section: SpanSection, _ out: inout ByteWriter) { out.setFixed(UInt32(out.count), at: section.index * 4) }

  /// Whether untrusted bytes are a closed span whose every part lies inside its bounds.
  static func isValid(_ start: UnsafePointer<UInt8>, count: Int, codes: (Dimension) -> Int) -> Bool {
    guard unsafe count >= headerBytes else { return false }
    let blob = unsafe SpanBlob(start, count: count)
    var previous = unsafe headerBytes
    for index in 0..<(unsafe sections) {
      let end = unsafe blob.end(index)
      guard end >= previous, end <= count else { return false }
      previous = end
    }
    guard previous == count else { return false }
    for section in [SpanSection.people, .bots] {
      let bytes = unsafe blob.section(section)
      guard unsafe HyperLogLog.isValidFrozen(bytes.start, count: bytes.count, p: Limits.bucketPrecision) else { return false }
    }
    for dimension in Dimension.allCases {
      let bytes = unsafe blob.section(.table(dimension))
      guard unsafe TopTable.isValid(bytes.start, count: bytes.count, codes: codes(dimension)) else { return false }
    }
    return true
  }
}
