internal import Synchronization

/// Which logs are already in, known by content: under another name, compressed, or grown, they are not counted again.
///
/// A log is remembered as the chained hashes of its pieces of 256 KiB and of its end:
/// ```
/// bytes   ├──── 256 KiB ────┼──── 256 KiB ────┼── rest ──┤ length
/// hashes                   h0                h1          end       each also stands for all before it
/// ```
/// Read again, its pieces are met by their hashes one after the other, so neither a second pass nor the old file is
/// needed, and a pipe does as well. What goes on behind `length` is new. Kept as text beside the snapshot; write it after
/// the snapshot that holds the events, so that a crash between counts twice rather than loses.
package final class ImportLedger: Sendable {
  static let pieceBytes = 256 << 10
  /// Beyond this the oldest are forgotten.
  static let limit = 4_096

  struct Entry: Equatable, Sendable {
    var service: String  // what the lines were counted for, when that was forced; else empty
    var length: Int  // bytes of text, decompressed
    var pieces: [UInt64]  // one for each whole piece
    var end: UInt64  // of all `length` bytes
  }

  private let entries: Mutex<[Entry]>

  package init() { entries = Mutex([]) }
  init(_ entries: [Entry]) { self.entries = Mutex(entries) }

  package var count: Int { entries.withLock { $0.count } }
  var all: [Entry] { entries.withLock { $0 } }

  /// What was counted for `service`; a log may be counted once for each.
  func entries(of service: String) -> [Entry] { entries.withLock { $0.filter { $0.service == service } } }

  /// Remembers a log that was read to its end, in place of the shorter one it begins with.
  func add(_ entry: Entry, replacing old: Entry?) {
    guard entry.length > 0 else { return }
    entries.withLock { entries in
      entries.removeAll { $0 == entry || $0 == old }
      entries.append(entry)
      if entries.count > Self.limit { entries.removeFirst(entries.count - Self.limit) }
    }
  }
}
