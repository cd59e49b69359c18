/// What `ballconed check` says of a section.
package struct SectionReport: Sendable {
  package let section: SnapshotSection
  /// Nil when every byte is sound and decodes.
  package let problem: SnapshotError?
}

package enum Snapshot {
  /// Reads every byte of a snapshot once more; throws where a sum is wrong.
  static func checkSums(_ path: String) throws(SnapshotError) {
    var reader = try SnapshotReader(path)
    for section in reader.sections { try reader.open(section) }
  }

  /// Checks every checksum of a snapshot and decodes every block; throws when there is no telling its sections.
  package static func verify(_ path: String) throws(SnapshotError) -> [SectionReport] {
    var reader = try SnapshotReader(path), reports: [SectionReport] = []
    let block = UnsafeMutablePointer<UInt8>.allocate(capacity: SnapshotFormat.blockBytes)
    defer { unsafe block.deallocate() }
    for section in reader.sections {
      var problem: SnapshotError?
      do throws(SnapshotError) {
        try reader.open(section)
        while try unsafe reader.read(into: block, count: SnapshotFormat.blockBytes) > 0 {}
      } catch {
        problem = error
      }
      reports.append(SectionReport(section: section, problem: problem))
    }
    return reports
  }
}
