/// Comma-separated values as DuckDB writes them (RFC 4180): a field in quotes may hold commas, newlines and, doubled,
/// quotes. Bytes in as they come, rows out. An empty field without quotes is no value.
struct CSVRows {
  /// Larger rows are cut; their last field shows it by being one of too few.
  static let mostBytes = 1 << 16

  private(set) var row: [[UInt8]] = []
  private var field: [UInt8] = []
  private var size = 0
  private var isQuoted = false, sawQuote = false  // inside quotes; the byte before was a quote inside them

  /// Where the row that is being read began, in bytes and lines of the whole; lines count from 1.
  private(set) var rowStart = 0, rowLine = 1
  private var at = 0, line = 1

  /// True when `byte` ends a row: read `row`, then go on with `beginRow`.
  mutating func take(_ byte: UInt8) -> Bool {
    at += 1
    if byte == 10 { line += 1 }
    if isQuoted {
      if sawQuote {
        sawQuote = false
        if byte == UInt8(ascii: "\"") {
          keep(byte)
          return false
        }
        isQuoted = false
      } else {
        if byte == UInt8(ascii: "\"") { sawQuote = true } else { keep(byte) }
        return false
      }
    }
    switch byte {
    case UInt8(ascii: "\"") where field.isEmpty: isQuoted = true
    case UInt8(ascii: ","): endField()
    case 10:
      if field.last == 13 { field.removeLast() }
      endField()
      return true
    default: keep(byte)
    }
    return false
  }

  /// Whether something follows the last newline.
  var hasRest: Bool { !row.isEmpty || !field.isEmpty || isQuoted }
  mutating func endRest() { endField() }

  mutating func beginRow() {
    row.removeAll(keepingCapacity: true)
    (size, rowStart, rowLine) = (0, at, line)
  }

  private mutating func endField() {
    row.append(field)
    field.removeAll(keepingCapacity: true)
    (isQuoted, sawQuote) = (false, false)
  }
  private mutating func keep(_ byte: UInt8) {
    guard size < Self.mostBytes else { return }
    size += 1
    field.append(byte)
  }
}
