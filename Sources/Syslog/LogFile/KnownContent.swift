/// Follows one log piece by piece and says how much of it is in the ledger already; makes its entry as it goes.
struct KnownContent: ~Copyable {
  private(set) var entry: ImportLedger.Entry
  /// The log in the ledger whose whole content stands at the beginning of this one.
  private(set) var known: ImportLedger.Entry?
  private var candidates: [ImportLedger.Entry]
  private var chain: UInt64 = 0

  /// - Parameter candidates: what it may be; none to count everything.
  init(service: String, candidates: [ImportLedger.Entry]) {
    entry = ImportLedger.Entry(service: service, length: 0, pieces: [], end: 0)
    self.candidates = candidates
  }

  /// Whether nothing more can be known: the rest is new, whatever it holds.
  var isNewFromHere: Bool { candidates.isEmpty }

  /// Takes the next piece, whole (`ImportLedger.pieceBytes`) or the last one. Returns how many of its first bytes are known.
  mutating func take(_ piece: Span<UInt8>) -> Int {
    let start = entry.length, index = entry.pieces.count
    let isWhole = piece.count == ImportLedger.pieceBytes
    let hash = piece.count > 0 ? ContentHash.hash(piece, seed: chain) : chain
    var longest = 0
    if !candidates.isEmpty {
      for candidate in candidates where candidate.length - start <= piece.count && candidate.length - start > longest {
        let rest = candidate.length - start
        if (rest == piece.count ? hash : ContentHash.hash(piece.extracting(0..<rest), seed: chain)) == candidate.end {
          (longest, known) = (rest, candidate)
        }
      }
      candidates.removeAll { !isWhole || index >= $0.pieces.count || $0.pieces[index] != hash }
    }
    entry.length += piece.count
    if isWhole { entry.pieces.append(hash) }
    (chain, entry.end) = (hash, hash)
    return candidates.isEmpty ? longest : piece.count
  }
}
