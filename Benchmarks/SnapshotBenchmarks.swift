import Glibc

import TSEngine

/// A container as large as a month of ten million events: 40 MB of packed rows that LZ4 does not shrink, 15 MB of tables
/// and strings that it does.
enum SnapshotBenchmarks {
  static func run() {
    let path = "/tmp/ballconed-benchmark.\(getpid())"
    defer { unsafe unlink(path) }
    var random = SystemRandomNumberGenerator()
    let noise = (0..<1 << 17).map { _ in random.next() }
    let rows = unsafe noise.withUnsafeBytes { unsafe Array($0) }
    let table = rows.enumerated().map { $0.offset % 8 < 4 ? $0.element & 15 : 0 }
    do {
      var start = nanoseconds()
      var writer = try SnapshotWriter(path, generation: 1, keyID: 0, writtenAt: 0)
      for (name, bytes, times, compressed) in [("tables", table, 15, true), ("rows", rows, 40, false)]
        as [(SectionName, [UInt8], Int, Bool)]
      {
        writer.begin(name, compressed: compressed)
        for _ in 0..<times { try writer.append(bytes.span) }
        try writer.end()
      }
      let size = try writer.commit()
      print("snapshot: write \(55 << 20) bytes as \(size)\t\((nanoseconds() - start) / 1_000) µs CPU")
      start = nanoseconds()
      var reader = try SnapshotReader(path), checksum: UInt32 = 0
      var buffer = [UInt8](repeating: 0, count: 1 << 20)
      for section in reader.sections {
        try reader.open(section)
        while reader.remaining > 0 {
          let count = try unsafe reader.read(into: &buffer, count: buffer.count)
          checksum &+= UInt32(buffer[count - 1])
        }
      }
      print("snapshot: check and read it\t\((nanoseconds() - start) / 1_000) µs CPU\tchecksum \(checksum > 0)")
    } catch {
      print("snapshot: \(error)")
    }
  }

  private static func nanoseconds() -> UInt64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
  }
}
