internal import Dashboard

extension Command {
  /// Does it; the exit code where success has more than one.
  func run(_ options: Options) throws -> CInt {
    switch self {
    case .serve: return try Daemon(options).run()
    case .health: try Self.health(options)
    case .report: try Self.report(options)
    case .nginx: try Self.configuration(of: .nginx, options)
    case .haproxy: try Self.configuration(of: .haproxy, options)
    case .caddy: try Self.configuration(of: .caddy, options)
    case .apache: try Self.configuration(of: .apache, options)
    case .rsyslog: try Self.configuration(of: .rsyslog, options)
    case .test: return try Self.test(options)
    case .import: return try Self.importing(options)
    case .export: try Self.export(options)
    case .forget: try Self.forget(options)
    case .migrate: return try Self.migrate(options)
    case .check: return try Self.check(options)
    }
    return 0
  }
}
