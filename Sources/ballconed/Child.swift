internal import Glibc

/// Another program run to its end: `curl` brings HTTP and TLS without linking either.
enum Child {
  struct Output {
    let code: Int  // exit code; 128 + signal when it was killed
    let bytes: [UInt8]  // its standard output
  }

  /// Runs `program` (found by `PATH`) with our stdin and stderr.
  /// - Parameter limit: more output than this many bytes is a failure.
  static func run(_ program: String, _ arguments: [String], limit: Int = 64 << 20) throws(Failure) -> Output {
    var ends: [CInt] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw Failure("cannot start \(program): \(Log.reason())") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }

    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }

    var child = pid_t()
    var words: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
    let failed = unsafe posix_spawnp(&child, program, &actions, nil, &words, environ)
    unsafe words.forEach { unsafe free($0) }
    close(ends[1])
    guard failed == 0 else {
      throw Failure(
        "cannot start \(program): got \(Log.reason(failed)), want the program installed (apt-get install \(program))")
    }

    var output: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while output.count <= limit {
      let count = unsafe read(ends[0], &piece, piece.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { break }
      output += piece[..<count]
    }
    if output.count > limit { kill(child, SIGKILL) }
    var status: CInt = 0
    while unsafe waitpid(child, &status, 0) < 0 && errno == EINTR {}
    guard output.count <= limit else {
      throw Failure("cannot read the answer of \(program): got more than \(Unit.size(limit))")
    }
    let signal = Int(status & 0x7f)
    return Output(code: signal == 0 ? Int(status >> 8) & 0xff : 128 + signal, bytes: output)
  }
}
