/// HTTP by the `curl` program, which brings names, TLS and credentials with it.
enum Curl {
  private static let common = ["--silent", "--show-error", "--globoff", "--proto", "=http,https"]

  static func get(_ url: String) throws(Failure) -> [UInt8] {
    try answer(of: Child.run("curl", common + ["--max-time", "60", "--", url]), url)
  }

  /// Sends a file, or standard input for `-`, as it is.
  static func post(file: String, to url: String) throws(Failure) -> [UInt8] {
    let from = file == "-" ? "-" : "./" + file
    let path = file.hasPrefix("/") ? file : from
    let sent = [
      "--request", "POST", "--header", "Content-Type: application/octet-stream", "--header", "Expect:", "--upload-file", path,
    ]
    return try answer(of: Child.run("curl", common + sent + ["--", url]), url)
  }

  private static func answer(of output: Child.Output, _ url: String) throws(Failure) -> [UInt8] {
    guard output.code == 0 else {
      throw Failure(
        "cannot reach \(Log.quoted(withoutCredentials(url))): got exit code \(output.code) of curl, want a running daemon")
    }
    return output.bytes
  }

  /// `http://user:secret@host/path` without the part before the host.
  static func withoutCredentials(_ url: String) -> String {
    var parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count > 2, let at = parts[2].lastIndex(of: "@") else { return url }
    parts[2] = parts[2][parts[2].index(after: at)...]
    return parts.joined(separator: "/")
  }
}
