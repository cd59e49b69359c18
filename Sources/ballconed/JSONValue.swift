/// A parsed JSON text, for answers of our own API: small, and never on the data path.
indirect enum JSONValue: Equatable {
  case null
  case bool(Bool)
  case number(Double, text: String)  // the text keeps integers exact
  case string(String)
  case array([JSONValue])
  case object([(key: String, value: JSONValue)])  // in the order of the text

  /// nil when the text is not JSON, is nested deeper than 16, or has something behind it.
  init?(_ bytes: [UInt8]) {
    var parser = JSONParser(bytes)
    guard let value = parser.value(depth: 0), parser.atEnd else { return nil }
    self = value
  }

  subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }
  var array: [JSONValue] {
    if case .array(let elements) = self { elements } else { [] }
  }
  /// A string, number or truth as plain text; nil for null and containers.
  var text: String? {
    switch self {
    case .string(let text), .number(_, let text): text
    case .bool(let truth): String(truth)
    case .null, .array, .object: nil
    }
  }
  var double: Double? {
    if case .number(let number, _) = self { number } else { nil }
  }

  static func == (a: JSONValue, b: JSONValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let x), .bool(let y)): x == y
    case (.number(let x, _), .number(let y, _)): x == y
    case (.string(let x), .string(let y)): x == y
    case (.array(let x), .array(let y)): x == y
    case (.object(let x), .object(let y)):
      x.count == y.count && zip(x, y).allSatisfy { $0.key == $1.key && $0.value == $1.value }
    default: false
    }
  }
}

private struct JSONParser {
  private let bytes: [UInt8]
  private var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var atEnd: Bool {
    mutating get {
      skipSpace()
      return at == bytes.count
    }
  }
  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 32 || (9...13).contains(byte) { at += 1 }
  }
  private mutating func take(_ byte: Character) -> Bool {
    skipSpace()
    guard next == byte.asciiValue else { return false }
    at += 1
    return true
  }
  private mutating func take(word: String) -> Bool {
    guard bytes[at...].starts(with: word.utf8) else { return false }
    at += word.utf8.count
    return true
  }

  mutating func value(depth: Int) -> JSONValue? {
    guard depth < 16 else { return nil }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return object(depth)
    case UInt8(ascii: "["): return array(depth)
    case UInt8(ascii: "\""): return string().map(JSONValue.string)
    case UInt8(ascii: "t"): return take(word: "true") ? .bool(true) : nil
    case UInt8(ascii: "f"): return take(word: "false") ? .bool(false) : nil
    case UInt8(ascii: "n"): return take(word: "null") ? .null : nil
    default: return number()
    }
  }

  private mutating func object(_ depth: Int) -> JSONValue? {
    at += 1
    var members: [(key: String, value: JSONValue)] = []
    if take("}") { return .object([]) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\""), let key = string(), take(":"), let element = value(depth: depth + 1) else { return nil }
      members.append((key, element))
    } while take(",")
    return take("}") ? .object(members) : nil
  }

  private mutating func array(_ depth: Int) -> JSONValue? {
    at += 1
    var elements: [JSONValue] = []
    if take("]") { return .array([]) }
    repeat {
      guard let element = value(depth: depth + 1) else { return nil }
      elements.append(element)
    } while take(",")
    return take("]") ? .array(elements) : nil
  }

  private mutating func number() -> JSONValue? {
    let start = at
    while let byte = next, (48...57).contains(byte) || "+-.eE".utf8.contains(byte) { at += 1 }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    return Double(text).map { .number($0, text: text) }
  }

  private mutating func string() -> String? {
    at += 1
    var out: [UInt8] = []
    while let byte = next {
      at += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: out, as: UTF8.self) }
      guard byte == UInt8(ascii: "\\") else {
        out.append(byte)
        continue
      }
      guard let escaped = next else { return nil }
      at += 1
      switch escaped {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(escaped)
      case UInt8(ascii: "b"): out.append(8)
      case UInt8(ascii: "f"): out.append(12)
      case UInt8(ascii: "n"): out.append(10)
      case UInt8(ascii: "r"): out.append(13)
      case UInt8(ascii: "t"): out.append(9)
      case UInt8(ascii: "u"):
        guard let scalar = unicode() else { return nil }
        out += String(scalar).utf8
      default: return nil
      }
    }
    return nil
  }

  /// The scalar of `XXXX`, or of a pair of surrogates; a lone one is U+FFFD.
  private mutating func unicode() -> Unicode.Scalar? {
    guard let first = hex() else { return nil }
    guard (0xD800...0xDFFF).contains(first) else { return Unicode.Scalar(first) }
    if first < 0xDC00, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") {
      let mark = at
      at += 2
      guard let second = hex() else { return nil }
      if (0xDC00...0xDFFF).contains(second) { return Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)) }
      at = mark
    }
    return "\u{FFFD}"
  }
  private mutating func hex() -> UInt32? {
    guard at + 4 <= bytes.count else { return nil }
    defer { at += 4 }
    return UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
  }
}
