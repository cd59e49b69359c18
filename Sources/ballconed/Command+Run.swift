extension Command {
  /// Does it; the exit code where success has more than one.
  func run(_ options: Options) throws -> CInt {
    switch self {
    case .serve: return try Daemon(options).run()
    case .health: try Self.health(options)
    case .report: try Self.report(options)
    case .nginx: try Self.nginx(options)
    case .import: return try Self.importing(options)
    case .check: return try Self.check(options)
    }
    return 0
  }
}
