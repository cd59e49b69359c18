/// Up to 8,192 rows of one hour, sorted by minute and packed by column: about eight bytes a row.
///
/// ```
///    0  hour (4) ‖ rows (4)
///    8  61 × first row of minute (2): the rows of minute m are starts[m] ..< starts[m + 1]
///  130  11 × column: offset (4) ‖ width (1) ‖ kind (1) ‖ narrow rows (2) ‖ base (4)
///  264  the columns' bits
///
///  kind 0    constant   base is the value of every row
///       1    plain      value − base in `width` bits a row, eight rows in `width` bytes
///       2+v  split      mask, a bit a row, padded to 64: 0 narrow, 1 wide
///                       table of the 2^v commonest (value − base), two bytes each, or four where width > 16
///                       narrow rows: index into the table, v bits each
///                       wide rows: value − base, `width` bits each
/// ```
/// All numbers are little-endian, streams are padded to eight values. A block may be read eight bytes past its end.
///
/// A column takes the smallest kind. Measured on 10 M combined lines: token 21 bits, path 11.8, agent 9.4, referrer 4.0,
/// country 6.7, status 2.1, bytes 8, the rest nothing; LZ4 gives packed rows nothing.
///
/// `bytes` keeps four bits of mantissa (within 3.2 %, a sum of 100 rows ± 0.3 %), `duration` the bucket of
/// `LatencyHistogram` + 1, or 0 for none; everything else is exact.
enum RowBlock {
  static let headerBytes = 264
  private static let startsOffset = 8, directoryOffset = 130, entryBytes = 12
  /// No column has wider values, so that one 32-bit load covers a value wherever it begins.
  static let maxWidth = 25
  static let maxNarrowWidth = 7

  /// What a row stores; `minute` follows from its place.
  enum Column: Int, CaseIterable {
    case token, path, agent, referrer, host, campaign, country, status, verb, bytes, duration
  }

  /// A column of a block as its directory describes it.
  @unsafe struct Packed {
    var data: UnsafePointer<UInt8>
    var count: Int  // rows of the block
    var width: Int, kind: Int
    var narrow: Int  // rows of a split column that are in the table
    var base: UInt32

    var isConstant: Bool { unsafe kind == 0 }
    var isSplit: Bool { unsafe kind >= 2 }
    var narrowWidth: Int { unsafe kind - 2 }
    var maskBytes: Int { unsafe (count + 63) / 64 * 8 }
    var tableBytes: Int { unsafe (width > 16 ? 4 : 2) << narrowWidth }
    var table: UnsafePointer<UInt8> { unsafe data + maskBytes }
    var narrowStream: UnsafePointer<UInt8> { unsafe table + tableBytes }
    var wideStream: UnsafePointer<UInt8> { unsafe narrowStream + RowBlock.streamBytes(narrow, width: narrowWidth) }
    /// Bytes behind `data`.
    var size: Int {
      switch unsafe kind {
      case 0: 0
      case 1: unsafe RowBlock.streamBytes(count, width: width)
      default:
        unsafe maskBytes + tableBytes + RowBlock.streamBytes(narrow, width: narrowWidth)
          + RowBlock.streamBytes(count - narrow, width: width)
      }
    }
  }

  static func streamBytes(_ count: Int, width: Int) -> Int { (count + 7) / 8 * width }

  static func hour(_ block: UnsafePointer<UInt8>) -> Int { unsafe Int(load(UInt32.self, block, 0)) }
  static func count(_ block: UnsafePointer<UInt8>) -> Int { unsafe Int(load(UInt32.self, block, 4)) }

  /// The first row of a minute 0…60.
  @inline(__always) static func start(_ block: UnsafePointer<UInt8>, minute: Int) -> Int {
    unsafe Int(load(UInt16.self, block, startsOffset &+ 2 &* minute))
  }

  @inline(__always) static func column(_ block: UnsafePointer<UInt8>, _ column: Column) -> Packed {
    let entry = directoryOffset + column.rawValue * entryBytes
    return unsafe Packed(
      data: block + Int(load(UInt32.self, block, entry)), count: count(block), width: Int(block[entry + 4]),
      kind: Int(block[entry + 5]), narrow: Int(load(UInt16.self, block, entry + 6)), base: load(UInt32.self, block, entry + 8))
  }

  @inline(__always)
  static func load<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type, _ at: UnsafePointer<UInt8>, _ offset: Int) -> T {
    unsafe T(littleEndian: UnsafeRawPointer(at).loadUnaligned(fromByteOffset: offset, as: T.self))
  }

  // MARK: Writing the header

  static func writeHeader(_ block: UnsafeMutablePointer<UInt8>, hour: Int, count: Int) {
    unsafe store(UInt32(hour), block, 0)
    unsafe store(UInt32(count), block, 4)
    for byte in directoryOffset..<headerBytes { unsafe block[byte] = 0 }
  }
  static func writeStart(_ block: UnsafeMutablePointer<UInt8>, minute: Int, row: Int) {
    unsafe store(UInt16(row), block, startsOffset + 2 * minute)
  }
  static func writeColumn(
    _ block: UnsafeMutablePointer<UInt8>, _ column: Column, offset: Int, width: Int, kind: Int, narrow: Int, base: UInt32
  ) {
    let entry = directoryOffset + column.rawValue * entryBytes
    unsafe store(UInt32(offset), block, entry)
    unsafe block[entry + 4] = UInt8(width)
    unsafe block[entry + 5] = UInt8(kind)
    unsafe store(UInt16(narrow), block, entry + 6)
    unsafe store(base, block, entry + 8)
  }
  @inline(__always)
  static func store<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, _ at: UnsafeMutablePointer<UInt8>, _ offset: Int) {
    unsafe UnsafeMutableRawPointer(at).storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
  }

  // MARK: Rounded numbers

  /// Bytes with four bits of mantissa: 0…463, ascending; exact below 32.
  @inline(__always) static func bytesCode(_ bytes: UInt32) -> UInt32 {
    if bytes < 16 { return bytes }
    let exponent = 31 &- UInt32(truncatingIfNeeded: bytes.leadingZeroBitCount)  // at least 4
    return (exponent &- 3) &<< 4 | (bytes &>> (exponent &- 4)) & 15
  }
  static let bytesCodes = 464
  /// The middle of what has this code; at most 1/32 from each.
  @inline(__always) static func bytes(code: UInt32) -> UInt32 {
    if code < 16 { return code }
    let shift = (code &>> 4) &- 1
    return (16 | code & 15) &<< shift &+ (1 &<< shift) &>> 1
  }
  /// Relative standard error of one row's bytes: uniform within 1/32.
  static let bytesError = 0.018

  @inline(__always) static func durationCode(_ microseconds: UInt32) -> UInt32 {
    microseconds == Event.noDuration ? 0 : UInt32(truncatingIfNeeded: LatencyHistogram.index(ofMicroseconds: microseconds)) &+ 1
  }
  static let durationCodes = LatencyHistogram.count + 1
  /// The middle of each duration code, 0 for none.
  static let microseconds: [Int] =
    [0] + (0..<LatencyHistogram.count).map { Int((LatencyHistogram.midpoint($0) * 1e6).rounded()) }
}
