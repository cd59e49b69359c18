/// The version, as `--version`, the status API and `ballconed_build_info` show it.
enum Version {
  static let text = "0.1.0"
}
