import Glibc
import Testing

@testable import TSEngine

@Suite struct DirectoryTests {
  private static func mode(_ path: String) -> mode_t {
    var about = stat()
    return unsafe stat(path, &about) == 0 ? about.st_mode & 0o777 : 0
  }

  @Test func `it is made for its owner alone, with what is above it`() throws {
    let place = TemporaryDirectory(), path = place.path + "/state/ballcone"
    let directory = try DataDirectory(path)
    #expect(Self.mode(path) == 0o700)
    #expect(Self.mode(path + "/lock") == 0o600)
    #expect(directory.path == path)
  }

  @Test func `a second daemon is refused and told by whom`() throws {
    let place = TemporaryDirectory()
    do {
      let first = try DataDirectory(place.path)
      let error = #expect(throws: DirectoryError.self) { _ = try DataDirectory(place.path) }
      #expect(
        error?.description
          == "cannot use \(place.path): got the lock of process \(getpid()), want no other ballconed there")
      #expect(try first.generations() == [])
      _ = try DataDirectory(readOnly: place.path)
    }
    _ = try DataDirectory(place.path)
  }

  @Test func `it is free when it is let go, whoever still has its descriptor`() throws {
    let place = TemporaryDirectory()
    var copy: CInt = -1
    do {
      let first = try DataDirectory(place.path)
      // As a child that was just forked: another descriptor of the same open file.
      for number in CInt(3)..<4_096 where copy < 0 {
        var target = [CChar](repeating: 0, count: 512)
        let length = unsafe readlink("/proc/self/fd/\(number)", &target, 511)
        guard length > 0 else { continue }
        let path = String(decoding: target.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if path == place.path + "/lock" { copy = dup(number) }
      }
      #expect(copy >= 0 && first.path == place.path)
    }
    _ = try DataDirectory(place.path)
    close(copy)
  }

  @Test func `it may be a link, as systemd makes them`() throws {
    let place = TemporaryDirectory(), real = place.path + "/private", link = place.path + "/state"
    #expect(unsafe mkdir(real, 0o700) == 0 && symlink(real, link) == 0)
    let directory = try DataDirectory(link)
    _ = try directory.visitorKey()
    try SnapshotTests.write(directory.basePath(3), generation: 3)
    #expect(try directory.generations() == [3])
    #expect(try SnapshotTests.read(directory.basePath(3)).count == 4)
  }

  @Test func `leftovers of a killed process go`() throws {
    let place = TemporaryDirectory()
    TemporaryDirectory.write([1], to: place.path + "/base.3.tmp")
    TemporaryDirectory.write([1], to: place.path + "/base.2")
    _ = try DataDirectory(readOnly: place.path)
    #expect(place.names.contains("base.3.tmp"))
    _ = try DataDirectory(place.path)
    #expect(place.names == ["base.2", "lock"])
  }

  @Test func `the key is made once, kept secret and told apart by a number`() throws {
    let place = TemporaryDirectory(), other = TemporaryDirectory()
    let directory = try DataDirectory(place.path)
    let first = try directory.visitorKey(), again = try directory.visitorKey()
    #expect(first.key == again.key && first.id == again.id)
    #expect(Self.mode(place.path + "/key") == 0o600)
    let elsewhere = try DataDirectory(other.path).visitorKey()
    #expect(elsewhere.key != first.key && elsewhere.id != first.id)
    let text = try #require(TemporaryDirectory.contents(place.path + "/key"))
    #expect(text.count == 33)
    #expect(!String(decoding: text, as: UTF8.self).contains(String(first.id, radix: 16)))
  }

  @Test(arguments: ["", "abc", "0123456789abcdef0123456789abcdeg\n", "+123456789abcdef0123456789abcdef\n"])
  func `a damaged key is refused and left alone`(text: String) throws {
    let place = TemporaryDirectory(), path = place.path + "/key"
    TemporaryDirectory.write(Array(text.utf8), to: path)
    #expect(throws: DirectoryError.self) { try DataDirectory(place.path).visitorKey() }
    #expect(TemporaryDirectory.contents(path) == Array(text.utf8))
  }

  @Test func `generations come newest first, and only those that are ours`() throws {
    let place = TemporaryDirectory()
    for name in ["base.9", "base.10", "base.007", "base.2.corrupt", "base.", "base.x", "other"] {
      TemporaryDirectory.write([1], to: place.path + "/" + name)
    }
    let directory = try DataDirectory(place.path)
    #expect(try directory.generations() == [10, 9])
    try directory.keepNewest(1)
    #expect(try directory.generations() == [10])
  }

  @Test func `damaged snapshots are set aside, three at most`() throws {
    let place = TemporaryDirectory()
    let directory = try DataDirectory(place.path)
    for generation in 1...5 as ClosedRange<UInt64> {
      TemporaryDirectory.write([1], to: directory.basePath(generation))
      try directory.setAside(generation)
    }
    #expect(place.names == ["base.3.corrupt", "base.4.corrupt", "base.5.corrupt", "lock"])
    #expect(try directory.generations() == [])
  }
}
