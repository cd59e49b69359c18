/// Every benchmark in turn; with a number, the engine alone over that many events; with `http`, the dashboard alone.
@main
struct Benchmarks {
  static func main() {
    if CommandLine.arguments.count > 1, let events = Int(CommandLine.arguments[1]) {
      EngineBenchmarks.run(events: events)
      return
    }
    if CommandLine.arguments.dropFirst().first == "http" { return DashboardBenchmarks.run() }
    SketchBenchmarks.run()
    EnrichBenchmarks.run()
    LabelBenchmarks.run()
    SnapshotBenchmarks.run()
    EngineBenchmarks.run()
    QueryBenchmarks.run()
    SyslogBenchmarks.run()
    DashboardBenchmarks.run()
  }
}
