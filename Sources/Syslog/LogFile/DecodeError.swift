/// A compressed log that cannot be read on.
package enum DecodeError: Error, Sendable {
  case corrupt, truncated
  /// A frame that asks for more memory than we give.
  case tooLarge
}
