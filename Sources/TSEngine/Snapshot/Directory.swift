internal import Glibc

/// Why a data directory cannot be used.
package enum DirectoryError: Error, CustomStringConvertible {
  case file(FileError)
  case locked(path: String, pid: Int)  // pid 0: the other one has not written it yet
  case key(path: String, bytes: Int)

  package var description: String {
    switch self {
    case .file(let error): error.description
    case .locked(let path, let pid): "cannot use \(path): got the lock of process \(pid), want no other ballconed there"
    case .key(let path, let bytes): "cannot read \(path): got \(bytes) bytes that are not a key, want 32 hexadecimal digits"
    }
  }
}

/// The directory that holds all a daemon keeps; one process at a time.
///
/// ```
///  DIR  0700     lock         pid of the daemon, under flock
///                key          128 random bits that visitors are hashed with; never part of a snapshot
///                base.N       snapshots, the newest has the largest N
///                journal.N    rows counted after base.N was taken, until the next journal begins
///                *.N.corrupt  set aside because damaged, three at most
///                NAME.tmp     being written; what a killed process leaves is removed at the next start
/// ```
package struct DataDirectory: ~Copyable {
  package let path: String
  private let lock: Lock?  // nil: only read
  private final class Lock {
    private let file: Descriptor
    init(_ file: consuming Descriptor) { self.file = file }
    /// A child between fork and exec has the descriptor too: closing ours alone would leave the lock for that long.
    deinit { flock(file.number, LOCK_UN) }
  }
  private static let lockName = "lock", keyName = "key", credentialName = "visitor-key", corruptSuffix = ".corrupt"
  static let keptCorrupt = 3

  /// Takes the directory for this process: makes it where missing, locks it, removes leftovers.
  package init(_ path: String) throws(DirectoryError) {
    self.path = path
    do throws(FileError) {
      try FileSystem.makeDirectory(path)
    } catch {
      throw .file(error)
    }
    lock = try Self.lock(path + "/" + Self.lockName, directory: path)
    for name in (try? FileSystem.list(path)) ?? [] where name.hasSuffix(AtomicFile.suffix) {
      try? FileSystem.remove(path + "/" + name)
    }
  }

  /// Looks into a directory that a daemon may be using; nothing is changed.
  package init(readOnly path: String) throws(DirectoryError) {
    self.path = path
    lock = nil
    do throws(FileError) {
      _ = try FileSystem.list(path)
    } catch {
      throw .file(error)
    }
  }

  private static func lock(_ path: String, directory: String) throws(DirectoryError) -> Lock {
    do throws(FileError) {
      let file = try FileSystem.open(path, O_RDWR | O_CREAT), number = file.number
      _ = try FileSystem.perform(.lock, path) { Int(flock(number, LOCK_EX | LOCK_NB)) }
      let pid = Array("\(getpid())\n".utf8)
      _ = ftruncate(number, 0)
      try unsafe FileSystem.write(file, path, pid, count: pid.count, at: 0)
      return Lock(file)
    } catch {
      guard error.call == .lock, error.code == EWOULDBLOCK else { throw .file(error) }
      let text = (try? contents(path, limit: 20)) ?? []
      let pid = text.prefix { 48...57 ~= $0 }.prefix(9).reduce(0) { $0 * 10 + Int($1 - 48) }
      throw .locked(path: directory, pid: pid)
    }
  }

  // MARK: Visitor key

  /// The key of this directory, made at first use; who only reads gets one of its own, which is not kept.
  /// - Parameter credentials: systemd's directory of them; its `visitor-key` wins over the file `key`.
  /// - Returns: also a number that tells keys apart and says nothing about them, kept in snapshots.
  package func visitorKey(credentials: String? = nil) throws(DirectoryError) -> (key: SipKey, id: UInt64) {
    var path = self.path + "/" + Self.keyName, text: [UInt8]
    do throws(FileError) {
      if let credential = credentials.map({ $0 + "/" + Self.credentialName }),
        let given = try Self.contents(credential, limit: 64)
      {
        (path, text) = (credential, given)
      } else if let kept = try Self.contents(path, limit: 64) {
        text = kept
      } else {
        text = try lock == nil ? Self.newKey() : makeKey(path)
      }
    } catch {
      throw .file(error)
    }
    let digits = text.last == 10 ? text.dropLast() : text[...]
    guard digits.count == 32, let k0 = Self.number(digits.prefix(16)), let k1 = Self.number(digits.suffix(16)) else {
      throw .key(path: path, bytes: text.count)
    }
    let key = SipKey(k0: k0, k1: k1)
    return (key, key.hash(0x6b65_7920_6964_656e, 0x7469_6669_6572_2e2e))
  }

  /// Whether there is a key, or one is made at first use.
  func hasKey(credentials: String?) throws(DirectoryError) -> Bool {
    do throws(FileError) {
      if let credentials, try Self.contents(credentials + "/" + Self.credentialName, limit: 64) != nil { return true }
      return try Self.contents(path + "/" + Self.keyName, limit: 64) != nil
    } catch {
      throw .file(error)
    }
  }

  private static func newKey() -> [UInt8] {
    var random = SystemRandomNumberGenerator()  // getrandom(2)
    let digits = Array("0123456789abcdef".utf8)
    return (0..<32).map { _ in digits[Int(random.next() & 15)] } + [10]
  }

  private func makeKey(_ path: String) throws(FileError) -> [UInt8] {
    let text = Self.newKey()
    var file = try AtomicFile(path)
    try unsafe file.append(text, count: text.count)
    try file.commit()
    return text
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
    guard digits.allSatisfy({ 48...57 ~= $0 || 97...102 ~= $0 }) else { return nil }
    return UInt64(String(decoding: digits, as: UTF8.self), radix: 16)
  }

  /// Up to `limit` bytes of a small file; nil when there is none.
  private static func contents(_ path: String, limit: Int) throws(FileError) -> [UInt8]? {
    let file: Descriptor
    do throws(FileError) {
      file = try FileSystem.open(path, O_RDONLY)
    } catch {
      if error.code == ENOENT { return nil }
      throw error
    }
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = try unsafe FileSystem.read(file, path, &bytes, count: limit, at: 0)
    return Array(bytes.prefix(count))
  }

  // MARK: Generations

  /// What carries a number in its name.
  enum Kind: String, CaseIterable {
    case base = "base."
    case journal = "journal."
  }

  package func basePath(_ generation: UInt64) -> String { "\(path)/\(Kind.base.rawValue)\(generation)" }
  package func journalPath(_ generation: UInt64) -> String { "\(path)/\(Kind.journal.rawValue)\(generation)" }

  /// Numbers of the snapshots there are, newest first.
  package func generations() throws(FileError) -> [UInt64] {
    try FileSystem.list(path).compactMap { name in Self.number(of: name, .base) }.sorted(by: >)
  }

  /// Whether nothing was counted here yet.
  package func isEmpty() throws(FileError) -> Bool {
    let journals = try journals()
    return try generations().isEmpty && journals.isEmpty
  }

  /// Numbers of the journals there are, oldest first.
  package func journals() throws(FileError) -> [UInt64] {
    try FileSystem.list(path).compactMap { name in Self.number(of: name, .journal) }.sorted()
  }

  /// The highest number any file has, damaged ones included: none is used twice.
  package func highest() throws(FileError) -> UInt64 {
    let names = try FileSystem.list(path).map { name in
      name.hasSuffix(Self.corruptSuffix) ? String(name.dropLast(Self.corruptSuffix.count)) : name
    }
    return Kind.allCases.flatMap { kind in names.compactMap { Self.number(of: $0, kind) } }.max() ?? 0
  }

  private static func number(of name: String, _ kind: Kind) -> UInt64? {
    guard name.hasPrefix(kind.rawValue) else { return nil }
    let digits = name.dropFirst(kind.rawValue.count)
    // base.007 is not ours, and numbers never come near 2³².
    guard let number = UInt64(digits), String(number) == digits, number < 1 << 32 else { return nil }
    return number
  }

  /// Renames a damaged snapshot out of the way and keeps the newest three of those.
  package func setAside(_ generation: UInt64) throws(FileError) { try setAside(basePath(generation)) }
  package func setAside(journal generation: UInt64) throws(FileError) { try setAside(journalPath(generation)) }

  private func setAside(_ file: String) throws(FileError) {
    try FileSystem.rename(file, to: file + Self.corruptSuffix)
    for old in try corrupt().dropFirst(Self.keptCorrupt) { try FileSystem.remove(path + "/" + old) }
  }

  /// Names of what was set aside, newest first.
  private func corrupt() throws(FileError) -> [String] {
    var corrupt: [(number: UInt64, name: String)] = []
    for name in try FileSystem.list(path) where name.hasSuffix(Self.corruptSuffix) {
      let stem = String(name.dropLast(Self.corruptSuffix.count))
      for kind in Kind.allCases { if let number = Self.number(of: stem, kind) { corrupt.append((number, name)) } }
    }
    return corrupt.sorted { ($0.number, $0.name) > ($1.number, $1.name) }.map(\.name)
  }

  /// Removes all that was set aside.
  package func removeCorrupt() throws(FileError) {
    for old in try corrupt() { try FileSystem.remove(path + "/" + old) }
  }

  /// Removes every file with data in it but one snapshot; durable when it returns. Returns how many.
  package func removeAll(but generation: UInt64) throws(FileError) -> Int {
    let kept = FileSystem.name(of: basePath(generation))
    var count = 0
    for name in try FileSystem.list(path) where name != kept {
      let isData = Kind.allCases.contains { name.hasPrefix($0.rawValue) } || name.hasSuffix(Self.corruptSuffix)
      guard isData else { continue }
      try FileSystem.remove(path + "/" + name)
      count += 1
    }
    try FileSystem.fsyncDirectory(path)
    return count
  }

  /// Removes all but the newest `count` snapshots, and the journals of those removed; call it once the newest is known to be
  /// sound. With fewer snapshots than that, journals that begin with nothing still lead to all there is.
  package func keepNewest(_ count: Int) throws(FileError) {
    let kept = try generations()
    guard kept.count >= count else { return }
    let oldest = count == 0 ? UInt64.max : kept[count - 1]
    for old in kept.dropFirst(count) { try FileSystem.remove(basePath(old)) }
    for old in try journals() where old < oldest { try FileSystem.remove(journalPath(old)) }
  }
}
