import Glibc
import Testing

@testable import TSEngine

@Suite struct AtomicFileTests {
  private static let old = Array("what was there before".utf8)
  private static let new = [UInt8](repeating: 7, count: 300_000)

  private static func save(_ path: String) throws(FileError) {
    var file = try AtomicFile(path)
    try unsafe file.append(new, count: 200_000)
    try unsafe file.append(new, count: 100_000)
    try unsafe file.overwrite(new, count: 64, at: 0)
    try file.commit()
  }

  @Test func `a file is there whole, for its owner alone, and nothing else is left`() throws {
    let directory = TemporaryDirectory(), path = directory.path + "/base.1"
    TemporaryDirectory.write(Self.old, to: path)
    TemporaryDirectory.write(Self.old, to: path + ".tmp")  // of a process that was killed
    try Self.save(path)
    #expect(TemporaryDirectory.contents(path) == Self.new)
    #expect(directory.names == ["base.1"])
    var about = stat()
    #expect(unsafe stat(path, &about) == 0 && about.st_mode & 0o777 == 0o600)
  }

  @Test func `a file that is not committed leaves the old one`() throws {
    let directory = TemporaryDirectory(), path = directory.path + "/base.1"
    TemporaryDirectory.write(Self.old, to: path)
    do {
      var file = try AtomicFile(path)
      try unsafe file.append(Self.new, count: 100)
    }
    #expect(TemporaryDirectory.contents(path) == Self.old)
    #expect(directory.names == ["base.1"])
  }

  @Test func `a link under the temporary name is not followed`() throws {
    let directory = TemporaryDirectory(), path = directory.path + "/base.1", other = directory.path + "/other"
    TemporaryDirectory.write(Self.old, to: other)
    #expect(unsafe symlink(other, path + ".tmp") == 0)
    try Self.save(path)
    #expect(TemporaryDirectory.contents(other) == Self.old)
    #expect(throws: FileError(call: .open, path: path + ".link", code: ELOOP)) {
      #expect(unsafe symlink(other, path + ".link") == 0)
      _ = try FileSystem.open(path + ".link", O_RDONLY).number
    }
  }

  @Test func `short writes and interruptions change nothing`() throws {
    let directory = TemporaryDirectory(), path = directory.path + "/base.1"
    try FileFaults.$current.withValue(FileFaults(shortWrite: 4_097)) { try Self.save(path) }
    #expect(TemporaryDirectory.contents(path) == Self.new)
    for call in [FileSystem.Call.open, .write, .rename] {
      try FileFaults.$current.withValue(FileFaults(call, at: 1, code: EINTR)) { try Self.save(path) }
      #expect(TemporaryDirectory.contents(path) == Self.new)
    }
  }

  /// RELIABILITY, "the snapshot protocol": of all orders only this one leaves no torn or lost file behind a power cut.
  @Test func `bytes are durable before the name, and the name before anybody is told`() throws {
    let directory = TemporaryDirectory(), calls = FileFaults()
    try FileFaults.$current.withValue(calls) { try Self.save(directory.path + "/base.1") }
    let place = FileSystem.name(of: directory.path)
    #expect(
      calls.log == [
        "open base.1.tmp", "write base.1.tmp", "write base.1.tmp", "write base.1.tmp", "fsync base.1.tmp", "close base.1.tmp",
        "rename base.1.tmp", "open \(place)", "fsync \(place)",
      ])
  }

  private static let codes = [EIO, ENOSPC, EDQUOT, EMFILE, EACCES, EROFS]

  /// RELIABILITY P6, P7: each call of the way fails at each of its turns, once or from then on.
  @Test(arguments: [FileSystem.Call.open, .write, .fsync, .close, .rename], [false, true])
  func `a failure leaves the old file or the whole new one, and the next try succeeds`(
    call: FileSystem.Call, isLasting: Bool
  ) throws {
    let probe = FileFaults(), place = TemporaryDirectory()
    try FileFaults.$current.withValue(probe) { try Self.save(place.path + "/base.1") }
    let turns = probe.count(of: call)
    for (turn, code) in (1...turns).flatMap({ turn in Self.codes.map { (turn, $0) } }) {
      let directory = TemporaryDirectory(), path = directory.path + "/base.1"
      TemporaryDirectory.write(Self.old, to: path)
      let faults = FileFaults(call, at: turn, code: code, isLasting: isLasting)
      let error = #expect(throws: FileError.self) { try FileFaults.$current.withValue(faults) { try Self.save(path) } }
      #expect(error?.call == call)
      #expect(error?.code == code)
      // Only the directory's own fsync comes after the rename.
      let isRenamed = call == .fsync && turn == 2 || call == .open && turn == 2
      #expect(TemporaryDirectory.contents(path) == (isRenamed ? Self.new : Self.old))
      #expect(directory.names == ["base.1"])
      if call == .fsync, turn == 1 { #expect(faults.count(of: .fsync) == 1, "a failed fsync must not be tried again") }
      try Self.save(path)
      #expect(TemporaryDirectory.contents(path) == Self.new)
    }
  }

  @Test func `an error says what could not be done`() {
    let error = FileError(call: .write, path: "/x/base.3.tmp", code: ENOSPC)
    #expect(error.description == "cannot write /x/base.3.tmp: No space left on device")
  }
}
