internal import TSEngine

/// The name of a tracked site: `[a-z0-9._-]{1,64}` after trimming and lower-casing. Zero bytes fill it up.
package struct ServiceName: Sendable {
  static let limit = 64
  private var bytes = InlineArray<64, UInt8>(repeating: 0)
  private(set) var count = 0

  /// No name.
  package init() {}

  /// The name `text` means, or nil when it is none.
  @inline(__always)
  package init?(_ text: Span<UInt8>) {
    guard text.count <= 4 * Self.limit else { return nil }
    let range = text.trimmedRange()
    guard range.count >= 1, range.count <= Self.limit else { return nil }
    for i in range {
      let byte = text[i].lowercasedASCII
      guard Self.isValid(byte) else { return nil }
      bytes[count] = byte
      count &+= 1
    }
  }

  @inline(__always)
  private static func isValid(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "a") < 26 || byte.isDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "_")
  }

  @inline(__always)
  func word(at index: Int) -> UInt64 { bytes.span.word(at: index) }

  /// The name's bytes; `body` must not keep them.
  @inline(__always)
  func withBytes<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
    try body(bytes.span.extracting(0..<count))
  }

  /// Whether `text` is the name, as it is written here.
  @inline(__always)
  func equals(_ text: Span<UInt8>) -> Bool {
    guard count == text.count else { return false }
    var i = 0
    while i < count {
      if word(at: i) != text.word(at: i) { return false }
      i &+= 8
    }
    return true
  }

  var text: String {
    var text = ""
    for i in 0..<count { text.unicodeScalars.append(Unicode.Scalar(bytes[i])) }
    return text
  }

  @inline(__always)
  static func == (one: Self, other: Self) -> Bool {
    guard one.count == other.count else { return false }
    var i = 0
    while i < one.count {
      if one.word(at: i) != other.word(at: i) { return false }
      i &+= 8
    }
    return true
  }

  /// Whether a syslog tag only names the program that sent it, and hence no site.
  var isProgramDefault: Bool {
    let names: InlineArray<6, StaticString> = ["nginx", "haproxy", "apache", "httpd", "caddy", "logger"]
    for i in names.indices where bytes.span.extracting(0..<count).equals(names[i]) { return true }
    return false
  }
}

extension AccessRecord {
  /// The site a record belongs to: its key, else the syslog tag, else its host.
  @inline(__always)
  func serviceName(in text: Span<UInt8>, tag: Span<UInt8>) throws(Rejection) -> ServiceName {
    if self[.service].isPresent {
      guard let name = ServiceName(text.extracting(self[.service].range)) else { throw Rejection(.service, "service") }
      return name
    }
    if tag.count > 0, let name = ServiceName(tag), !name.isProgramDefault { return name }
    guard self[.host].isPresent else { throw Rejection(.service, "no service") }
    let host = text.extracting(self[.host].range)
    guard let name = ServiceName(host.extracting(0..<HostName.bareCount(host))) else { throw Rejection(.service, "host") }
    return name
  }
}
