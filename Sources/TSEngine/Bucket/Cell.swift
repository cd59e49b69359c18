/// Counters of one value and audience while its bucket is open: 32 bytes, one cache line at most.
///
/// ```
///  requests 4 ‖ pageviews 4 ‖ errors 4 ‖ timed 4 ‖ bytes 8 ‖ microseconds 8
/// ```
/// `errors` are answers 500…599, `timed` the requests that carried a duration, `microseconds` the sum of those.
struct Cell: BitwiseCopyable, Equatable {
  var counts = SIMD4<UInt32>()
  var sums = SIMD2<UInt64>()

  init() {}
  init(requests: UInt32, pageviews: UInt32, errors: UInt32, timed: UInt32, bytes: UInt64, microseconds: UInt64) {
    counts = SIMD4(requests, pageviews, errors, timed)
    sums = SIMD2(bytes, microseconds)
  }

  var requests: UInt32 { counts.x }
  var pageviews: UInt32 { counts.y }
  var errors: UInt32 { counts.z }
  var timed: UInt32 { counts.w }
  var bytes: UInt64 { sums.x }
  var microseconds: UInt64 { sums.y }
  var isEmpty: Bool { counts.x == 0 }

  /// Wraps after 2^32 requests of one value in one bucket: beyond what a day can bring to one machine.
  @inline(__always) static func &+= (cell: inout Cell, other: Cell) {
    cell.counts &+= other.counts
    cell.sums &+= other.sums
  }

  /// A flag byte says which numbers follow, since most are zero or equal to the requests.
  func encode(into out: inout ByteWriter, flag: Bool) {
    let pages: UInt8 = pageviews == 0 ? 0 : pageviews == requests ? 1 : 2
    let times: UInt8 = timed == 0 ? 0 : timed == requests ? 1 : 2
    out.byte((flag ? 1 : 0) | pages << 1 | times << 3 | (errors == 0 ? 0 : 1 << 5))
    out.varint(UInt64(requests))
    out.varint(bytes)
    if pages == 2 { out.varint(UInt64(pageviews)) }
    if errors != 0 { out.varint(UInt64(errors)) }
    if times == 2 { out.varint(UInt64(timed)) }
    if times != 0 { out.varint(microseconds) }
  }

  /// The inverse; gives the flag too.
  @inline(__always) @unsafe
  static func decode(from cursor: inout ByteCursor) -> (cell: Cell, flag: Bool) {
    let kind = unsafe cursor.byte()
    let requests = unsafe UInt32(truncatingIfNeeded: cursor.varint()), bytes = unsafe cursor.varint()
    let pages = kind >> 1 & 3, times = kind >> 3 & 3
    let pageviews = unsafe pages == 0 ? 0 : pages == 1 ? requests : UInt32(truncatingIfNeeded: cursor.varint())
    let errors = unsafe kind & 32 == 0 ? 0 : UInt32(truncatingIfNeeded: cursor.varint())
    let timed = unsafe times == 0 ? 0 : times == 1 ? requests : UInt32(truncatingIfNeeded: cursor.varint())
    let microseconds = unsafe times == 0 ? 0 : cursor.varint()
    let cell = Cell(
      requests: requests, pageviews: pageviews, errors: errors, timed: timed, bytes: bytes, microseconds: microseconds)
    return (cell, kind & 1 == 1)
  }
}
