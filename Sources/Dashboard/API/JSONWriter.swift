internal import TSEngine

/// Writes JSON from front to back into bytes; commas come by themselves.
///
/// Values are written as they are met, so an answer of 10,000 rows needs no tree. Nesting is the caller's to keep:
/// each `begin…` has its `end…`, each value inside an object its `key`.
package struct JSONWriter: Sendable {
  package private(set) var bytes: [UInt8] = []
  private var needsComma = false

  package init(capacity: Int = 512) { bytes.reserveCapacity(capacity) }

  // MARK: Structure

  package mutating func beginObject() { open(UInt8(ascii: "{")) }
  package mutating func endObject() { close(UInt8(ascii: "}")) }
  package mutating func beginArray() { open(UInt8(ascii: "[")) }
  package mutating func endArray() { close(UInt8(ascii: "]")) }

  private mutating func open(_ byte: UInt8) {
    separate()
    bytes.append(byte)
    needsComma = false
  }
  private mutating func close(_ byte: UInt8) {
    bytes.append(byte)
    needsComma = true
  }
  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  package mutating func key(_ name: String) {
    string(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  // MARK: Values

  package mutating func string(_ text: String) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in unsafe escape(Span(_unsafeElements: utf8)) }
    bytes.append(UInt8(ascii: "\""))
  }
  /// Bytes from outside: what is not UTF-8 becomes U+FFFD.
  package mutating func string(repairing text: [UInt8]) { string(String(decoding: text, as: UTF8.self)) }

  /// RFC 8259 7: quotation mark, backslash and controls; all else goes as it is, in pieces as long as possible.
  private mutating func escape(_ text: Span<UInt8>) {
    var start = 0
    for index in text.indices where text[index] < 0x20 || text[index] == UInt8(ascii: "\"") || text[index] == UInt8(ascii: "\\")
    {
      append(text.extracting(start..<index))
      start = index + 1
      escape(text[index])
    }
    append(text.extracting(start..<text.count))
  }
  private mutating func append(_ piece: Span<UInt8>) {
    unsafe piece.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }
  private mutating func escape(_ byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x0A: bytes.append(UInt8(ascii: "n"))
    case 0x0D: bytes.append(UInt8(ascii: "r"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    case 0..<0x20:
      let low = byte & 15
      bytes.append(contentsOf: (byte < 16 ? "u000" : "u001").utf8)
      bytes.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
    default: bytes.append(byte)
    }
  }

  package mutating func integer(_ value: Int) {
    separate()
    bytes.append(decimal: value)
  }

  /// `null` without a value and for what JSON cannot say (NaN, infinities); whole numbers carry no fraction.
  package mutating func number(_ value: Double?) {
    guard let value, value.isFinite else { return null() }
    separate()
    if value == value.rounded(), abs(value) < 0x1p53 {
      bytes.append(decimal: Int(value))
    } else {
      bytes.append(contentsOf: value.description.utf8)
    }
  }

  package mutating func bool(_ value: Bool) {
    separate()
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }
  package mutating func null() {
    separate()
    bytes.append(contentsOf: "null".utf8)
  }
  /// RFC 3339 in UTC; `null` for the moment 0, which stands for "never".
  package mutating func time(_ second: Int) {
    guard second != 0 else { return null() }
    string(Timestamp.text(second))
  }

  // MARK: Members

  package mutating func member(_ name: String, _ value: String) {
    key(name)
    string(value)
  }
  package mutating func member(_ name: String, _ value: Int) {
    key(name)
    integer(value)
  }
  package mutating func member(_ name: String, number value: Double?) {
    key(name)
    number(value)
  }
  package mutating func member(_ name: String, time second: Int) {
    key(name)
    time(second)
  }
}

extension [UInt8] {
  /// Without a String in between: numbers are most of an answer.
  mutating func append(decimal value: Int) {
    if value < 0 { append(UInt8(ascii: "-")) }
    var rest = value.magnitude
    if rest < 10 { return append(UInt8(ascii: "0") + UInt8(rest)) }
    let start = count
    while rest > 0 {
      append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    }
    self[start...].reverse()
  }
}

extension Double {
  /// Six significant digits: more would claim more than a histogram of 2 % knows, and cost bytes.
  var sixDigits: Double {
    guard isFinite, self != 0 else { return self }
    var scale = 1.0
    var reduced = magnitude
    while reduced < 100_000, scale < 1e15 { (reduced, scale) = (reduced * 10, scale * 10) }
    return (self * scale).rounded() / scale
  }
}
