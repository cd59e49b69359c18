extension Store {
  /// Writes all that the engine holds as one snapshot and removes every other file that holds any of it: older snapshots,
  /// journals, and what was set aside. Returns how many went.
  package func replaceAll(_ engine: Engine, second: Int) throws(StoreError) -> Int {
    let report = try saveBase(engine, second: second)
    do throws(FileError) { return try directory.removeAll(but: report.generation) } catch { throw .file(error) }
  }
}
