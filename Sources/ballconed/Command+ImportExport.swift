internal import Glibc
internal import Syslog
internal import TSEngine

extension Command {
  /// `ballconed import --format ballcone-export`: into an empty directory, all or nothing.
  static func importExport(_ options: Options) throws -> CInt {
    guard options.operands.count == 1, let file = options.operands.first, !options.isGiven(.to), !options.isGiven(.service),
      !options.keepsNothing
    else {
      throw UsageError(
        message: "cannot import: got \(options.operands.count) files, --to, --service or :memory:, "
          + "want one file or - into an empty directory: what to leave out is said to export")
    }
    var moved = try ExportImport(options.dataDirectory, file, options.credentials)
    try moved.run()
    let services = moved.services.count
    Log.write("\(file) services=\(services) lines=\(moved.lineCount)", to: STDOUT_FILENO)
    return 0
  }
}

/// One export on its way in.
///
/// ```
/// lines → sections of base.1 → loaded, which checks all → written as lines again → the same lines, or base.1 goes
/// ```
struct ExportImport {
  private let file: String, directory: String
  private let store: Store
  private let lines: LineReader
  private let header: ExportHeader
  private var hashes: [UInt64] = []  // of the lines as they came
  private var logs: ImportLedger?

  var services: [String] { header.services }
  var lineCount: Int { hashes.count }

  init(_ directory: String, _ file: String, _ credentials: String?) throws(Failure) {
    (self.file, self.directory) = (file, directory)
    lines = try LineReader(file)
    let first = try lines.next() ?? []
    header = try ExportHeader(first, of: file)
    hashes.append(ExportImport.hash(first))
    do throws(StoreError) { store = try Store(directory, credentials: credentials) } catch { throw Failure(error.description) }
    guard header.keyID == store.keyID else {
      throw Failure(
        "cannot import \(file) into \(directory): got visitors of key \(ExportText.identifier(header.keyID)), want those of "
          + "\(directory)/key, \(ExportText.identifier(store.keyID)): copy the file key of the directory that was exported "
          + "to \(directory)/key (mode 0600) and import again; under another key the same visitor would count twice")
    }
  }

  mutating func run() throws(Failure) {
    do throws(StoreError) {
      try take(into: store.beginRestore(services: services.count, second: time(nil)))
    } catch {
      throw Failure("cannot import \(file): \(error)")
    }
    do throws(Failure) {
      if let problem { throw problem }
      try verify()
    } catch {
      try? store.removeRestored()
      throw error
    }
    guard let logs else { return }
    do throws(FileError) { try logs.save(path: directory + "/" + ImportLedger.fileName) } catch {
      throw Failure(error.description)
    }
  }

  // MARK: Lines → snapshot

  private var problem: Failure?

  private mutating func take(into begun: consuming StoreRestore) throws(StoreError) {
    var restore = begun
    while problem == nil {
      let line: [UInt8]
      do throws(Failure) {
        guard let next = try lines.next() else { break }
        line = next
      } catch {
        problem = error
        break
      }
      hashes.append(Self.hash(line))
      if try !take(line, into: &restore) { problem = wrong("no line of an export in its place") }
    }
    if problem == nil { try restore.finish() }
  }

  /// False for a line that has no place here.
  private mutating func take(_ line: [UInt8], into restore: inout StoreRestore) throws(StoreError) -> Bool {
    guard let parsed = ExportLine(line), let kind = parsed.text("kind") else { return false }
    if kind == "imports" {
      logs = JSONValue(line)?["logs"].flatMap { ImportLedger(lines: $0.array.compactMap(\.text)) }
      return logs != nil && hashes.count == 2
    }
    guard let kind = StorePart.Kind(rawValue: kind), let data = parsed.data else { return false }
    if kind == .names { return try restore.add(kind, service: -1, data) }
    guard let service = parsed.text("service").flatMap({ services.firstIndex(of: $0) }) else { return false }
    return try restore.add(kind, service: service, data)
  }

  // MARK: Snapshot → the same lines

  private func verify() throws(Failure) {
    let engine = Engine(State.copying, accounting: Accounting(), clock: { time(nil) })
    let report: Store.LoadReport
    do throws(StoreError) { report = try store.load(into: engine) } catch { throw Failure(error.description) }
    guard report.problems.isEmpty, engine.services() == services else {
      throw Failure("cannot import \(file): got data that do not add up: \(report.problems.joined(separator: "; "))")
    }
    let text = ExportText(services: services)
    var number = logs == nil ? 1 : 2  // header and imports are as they came, or this would not have been reached
    try engine.forEachPart { part throws(Failure) in
      guard number < hashes.count, hashes[number] == Self.hash(text.line(part)) else {
        throw wrong("words that do not follow from its data", line: number + 1)
      }
      number += 1
    }
    guard number == hashes.count else { throw wrong("a part that no store would have", line: number + 1) }
  }

  private func wrong(_ got: String, line: Int? = nil) -> Failure {
    Failure("cannot import \(file) line \(line ?? hashes.count): got \(got)")
  }

  /// Of a line, 64 bits: changes by accident or by hand are seen; a file that somebody forged is his own doing.
  private static func hash(_ line: [UInt8]) -> UInt64 {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    for byte in line { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }  // FNV-1a: wraps by design
    return state ^ UInt64(line.count)
  }
}
