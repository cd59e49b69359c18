internal import Glibc

/// Messages out of a stream, by RFC 6587: octet-counted or ended by a line feed, told apart at each message anew.
///
/// ```
/// 83 <190>1 2026-11-24T03:59:02+00:00 vm nginx - - - {…}     digits and a space: that many bytes
/// <190>Nov 24 03:59:02 vm nginx: {…}⏎                        anything else: to the line feed
/// ```
/// A counted length is not believed beyond `longest`: what is longer is skipped, counted as truncated, and the stream goes
/// on behind it. A log line begins with digits too, but with no space right behind them. An empty line is no message.
@safe
package struct StreamFramer: ~Copyable {
  /// As much as a datagram can hold.
  static let longest = 65_535
  private static let capacity = longest + 8  // with the digits before it

  private let buffer: UnsafeMutablePointer<UInt8>  // freed once, in deinit
  private var start = 0, end = 0
  private var scanned = 0  // no line feed lies before it
  private var skipped = 0  // bytes of a counted message still to come
  private var skipsLine = false

  package init() { unsafe buffer = .allocate(capacity: Self.capacity) }
  deinit { unsafe buffer.deallocate() }

  /// Whether the stream stands in the middle of a message.
  var isInside: Bool { start < end || skipped > 0 || skipsLine }

  /// Lets `read` fill what is free, at least one byte, and say how much that was.
  @unsafe package mutating func fill(_ read: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
    if start > 0 {
      unsafe memmove(buffer, buffer + start, end - start)
      (end, scanned, start) = (end - start, max(0, scanned - start), 0)
    }
    let count = unsafe read(UnsafeMutableRawBufferPointer(start: buffer + end, count: Self.capacity - end))
    if count > 0 { end += count }
    return count
  }

  /// Hands each whole message to `body`; `isTruncated`: it was longer than is believed, and what there is of it is empty.
  /// Returns whether there was one.
  @discardableResult
  package mutating func take(_ body: (_ message: Span<UInt8>, _ isTruncated: Bool) -> Void) -> Bool {
    var isAny = false
    while start < end {
      if skipped > 0 {
        let passed = min(skipped, end - start)
        (start, skipped) = (start + passed, skipped - passed)
      } else if skipsLine {
        skipLine()
      } else if unsafe buffer[start] == 0x0a || buffer[start] == 0x0d {
        start += 1
      } else {
        guard takeOne(body) else { break }
        isAny = true
      }
    }
    if start == end { (start, end, scanned) = (0, 0, 0) }
    return isAny
  }

  /// The stream is over: a line needs no line feed then, a counted message cut short is truncated.
  package mutating func finish(_ body: (_ message: Span<UInt8>, _ isTruncated: Bool) -> Void) {
    take(body)
    if start < end {
      var count = 0
      let isCounted = prefix(&count) != .none
      unsafe body(Span(_unsafeStart: UnsafePointer(buffer + start), count: isCounted ? 0 : end - start), isCounted)
    }  // what is being skipped was counted when it began
    (start, end, scanned, skipped, skipsLine) = (0, 0, 0, 0, false)
  }

  private enum Prefix { case none, partial, counted }

  /// Whether a length stands at `start`, and how many bytes it and its space take.
  private func prefix(_ bytes: inout Int, _ length: inout Int) -> Prefix {
    var i = start
    length = 0
    while i < end, i - start < 6, unsafe buffer[i].isDigit {
      length = unsafe length * 10 + Int(buffer[i] - UInt8(ascii: "0"))
      i += 1
    }
    guard i > start, i - start < 6 else { return .none }
    if i == end { return .partial }
    guard unsafe buffer[i] == UInt8(ascii: " "), length > 0 else { return .none }
    bytes = i + 1 - start
    return .counted
  }
  private func prefix(_ length: inout Int) -> Prefix {
    var bytes = 0
    return prefix(&bytes, &length)
  }

  /// Takes the message that begins at `start`; false when more of it must come.
  private mutating func takeOne(_ body: (Span<UInt8>, Bool) -> Void) -> Bool {
    var head = 0, length = 0
    switch prefix(&head, &length) {
    case .partial: return false
    case .none: return takeLine(body)
    case .counted:
      if length > Self.longest {
        body(Span(), true)
        (start, skipped) = (start + head, length)
        return true
      }
      guard end - start >= head + length else { return false }
      unsafe body(Span(_unsafeStart: UnsafePointer(buffer + start + head), count: length), false)
      start += head + length
      scanned = start
      return true
    }
  }

  private mutating func takeLine(_ body: (Span<UInt8>, Bool) -> Void) -> Bool {
    let from = max(start, scanned)
    guard let feed = unsafe memchr(buffer + from, 0x0a, end - from) else {
      scanned = end
      guard end - start == Self.capacity else { return false }
      body(Span(), true)
      (start, skipsLine) = (end, true)
      return true
    }
    let next = unsafe feed.assumingMemoryBound(to: UInt8.self) - UnsafeMutablePointer(buffer)
    let isTooLong = next - start > Self.longest
    unsafe body(Span(_unsafeStart: UnsafePointer(buffer + start), count: isTooLong ? 0 : next - start), isTooLong)
    start = next + 1
    scanned = start
    return true
  }

  private mutating func skipLine() {
    if let feed = unsafe memchr(buffer + start, 0x0a, end - start) {
      start = unsafe feed.assumingMemoryBound(to: UInt8.self) - UnsafeMutablePointer(buffer) + 1
      skipsLine = false
    } else {
      start = end
    }
    scanned = start
  }
}
