@main
struct Benchmarks {
  static func main() { SketchBenchmarks.run() }
}
