/// A journal: every row counted after a base was taken, in the order they were counted, with the codes they are made of.
///
/// ```
///  header, 64 bytes (all numbers little-endian)
///   0  magic         "BALLJRNL"                        8
///   8  version       1                                 4
///  12  flags         1: begins with an empty state     4
///  16  generation    N of the name journal.N           8
///  24  visitor key   as in a snapshot                  8
///  32  first frame   its sequence number               8
///  40  written at    Unix seconds                      8
///  48  zero                                            12
///  60  CRC32C        of bytes 0 … 59                   4
///
///  frame after frame from byte 64; each is one write, and on the disk before the next one is written
///   0  payload       its bytes, 1 … 524,260            4
///   4  rows          how many are in it                4
///   8  sequence      first frame, and one more each    8
///  16  written at    Unix seconds                      8
///  24  CRC32C        of the header's CRC ‖ bytes 0 … 23 ‖ payload      4    so a frame of another file is none here
///  28  payload
/// ```
/// A payload is operations and rows (`JournalCoding`). Every byte is under exactly one of the sums. Since a frame is on the
/// disk before the next is written, a crash or a power cut can only tear the last one: a bad frame with a good one of a
/// later number behind it is damage, one with nothing behind it the end of the journal.
package enum JournalFormat {
  package static let version = 1
  static let magic: [UInt8] = Array("BALLJRNL".utf8)
  package static let headerBytes = 64
  static let frameHeaderBytes = 28
  /// Header and payload of a frame; a reader takes no more memory than that.
  static let maxFrameBytes = 512 << 10
  static let maxPayloadBytes = maxFrameBytes - frameHeaderBytes
}

/// What the first 64 bytes of a journal say.
struct JournalHeader: Hashable {
  var generation: UInt64 = 0, keyID: UInt64 = 0
  /// Sequence number of the first frame.
  var first: UInt64 = 0
  var startsEmpty = false
  var writtenAt = 0

  /// The bytes, and the sum that the frames' sums go on from.
  func encode() -> (bytes: [UInt8], checksum: UInt32) {
    var out = ByteWriter(capacity: 128)
    for byte in JournalFormat.magic { out.byte(byte) }
    out.fixed(UInt32(JournalFormat.version))
    out.fixed(UInt32(startsEmpty ? 1 : 0))
    out.fixed(generation)
    out.fixed(keyID)
    out.fixed(first)
    out.fixed(Int64(writtenAt))
    out.fixed(UInt64(0))
    out.fixed(UInt32(0))
    let checksum = unsafe CRC32C.checksum(out.start, count: out.count)
    out.fixed(checksum)
    return (unsafe Array(UnsafeBufferPointer(start: out.start, count: out.count)), checksum)
  }
}
