internal import Glibc
package import TSEngine

/// The history of the original Ballcone: its table as CSV, each row of which becomes an event.
///
/// ```
/// feed → piece of 256 KiB → KnownContent → CSVRows → BallconeRow → Ingestor
/// ```
/// The same table again, or grown, counts only what is new, as logs do (`ImportLedger`).
package struct BallconeImport: ~Copyable {
  private static let toldRows = 20
  private var ingestor: Ingestor
  private var content: KnownContent
  private var rows = CSVRows()
  private var columns: BallconeRow.Columns?
  private let ledger: ImportLedger
  private let clock: @Sendable () -> Int
  private var piece: [UInt8] = []
  private var knownBytes = 0  // of the whole
  private var result = ImportResult()

  /// - Parameter options: `service` names the site: a table of Ballcone's is of one, and does not say which.
  package init(
    engine: Engine, options: IngestOptions, ledger: ImportLedger, again: Bool, clock: @escaping @Sendable () -> Int
  ) {
    var options = options
    options.format = .json
    ingestor = Ingestor(engine: engine, options: options)
    let service = options.service ?? ""
    content = KnownContent(service: service, candidates: again ? [] : ledger.entries(of: service))
    (self.ledger, self.clock) = (ledger, clock)
  }

  /// Reads `path`, or standard input for `-`, to its end.
  package mutating func read(path: String) {
    let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      result.failure = "cannot open \(path): got \(unsafe String(cString: strerror(errno))), want a readable file"
      return
    }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    var buffer = [UInt8](repeating: 0, count: ImportLedger.pieceBytes)
    while result.failure == nil {
      let count = unsafe Glibc.read(descriptor, &buffer, ImportLedger.pieceBytes - piece.count)
      if count < 0, errno == EINTR { continue }
      if count < 0 {
        result.failure = "cannot read \(path): got \(unsafe String(cString: strerror(errno))), want a readable file"
      }
      if count <= 0 { return }
      piece += buffer[..<count]
      if piece.count == ImportLedger.pieceBytes { takePiece() }
    }
  }

  /// Counts the last row, remembers the table, and tells what became of it.
  package mutating func finish() -> ImportResult {
    takePiece()
    if rows.hasRest {
      rows.endRest()
      takeRow()
    }
    ingestor.flush()
    if columns == nil, result.failure == nil { result.failure = "cannot read on: got no row, want a header and rows" }
    result.counts = ingestor.counts
    if result.failure == nil { ledger.add(content.entry, replacing: content.known) }
    return result
  }

  private mutating func takePiece() {
    let text = piece
    piece.removeAll(keepingCapacity: true)
    let known = content.take(text.span)
    if known > 0 { knownBytes = content.entry.length - text.count + known }
    for byte in text where rows.take(byte) {
      takeRow()
      if result.failure != nil { return }
    }
  }

  private mutating func takeRow() {
    defer { rows.beginRow() }
    guard let columns else {
      columns = BallconeRow.Columns(rows.row)
      if columns == nil {
        result.failure = "cannot read on: got no header with datetime, ip and path, want Ballcone's table as CSV with a header"
      }
      return
    }
    if rows.row.count == 1, rows.row[0].isEmpty { return }  // an empty line
    if rows.rowStart < knownBytes {
      result.known += 1
      return
    }
    let now = clock(), refusal: Rejection?
    if rows.row.count == columns.count {
      let row = BallconeRow(columns, rows.row), message = row.message()
      refusal = ingestor.add(message.span, of: row.client(), arrival: now)
    } else {
      refusal = Rejection(.format, "number of fields")
      ingestor.refuse(refusal!, from: .file, arrival: now)
    }
    guard let refusal, result.refused.count < Self.toldRows else { return }
    result.refused.append((rows.rowLine, refusal.reason, refusal.description))
  }
}
