/// Durations and sizes as people write them.
enum Unit {
  private static let durations: [(suffix: String, seconds: Int)] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)]
  private static let sizes: [(suffix: String, bytes: Int)] = [
    ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
  ]

  /// Seconds of `5`, `90s`, `10m`, `48h`, `35d`; nil for anything else or beyond an Int.
  static func seconds(_ text: String) -> Int? {
    for unit in durations where text.hasSuffix(unit.suffix) { return scaled(text.dropLast(unit.suffix.count), unit.seconds) }
    return scaled(text[...], 1)
  }

  /// Bytes of `64MiB`, `1GiB`, `65536`, `65536B`; nil for anything else. Decimal units are not taken: 64MB is ambiguous.
  static func bytes(_ text: String) -> Int? {
    for unit in sizes where text.hasSuffix(unit.suffix) { return scaled(text.dropLast(unit.suffix.count), unit.bytes) }
    return scaled(text[...], 1)
  }

  private static func scaled(_ digits: Substring, _ factor: Int) -> Int? {
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(digits) else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
  }

  /// The shortest exact way to write it: 172800 is `2d`, 90 is `90s`.
  static func duration(_ seconds: Int) -> String {
    for unit in durations where seconds != 0 && seconds % unit.seconds == 0 { return "\(seconds / unit.seconds)\(unit.suffix)" }
    return "\(seconds)s"
  }
  static func size(_ bytes: Int) -> String {
    for unit in sizes where bytes != 0 && bytes % unit.bytes == 0 { return "\(bytes / unit.bytes)\(unit.suffix)" }
    return "\(bytes)B"
  }
}
