/// A piece of a store on its way to another machine: bytes that only an engine reads, and the same in words for everybody.
///
/// The parts of a store come in the order of its snapshot: names; every service; then of each service its minutes, hours,
/// days and blocks of rows.
package struct StorePart {
  package enum Kind: String, CaseIterable, Sendable { case names, service, minute, hour, day, rows }

  package let kind: Kind
  /// Which service, in the order of the names; -1 for the names themselves.
  package let service: Int
  package let bytes: [UInt8]
  package let words: Words

  package enum Words {
    case names(Names)
    case service(Service)
    case bucket(Bucket)
    case rows(Rows)
  }

  /// What all services share.
  package struct Names {
    package var agents: [AgentClass] = []  // by code
    package var sources: [String] = []  // by code; browsers, platforms and bots too
  }

  /// A service without its closed parts.
  package struct Service {
    package var name = ""
    package var first = 0, last = 0  // seconds of the oldest and the newest event
    package var dictionaries: [(dimension: Dimension, labels: [String])] = []  // by code
    /// The minute, hour and day that are still open.
    package var open: [Bucket] = []
  }

  /// A minute, an hour or a day.
  package struct Bucket {
    package var kind = Kind.day, second = 0
    package var people = Counts(), bots = Counts()
    /// Hours and days: by dimension, then by requests.
    package var tables: [(dimension: Dimension, values: [Value])] = []
  }
  package struct Counts {
    package var requests = 0, pageviews = 0, errors = 0, bytes = 0, visitors = 0
    /// Of how many the duration is known, and their sum.
    package var timed = 0, microseconds = 0
    package var statuses: [(status: Int, requests: Int)] = []
    /// Seconds up to which, and requests.
    package var durations: [(upper: Double, requests: Int)] = []
  }
  package struct Value {
    package var label = "", people = 0, bots = 0, bytes = 0
  }

  /// Detail rows of one hour.
  package struct Rows {
    package static let columns = [
      "minute", "path", "agent", "referrer", "host", "campaign", "country", "status", "method", "protocol", "bytes",
      "microseconds",
    ]
    package var second = 0
    /// Numbers of the columns above: codes of dictionaries, and values; -1 for a duration that is not known.
    package var values: [[Int]] = []
    package init() {}
  }
}
