extension UserAgent {
  /// Up to three numbers with dots or underscores between them. Five digits and more are a build's date, no version:
  /// absent, as is what follows an absent one.
  struct Version {
    private(set) var major = UserAgentResult.absent, minor = UserAgentResult.absent, patch = UserAgentResult.absent

    init() {}

    /// At `start`, behind at most one of `/`, space, `:` and `-`, and at most one `v`.
    init(_ bytes: Span<UInt8>, at start: Int) {
      var at = start
      if at < bytes.count, [UInt8(ascii: "/"), UInt8(ascii: " "), UInt8(ascii: ":"), UInt8(ascii: "-")].contains(bytes[at]) {
        at += 1
      }
      if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "v") { at += 1 }
      major = Self.number(bytes, &at)
      if major == UserAgentResult.absent || !Self.dot(bytes, &at) { return }
      minor = Self.number(bytes, &at)
      if minor == UserAgentResult.absent || !Self.dot(bytes, &at) { return }
      patch = Self.number(bytes, &at)
    }

    /// Of the first `Chrome/`.
    init(afterChrome bytes: Span<UInt8>) {
      var at = 0
      while at + 7 < bytes.count {
        if bytes[at] == UInt8(ascii: "C"), bytes[at + 1] == UInt8(ascii: "h"), bytes[at + 6] == UInt8(ascii: "/") { break }
        at += 1
      }
      self.init(bytes, at: min(at + 7, bytes.count))
    }

    /// Internet Explorer 8 came with Trident 4, and so on to 11, the last one, which is also Trident 8 inside programs; the
    /// minor number is always 0.
    var trident: Version {
      var version = Version()
      if major != UserAgentResult.absent { (version.major, version.minor) = (min(major + 4, 11), 0) }
      return version
    }

    private static func dot(_ bytes: Span<UInt8>, _ at: inout Int) -> Bool {
      guard at + 1 < bytes.count, bytes[at] == UInt8(ascii: ".") || bytes[at] == UInt8(ascii: "_") else { return false }
      at += 1
      return true
    }

    private static func number(_ bytes: Span<UInt8>, _ at: inout Int) -> UInt16 {
      var value: UInt16 = 0, digits = 0
      while at < bytes.count, bytes[at] &- UInt8(ascii: "0") <= 9 {
        if digits < 4 { value = value * 10 + UInt16(bytes[at] - UInt8(ascii: "0")) }
        digits += 1
        at += 1
      }
      return (1...4).contains(digits) ? value : UserAgentResult.absent
    }
  }
}
