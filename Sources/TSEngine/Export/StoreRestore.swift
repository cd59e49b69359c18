/// Makes the first snapshot of an empty directory from the parts of another store. What the parts mean is checked when the
/// snapshot is loaded; until then nothing of them is believed.
package struct StoreRestore: ~Copyable {
  /// Sections in the order of the file.
  private let sections: [(name: SectionName, number: Int)]
  private var writer: SnapshotWriter
  private var current = -1  // of `sections`

  init(_ path: String, generation: UInt64, keyID: UInt64, services: Int, second: Int) throws(StoreError) {
    var sections: [(name: SectionName, number: Int)] = [("names", 0)]
    for number in 1..<services + 1 { sections.append(("series", number)) }
    for number in 1..<services + 1 { sections += [("minutes", number), ("spans", number), ("rows", number)] }
    self.sections = sections
    do throws(FileError) {
      writer = try SnapshotWriter(path, generation: generation, keyID: keyID, writtenAt: second)
    } catch {
      throw .file(error)
    }
  }

  /// The next part; false when it does not belong here.
  package mutating func add(_ kind: StorePart.Kind, service: Int, _ bytes: [UInt8]) throws(StoreError) -> Bool {
    let name: SectionName =
      switch kind {
      case .names: "names"
      case .service: "series"
      case .minute: "minutes"
      case .hour, .day: "spans"
      case .rows: "rows"
      }
    guard let place = sections.firstIndex(where: { $0.name == name && $0.number == service + 1 }), place >= max(0, current)
    else {
      return false
    }
    do throws(FileError) {
      try open(place)
      try writer.append(bytes.span)
    } catch {
      throw .file(error)
    }
    return true
  }

  /// Ends the sections before `place`, those without any part included.
  private mutating func open(_ place: Int) throws(FileError) {
    while current < place {
      if current >= 0 { try writer.end() }
      current += 1
      // Packed rows gain nothing from LZ4 (`EngineImage`).
      let section = sections[current]
      writer.begin(section.name, number: section.number, compressed: section.name != "rows")
    }
  }

  /// Makes it durable under its name.
  package consuming func finish() throws(StoreError) {
    do throws(FileError) {
      try open(sections.count - 1)
      try writer.end()
      _ = try writer.commit()
    } catch {
      throw .file(error)
    }
  }
}
