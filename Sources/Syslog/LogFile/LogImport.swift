internal import Glibc
package import TSEngine

/// What became of one log.
package struct ImportResult: Sendable {
  package var counts = IngestCounts()
  /// Lines that were in already.
  package var known = 0
  /// The first rows of a table that were refused: line of the file, reason, and where. A log's are only counted.
  package var refused: [(line: Int, reason: RejectReason, place: String)] = []
  /// Why it could not be read to its end: `cannot …: got …, want …`; what came before stays counted.
  package var failure: String?
  package init() {}
}

/// One log on its way in: bytes as they come, plain, gzip, zstd or lz4, from a file, a pipe or an upload.
///
/// ```
/// feed → LogDecoder → piece of 256 KiB → KnownContent → LineSplitter → Ingestor
/// ```
/// One writer. Holds 256 KiB of text, 128 KiB of a line, the decoder, and a batch.
@safe
package struct LogImport: ~Copyable {
  private var ingestor: Ingestor
  private var content: KnownContent
  private var lines = LineSplitter()
  private let ledger: ImportLedger?
  private let input: MessageInput
  private let clock: @Sendable () -> Int

  private let piece: UnsafeMutablePointer<UInt8>  // text not yet taken; freed once, in deinit
  private var pieceCount = 0
  private var decoder: LogDecoder?
  private var signature: [UInt8] = []  // the first bytes, until they are enough to choose a decoder
  private var result = ImportResult()
  private var isInKnownLine = false  // the known part ended inside a line

  /// - Parameters:
  ///   - ledger: nil counts everything and remembers nothing.
  ///   - again: counts what is already in once more.
  ///   - clock: Unix seconds, for lines without a time.
  package init(
    engine: Engine, options: IngestOptions, ledger: ImportLedger?, again: Bool = false, input: MessageInput = .file,
    clock: @escaping @Sendable () -> Int
  ) {
    (self.ledger, self.input, self.clock) = (ledger, input, clock)
    ingestor = Ingestor(engine: engine, options: options)
    let service = options.service ?? ""
    content = KnownContent(service: service, candidates: again ? [] : ledger?.entries(of: service) ?? [])
    unsafe piece = .allocate(capacity: ImportLedger.pieceBytes)
  }
  deinit { unsafe piece.deallocate() }

  /// The next bytes. They are not kept; after a failure they are ignored.
  package mutating func feed(_ bytes: Span<UInt8>) {
    guard result.failure == nil else { return }
    if decoder == nil {
      let missing = min(LogDecoder.signatureBytes - signature.count, bytes.count)
      for i in 0..<missing { signature.append(bytes[i]) }
      guard signature.count == LogDecoder.signatureBytes else { return }
      begin()
      decode(bytes.extracting(missing..<bytes.count))
    } else {
      decode(bytes)
    }
  }

  /// One `read`: plain text to where it is needed, anything else through `buffer` (of a piece's size) and the decoder.
  @unsafe
  mutating func readOnce(_ descriptor: CInt, through buffer: UnsafeMutablePointer<UInt8>) -> Int {
    guard decoder?.isPlain == true else {
      let count = unsafe Glibc.read(descriptor, buffer, ImportLedger.pieceBytes)
      if count > 0 { feed(unsafe Span(_unsafeStart: UnsafePointer(buffer), count: count)) }
      return count
    }
    let count = unsafe Glibc.read(descriptor, piece + pieceCount, ImportLedger.pieceBytes - pieceCount)
    if count > 0 {
      pieceCount += count
      if pieceCount == ImportLedger.pieceBytes { takePiece() }
    }
    return count
  }

  /// Everything has come, or nothing more will: counts the last line, remembers the log, and tells what became of it.
  package mutating func finish() -> ImportResult {
    if decoder == nil {
      begin()
    }
    if result.failure == nil, decoder?.isComplete == false {
      fail("cannot read on: got a compressed log cut short, want its end")
    }
    takePiece()
    let now = clock()
    if isInKnownLine { result.known += 1 }  // the log ends where it ended before, without a newline
    lines.finish { line, isTruncated in ingestor.add(line, isTruncated: isTruncated, from: input, arrival: now) }
    ingestor.flush()
    result.counts = ingestor.counts
    ledger?.add(content.entry, replacing: content.known)
    return result
  }

  // MARK: bytes → text

  /// Chooses the decoder by the signature and gives it the same.
  private mutating func begin() {
    let start = signature
    do throws(UnreadableFormat) {
      decoder = try LogDecoder(for: start.span)
    } catch {
      decoder = .plain
      fail("cannot read the log: got \(error.name), want plain text, gzip, zstd or lz4")
    }
    decode(start.span)
  }

  var hasFailed: Bool { result.failure != nil }

  mutating func fail(_ message: String) { if result.failure == nil { result.failure = message } }

  private mutating func decode(_ bytes: Span<UInt8>) {
    var start = 0
    while result.failure == nil {
      var room = unsafe MutableSpan(_unsafeStart: piece + pieceCount, count: ImportLedger.pieceBytes - pieceCount)
      do throws(DecodeError) {
        guard let step = try decoder?.decode(bytes.extracting(start..<bytes.count), into: &room) else { return }
        start += step.consumed
        pieceCount += step.produced
        if pieceCount == ImportLedger.pieceBytes {
          takePiece()
        } else if step.consumed == 0, step.produced == 0 {
          return
        }
      } catch {
        fail("cannot decompress: got \(error), want a sound stream")
      }
    }
  }

  // MARK: text → lines

  private mutating func takePiece() {
    let text = unsafe Span(_unsafeStart: UnsafePointer(piece), count: pieceCount)
    pieceCount = 0
    let known = content.take(text)
    var start = 0
    if known > 0 {
      start = skipKnown(text, known)
    } else if isInKnownLine {
      start = endOfKnownLine(text, from: 0)
    }
    let now = clock()
    lines.feed(text.extracting(start..<text.count)) { line, isTruncated in
      ingestor.add(line, isTruncated: isTruncated, from: input, arrival: now)
    }
  }

  /// Counts the lines of the first `known` bytes. Returns where new ones begin.
  private mutating func skipKnown(_ text: Span<UInt8>, _ known: Int) -> Int {
    var i = 0
    while i < known {
      let end = LineSplitter.newline(text, from: i)
      if end >= known { break }
      result.known += 1
      i = end + 1
    }
    isInKnownLine = i < known
    return isInKnownLine && known < text.count ? endOfKnownLine(text, from: known) : known
  }

  /// Past the line that was known in part: it has been counted as it was.
  private mutating func endOfKnownLine(_ text: Span<UInt8>, from start: Int) -> Int {
    let end = LineSplitter.newline(text, from: start)
    guard end < text.count else { return text.count }
    result.known += 1
    isInKnownLine = false
    return end + 1
  }
}
