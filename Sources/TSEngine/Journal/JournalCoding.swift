/// Rows and operations of a journal's frame.
///
/// ```
///  row    tag 1: 1 verb? context? duration 3 ‖ bytes 2      bits from the highest; duration 0 … 4 bytes, bytes 1 … 4
///         token 21 ‖ path 17 ‖ referrer 16 ‖ status 10      8 bytes, token lowest
///         agent 16 ‖ country 8 ‖ minute 8                   4 bytes
///         host 2 ‖ campaign 2      only when they differ from the row before (context?)
///         verb 1                   only when it differs (verb?)
///         bytes 1 … 4 ‖ duration in µs 0 … 4
///
///  01 service     number ‖ name                             the next one
///  02 code        dictionary 1 ‖ service ‖ code ‖ extra ‖ length ‖ bytes ‖ code of its host, for a referrer
///  03 agent       code ‖ four names and a bot's, 2 each ‖ device 1 ‖ is bot 1
///  04 place       service ‖ hour                            of the rows that follow
///  05 clock       Unix seconds                              rings moved with it
///  06 tick        Unix seconds                              hours and days that were over were closed
///  08 taken back  dictionary 1 ‖ service ‖ n ‖ codes…       that nothing referred to any more; at most 1,024
///  09 thinned     service ‖ 0 hour, 1 day ‖ its number ‖ values that its tables kept
///  07 bounds      service ‖ first ‖ last second ‖ rows ‖ minutes ‖ hours ‖ days from, 8 each; at the frame's end
/// ```
/// Numbers without a size are varints. A row with 20 kB and 100 ms takes 19 bytes. What a row takes from the one before is
/// zero at a frame's beginning, and its place unknown, so a frame can be read without another one.
enum JournalCoding {
  enum Operation: UInt8 { case service = 1, code, agent, place, clock, tick, bounds, takenBack, thinned }
  static let mostCodes = 1_024
  static let rowBit: UInt8 = 0x80, verbBit: UInt8 = 0x40, contextBit: UInt8 = 0x20

  /// Writes at most 26 bytes, and up to 3 more behind them that do not count; says how many.
  @inline(__always)
  @unsafe static func write(
    _ row: OpenBatch.Row, _ context: inout JournalBuffer.Context, to start: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let out = UnsafeMutableRawPointer(start)
    var tag = rowBit, at = 13
    let low = UInt64(row.token) | UInt64(row.path) &<< 21
    let high = UInt64(row.referrer) &<< 38 | UInt64(row.status) &<< 54
    unsafe out.storeBytes(of: (low | high).littleEndian, toByteOffset: 1, as: UInt64.self)
    let small = UInt32(row.agent) | UInt32(row.country) &<< 16 | UInt32(row.minute) &<< 24
    unsafe out.storeBytes(of: small.littleEndian, toByteOffset: 9, as: UInt32.self)
    if row.host != context.host || row.campaign != context.campaign {
      (context.host, context.campaign) = (row.host, row.campaign)
      let both = UInt32(row.host) | UInt32(row.campaign) &<< 16
      unsafe out.storeBytes(of: both.littleEndian, toByteOffset: at, as: UInt32.self)
      tag |= contextBit
      at &+= 4
    }
    if row.verb != context.verb {
      context.verb = row.verb
      unsafe out.storeBytes(of: row.verb, toByteOffset: at, as: UInt8.self)
      tag |= verbBit
      at &+= 1
    }
    let bytes = max(1, (39 &- row.bytes.leadingZeroBitCount) &>> 3)
    unsafe out.storeBytes(of: row.bytes.littleEndian, toByteOffset: at, as: UInt32.self)
    at &+= bytes
    tag |= UInt8(truncatingIfNeeded: bytes &- 1)
    if row.duration != Event.noDuration {
      let size = max(1, (39 &- row.duration.leadingZeroBitCount) &>> 3)
      unsafe out.storeBytes(of: row.duration.littleEndian, toByteOffset: at, as: UInt32.self)
      at &+= size
      tag |= UInt8(truncatingIfNeeded: size) &<< 2
    }
    unsafe start[0] = tag
    return at
  }

  /// The row behind `tag`; nil when the bytes end before it does. Codes are the caller's to check.
  @inline(__always)
  @unsafe static func row(
    _ tag: UInt8, _ context: inout JournalBuffer.Context, _ cursor: inout ByteCursor
  ) -> OpenBatch.Row? {
    let bytes = Int(tag & 3) + 1, size = Int(tag >> 2 & 7)
    let whole = 12 + (tag & contextBit == 0 ? 0 : 4) + (tag & verbBit == 0 ? 0 : 1) + bytes + size
    guard size <= 4, let start = unsafe cursor.skip(whole) else { return nil }
    let from = unsafe UnsafeRawPointer(start)
    let word = unsafe UInt64(littleEndian: from.loadUnaligned(as: UInt64.self))
    let small = unsafe UInt32(littleEndian: from.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    var at = 12
    if tag & contextBit != 0 {
      let both = unsafe UInt32(littleEndian: from.loadUnaligned(fromByteOffset: at, as: UInt32.self))
      (context.host, context.campaign) = (UInt16(truncatingIfNeeded: both), UInt16(truncatingIfNeeded: both >> 16))
      at += 4
    }
    if tag & verbBit != 0 {
      context.verb = unsafe start[at]
      at += 1
    }
    func number(_ count: Int) -> UInt32 {
      var value: UInt32 = 0
      for index in 0..<count { value |= unsafe UInt32(start[at + index]) << UInt32(8 * index) }
      at += count
      return value
    }
    var row = OpenBatch.Row()
    row.token = UInt32(truncatingIfNeeded: word) & 0x1f_ffff
    row.path = UInt32(truncatingIfNeeded: word >> 21) & 0x1_ffff
    row.referrer = UInt32(truncatingIfNeeded: word >> 38) & 0xffff
    row.status = UInt16(truncatingIfNeeded: word >> 54)
    row.agent = UInt16(truncatingIfNeeded: small)
    row.country = UInt8(truncatingIfNeeded: small >> 16)
    row.minute = UInt8(truncatingIfNeeded: small >> 24)
    (row.host, row.campaign, row.verb) = (context.host, context.campaign, context.verb)
    row.bytes = number(bytes)
    row.duration = size == 0 ? Event.noDuration : number(size)
    return row
  }
}
