/// Where an uploaded log goes. The receiving side stands behind it; the dashboard only carries bytes there.
package protocol ImportSink: Sendable {
  /// Begins one log.
  /// - Parameters:
  ///   - service: wins over what the lines say; nil leaves it to them. A valid name, lower case.
  ///   - format: `auto` or a name of `ballconed import --format`.
  ///   - again: count what is already in once more.
  /// - Throws: `ImportRefusal` when the format is unknown or nothing can be taken now.
  func begin(service: String?, format: String, again: Bool) throws(ImportRefusal) -> any ImportSession
}

/// One log on its way in; called by one thread at a time.
package protocol ImportSession: AnyObject, Sendable {
  /// The next bytes as they came: plain, gzip, zstd or lz4. They must not be kept. Errors are told by `finish`.
  func feed(_ bytes: Span<UInt8>)
  /// Everything has come.
  func finish() -> ImportOutcome
  /// The sender went away; what was counted stays counted.
  func cancel()
}

package struct ImportRefusal: Error {
  package var code: String, message: String
  package init(code: String, message: String) { (self.code, self.message) = (code, message) }
}

/// What became of the lines.
package struct ImportOutcome: Sendable {
  package var counted = 0, excluded = 0
  package var known = 0  // already in: not counted again
  package var rejected: [(reason: String, count: Int)] = []
  package var failure: String?  // the body could not be read on from some place: `cannot …: got …, want …`
  package init() {}
}
