@main
struct Ballconed {
  static func main() {}
}
