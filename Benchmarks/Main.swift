/// Every benchmark in turn; with a number, the engine alone over that many events; with `http`, `syslog`, `hostile`, `journal` or
/// `receive`, these alone, the last at one rate if a number follows; with `query` or `pauses` and a number, questions over that many events, or ingestion's pauses among
/// them; with `profile json` or `profile combined`, one thing for long enough to look at;
/// `peers DIRECTORY [ROWS]` is one half of `peers.py`.
@main
struct Benchmarks {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    if let first = arguments.first {
      if let events = Int(first) { return EngineBenchmarks.run(events: events) }
      if one(first, arguments.dropFirst().first) { return }
    }
    SketchBenchmarks.run()
    EnrichBenchmarks.run()
    LabelBenchmarks.run()
    SnapshotBenchmarks.run()
    EngineBenchmarks.run()
    JournalBenchmarks.run()
    QueryBenchmarks.run()
    PauseBenchmarks.run()
    SyslogBenchmarks.run()
    HostileBenchmarks.run()
    ReceiveBenchmarks.run()
    DashboardBenchmarks.run()
  }

  /// Runs what was asked for; false when there is no such thing.
  private static func one(_ name: String, _ argument: String?) -> Bool {
    switch (name, argument.flatMap { Int($0) }) {
    case ("query", let events?): QueryBenchmarks.run(events: events)
    case ("pauses", let events?): PauseBenchmarks.run(events: events)
    case ("journal", let events): JournalBenchmarks.run(events: events ?? 1_000_000)
    case ("http", _): DashboardBenchmarks.run()
    case ("syslog", _): SyslogBenchmarks.run()
    case ("hostile", _): HostileBenchmarks.run()
    case ("receive", let rate): ReceiveBenchmarks.run(rate: rate)
    case ("peers", _):
      let rows = CommandLine.arguments.dropFirst(3).first.flatMap { Int($0) }
      PeerBenchmarks.run(directory: argument ?? "/tmp", rows: rows ?? 1_000_000)
    case ("profile", _): SyslogBenchmarks.profile(argument ?? "json")
    default: return false
    }
    return true
  }
}
