/// Every benchmark in turn; with a number, the engine alone over that many events; with `http`, the dashboard alone; with
/// `query` or `pauses` and a number, questions over that many events, or ingestion's pauses among them.
@main
struct Benchmarks {
  static func main() {
    if CommandLine.arguments.count > 1, let events = Int(CommandLine.arguments[1]) {
      EngineBenchmarks.run(events: events)
      return
    }
    if CommandLine.arguments.count > 2, let events = Int(CommandLine.arguments[2]) {
      switch CommandLine.arguments[1] {
      case "query": return QueryBenchmarks.run(events: events)
      case "pauses": return PauseBenchmarks.run(events: events)
      default: break
      }
    }
    if CommandLine.arguments.dropFirst().first == "http" { return DashboardBenchmarks.run() }
    SketchBenchmarks.run()
    EnrichBenchmarks.run()
    LabelBenchmarks.run()
    SnapshotBenchmarks.run()
    EngineBenchmarks.run()
    QueryBenchmarks.run()
    PauseBenchmarks.run()
    SyslogBenchmarks.run()
    DashboardBenchmarks.run()
  }
}
