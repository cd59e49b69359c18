/// Every address there is. `template` is the label `route` of the exposition: never a path somebody made up.
enum Route: UInt8, CaseIterable, Sendable {
  case unknown, overview, services, service, count, average, countGroup, nginx, sql, asset
  case apiServices, apiQuery, apiLatency, apiReturning, apiStatus, apiLive, apiImport, metrics, healthy, ready

  var template: String {
    switch self {
    case .unknown: "other"
    case .overview: "/"
    case .services: "/services"
    case .service: "/services/{service}"
    case .count: "/services/{service}/count/{field}"
    case .average: "/services/{service}/average/{field}"
    case .countGroup: "/services/{service}/count_group/{group}"
    case .nginx: "/nginx"
    case .sql: "/sql"
    case .asset: "/assets/{name}"
    case .apiServices: "/api/v1/services"
    case .apiQuery: "/api/v1/query"
    case .apiLatency: "/api/v1/latency"
    case .apiReturning: "/api/v1/returning"
    case .apiStatus: "/api/v1/status"
    case .apiLive: "/api/v1/live"
    case .apiImport: "/api/v1/import"
    case .metrics: "/metrics"
    case .healthy: "/-/healthy"
    case .ready: "/-/ready"
    }
  }

  /// The route of a path below the base path; its variable parts stay in the path.
  init(_ path: [String]) {
    self =
      switch path.count {
      case 0: .overview
      case 1:
        ["services": .services, "nginx": .nginx, "sql": .sql, "metrics": .metrics, "favicon.ico": .asset][path[0]] ?? .unknown
      case 2 where path[0] == "services": .service
      case 2 where path[0] == "assets": .asset
      case 2 where path[0] == "-": ["healthy": .healthy, "ready": .ready][path[1]] ?? .unknown
      case 3 where path[0] == "assets": .asset
      case 3 where path[0] == "api" && path[1] == "v1":
        [
          "services": .apiServices, "query": .apiQuery, "latency": .apiLatency, "returning": .apiReturning,
          "status": .apiStatus, "live": .apiLive, "import": .apiImport,
        ][path[2]] ?? .unknown
      case 4 where path[0] == "services":
        ["count": .count, "average": .average, "count_group": .countGroup][path[2]] ?? .unknown
      default: .unknown
      }
  }

  /// What a route takes, as the header `Allow` says it.
  var allowed: String {
    switch self {
    case .apiImport: "POST"
    case .sql: "GET, HEAD, POST"
    default: "GET, HEAD"
    }
  }
  func takes(_ verb: Request.Verb) -> Bool {
    switch verb {
    case .get, .head: self != .apiImport
    case .post: self == .apiImport || self == .sql
    case .other: false
    }
  }

  /// Routes for programs answer errors as JSON, pages as pages.
  var isForPrograms: Bool {
    switch self {
    case .count, .average, .countGroup, .apiServices, .apiQuery, .apiLatency, .apiReturning, .apiStatus, .apiLive, .apiImport:
      true
    default: false
    }
  }
  /// Probes of a container or a service manager know no password and tell nothing.
  var isOpen: Bool { self == .healthy || self == .ready }
}
