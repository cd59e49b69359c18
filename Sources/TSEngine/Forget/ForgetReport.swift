/// What is to be erased for good.
package enum Forgetting: Sendable {
  /// All of a service; nil: of every one.
  case service(String)
  /// Everything before the UTC day of a second.
  case before(Int, service: String?)
  /// The names of paths; what was counted of them stays, under `~forgotten`.
  case paths([String], service: String?)
}

/// What was erased, service by service.
package struct ForgetReport: Sendable {
  package struct Service: Sendable {
    package let name: String
    package var requests = 0  // erased, or renamed
    package var rows = 0, days = 0  // erased
    package var names: [String] = []  // of paths
    package var isGone = false
  }
  package var services: [Service] = []
}
