/// The container of a snapshot: named sections of bytes, each under a checksum. What the bytes of a section mean is written
/// beside the code that reads and writes them.
///
/// ```
///  header, 64 bytes (all numbers little-endian)
///   0  magic         "BALLCONE"                        8
///   8  version       1                                 4    another one is refused, and the file left alone: the
///                                                           header keeps its shape and its CRC32C in all versions
///  12  sections      how many                          4
///  16  generation    N of the name base.N              8    a file under a wrong name is damage
///  24  visitor key   identifies, does not tell it      8    sketches of different keys must not be merged
///  32  table         where it begins                   8
///  40  file          size of all                       8
///  48  written at    Unix seconds                      8
///  56  CRC32C        of the table                      4
///  60  CRC32C        of bytes 0 … 59                   4
///
///  section after section from byte 64, each a row of blocks of 64 KiB (the last one may be shorter)
///       raw size 4 ‖ stored size 4 ‖ stored bytes      LZ4 where stored < raw, as they are where equal
///
///  table, 40 bytes a section
///   0  name          ASCII, padded with zeros          8
///   8  number        which one of several              4
///  12  CRC32C        of all stored bytes, sizes too    4
///  16  offset        from the file's start             8    sections lie end to end: no byte is unaccounted for
///  24  stored        bytes with block sizes            8
///  32  raw           bytes once decoded                8
/// ```
/// Every byte of the file is under exactly one of the checksums or checked by value. Example: a section `names` of the
/// five bytes `hello` begins at 64: `05000000 05000000 68656c6c6f`, and ends at 77.
package enum SnapshotFormat {
  package static let version = 1
  static let magic: [UInt8] = Array("BALLCONE".utf8)
  static let headerBytes = 64, entryBytes = 40, blockHeaderBytes = 8
  static let blockBytes = 65_536
  /// More are refused when written and when read.
  static let maxSections = 16_384
  /// LZ4 cannot expand further; a section that declares more is damaged.
  static let maxExpansion = 255
  /// What a reader takes at most, whatever a file declares; a caller may lower it.
  package static let maxFileBytes = 1 << 33
}

/// The name of a section: one to eight ASCII characters.
package struct SectionName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  let rawValue: UInt64  // first character in the lowest byte

  init(rawValue: UInt64) { self.rawValue = rawValue }
  package init(stringLiteral text: StaticString) { self.init(text.description)! }
  package init?(_ text: String) {
    guard 1...8 ~= text.utf8.count, text.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else { return nil }
    rawValue = text.utf8.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Text up to the first zero; what is not a printable character becomes `?`, since a file may hold anything.
  package var description: String {
    let characters = (0..<8).map { UInt8(truncatingIfNeeded: rawValue >> (8 * $0)) }.prefix { $0 != 0 }
    return String(decoding: characters.map { 0x21...0x7e ~= $0 ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
  }
}

/// Where a section lies and how it must look: an entry of the table.
package struct SnapshotSection: Hashable, Sendable, CustomStringConvertible {
  package var name: SectionName
  package var number = 0
  var checksum: UInt32 = 0
  package var offset = 0, storedBytes = 0, rawBytes = 0

  package var description: String { number == 0 ? "\(name)" : "\(name)/\(number)" }
}

/// Why a snapshot cannot be read, and where: `cannot read base.2 section rows at offset 4128: got CRC …, want …`.
package struct SnapshotError: Error, Hashable, CustomStringConvertible {
  package enum Kind: Hashable, Sendable {
    case damaged  // set it aside
    case version  // of a newer ballconed: leave it alone
    case key  // sound, and counted under another visitor key: leave it alone
    case system(FileError)  // perhaps better luck next time
    case misuse  // more than the caller allowed
  }
  package var kind = Kind.damaged
  package var file: String, section: String?, offset: Int
  package var got: String, want: String

  package var description: String {
    if case .system(let error) = kind { return error.description }
    let part = section.map { " section \($0)" } ?? ""
    return "cannot read \(file)\(part) at offset \(offset): got \(got), want \(want)"
  }
}

func hexadecimal(_ value: UInt32) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}
