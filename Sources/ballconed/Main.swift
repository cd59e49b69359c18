internal import Glibc

@main
struct Ballconed {
  static func main() {
    // A closed pipe or a file at its size limit is an error to handle, never a reason to die.
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    exit(run(Array(CommandLine.arguments.dropFirst()), environment: environment()))
  }

  /// The exit code: 0 done, 1 failed, 2 usage.
  static func run(_ arguments: [String], environment: [String: String]) -> CInt {
    do {
      let options = try Options(arguments, environment: environment)
      if options.isOn(.help) {
        Log.write(Option.help(for: options.command), to: STDOUT_FILENO)
        return 0
      }
      if options.isOn(.version) {
        Log.write("ballconed \(Version.text)", to: STDOUT_FILENO)
        return 0
      }
      return try options.command.run(options)
    } catch let error as UsageError {
      Log.line("ballconed: " + error.message)
      return 2
    } catch let error as Failure {
      Log.line("ballconed: " + error.message)
      return 1
    } catch {
      Log.line("ballconed: \(error)")  // of a lower layer, which words its errors the same way
      return 1
    }
  }

  /// What of the environment concerns us; names are ASCII, values as they are.
  private static func environment() -> [String: String] {
    var names = Option.all.compactMap(\.environment)
    names += ["STATE_DIRECTORY", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]
    var found: [String: String] = [:]
    for name in names {
      if let value = unsafe getenv(name) { found[name] = unsafe String(cString: value) }
    }
    return found
  }
}
