internal import Dashboard
internal import Glibc

extension Command {
  /// `ballconed nginx`, `haproxy` …: the same lines as the page `/nginx`.
  static func configuration(of sender: Sender, _ options: Options) throws(UsageError) {
    do {
      let lines = try SenderConfiguration(sender, service: options.text(.service), address: options.text(.address) ?? "")
      Log.write(String(lines.text.dropLast()), to: STDOUT_FILENO)
    } catch {
      throw UsageError(message: error.description)
    }
  }
}
