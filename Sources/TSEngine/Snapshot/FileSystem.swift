internal import Glibc

/// A system call that failed: what could not be done, to which file, and why.
package struct FileError: Error, Hashable, CustomStringConvertible {
  package let call: FileSystem.Call, path: String, code: Int32

  package var description: String {
    "cannot \(call.rawValue) \(path): \(Self.text(code))"
  }

  static func text(_ code: Int32) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
      unsafe buffer.initialize(repeating: 0)
      let start = buffer.baseAddress!
      return unsafe strerror_r(code, start, 127) == 0 ? String(cString: start) : "errno \(code)"
    }
  }
}

/// An open file; closed when it goes.
struct Descriptor: ~Copyable {
  let number: CInt
  deinit { _ = Glibc.close(number) }

  /// Closes and says whether that worked, for files whose last bytes matter.
  consuming func close(_ path: String) throws(FileError) {
    let number = self.number
    discard self
    _ = try FileSystem.perform(.close, path) { Int(Glibc.close(number)) }
  }
}

/// Every system call on files of the data directory: one wrapper each, where EINTR and errno are handled once.
///
/// In debug builds a test can make the k-th call of a kind fail (`FileFaults`); release builds have no trace of it.
package enum FileSystem {
  /// The word completes "cannot … PATH".
  package enum Call: String, CaseIterable, Sendable {
    case open, read, write, fsync, close, rename, remove, list, lock, create = "create directory", stat
  }

  /// Repeats a call that a signal interrupted. Not `fsync` and `close`: after their failure the file's state is unknown, so
  /// it is thrown away and written anew.
  static func perform(_ call: Call, _ path: String, _ body: () -> Int) throws(FileError) -> Int {
    while true {
      #if DEBUG
        if let code = FileFaults.current?.code(for: call, path) {
          if code == EINTR, call != .fsync, call != .close { continue }
          if call == .close { _ = body() }  // the descriptor is gone in any case
          throw FileError(call: call, path: path, code: code)
        }
      #endif
      let result = body()
      if result >= 0 { return result }
      if errno == EINTR, call != .fsync, call != .close { continue }
      throw FileError(call: call, path: path, code: errno)
    }
  }

  /// Opens a file, made with mode 0600; a link in its place is refused.
  static func open(_ path: String, _ flags: CInt) throws(FileError) -> Descriptor {
    let number = try perform(.open, path) { unsafe Int(Glibc.open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)) }
    #if DEBUG
      if flags & O_EXCL != 0 { FileFaults.current?.note(.create(path)) }
    #endif
    return Descriptor(number: CInt(number))
  }

  /// Writes all bytes at the file's position, or at `offset`.
  static func write(
    _ file: borrowing Descriptor, _ path: String, _ bytes: UnsafePointer<UInt8>, count: Int, at offset: Int? = nil
  ) throws(FileError) {
    var done = 0
    while done < count {
      let number = file.number
      #if DEBUG
        let part = FileFaults.current?.part(of: count - done) ?? count - done
      #else
        let part = count - done
      #endif
      let written = try perform(.write, path) {
        if let offset { return unsafe pwrite(number, bytes + done, part, off_t(offset + done)) }
        return unsafe Glibc.write(number, bytes + done, part)
      }
      // A file system that takes nothing and reports no error would hold us forever.
      if written == 0 { throw FileError(call: .write, path: path, code: ENOSPC) }
      #if DEBUG
        if let recorder = FileFaults.current {
          let part = unsafe Array(UnsafeBufferPointer(start: bytes + done, count: written))
          recorder.noteWrite(path, offset: offset.map { $0 + done }, part)
        }
      #endif
      done += written
    }
  }

  /// Reads up to `count` bytes from `offset`; fewer only at the end of the file.
  static func read(
    _ file: borrowing Descriptor, _ path: String, _ out: UnsafeMutablePointer<UInt8>, count: Int, at offset: Int
  ) throws(FileError) -> Int {
    var done = 0
    while done < count {
      let number = file.number
      let got = try perform(.read, path) { unsafe pread(number, out + done, count - done, off_t(offset + done)) }
      if got == 0 { break }
      done += got
    }
    return done
  }

  static func fsync(_ file: borrowing Descriptor, _ path: String, isDirectory: Bool = false) throws(FileError) {
    let number = file.number
    _ = try perform(.fsync, path) { Int(Glibc.fsync(number)) }
    #if DEBUG
      FileFaults.current?.note(isDirectory ? .syncDirectory(path) : .sync(path))
    #endif
  }

  /// Makes the names in a directory durable. The directory itself may be reached through a link: systemd's
  /// `StateDirectory=` is one under `DynamicUser=`.
  static func fsyncDirectory(_ path: String) throws(FileError) {
    let number = try perform(.open, path) { unsafe Int(Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) }
    let directory = Descriptor(number: CInt(number))
    try fsync(directory, path, isDirectory: true)
  }

  static func rename(_ from: String, to: String) throws(FileError) {
    _ = try perform(.rename, from) { unsafe Int(Glibc.rename(from, to)) }
    #if DEBUG
      FileFaults.current?.note(.rename(from, to: to))
    #endif
  }

  static func remove(_ path: String) throws(FileError) {
    _ = try perform(.remove, path) { unsafe Int(unlink(path)) }
    #if DEBUG
      FileFaults.current?.note(.remove(path))
    #endif
  }

  /// Makes a directory of mode 0700 and the missing ones above it; one that is there stays as it is.
  static func makeDirectory(_ path: String) throws(FileError) {
    do throws(FileError) {
      _ = try perform(.create, path) { unsafe Int(mkdir(path, 0o700)) }
    } catch {
      if error.code == EEXIST { return }
      let above = parent(of: path)
      guard error.code == ENOENT, above != path, above != "." else { throw error }
      try makeDirectory(above)
      _ = try perform(.create, path) { unsafe Int(mkdir(path, 0o700)) }
    }
  }

  /// Size of a regular file; anything else is refused as if it could not be opened.
  static func size(_ file: borrowing Descriptor, _ path: String) throws(FileError) -> Int {
    var about = stat()
    let number = file.number
    _ = try perform(.stat, path) { unsafe Int(fstat(number, &about)) }
    guard about.st_mode & S_IFMT == S_IFREG else { throw FileError(call: .open, path: path, code: EINVAL) }
    return Int(about.st_size)
  }

  /// Names in a directory, in no order.
  static func list(_ path: String) throws(FileError) -> [String] {
    var stream: OpaquePointer?
    _ = try perform(.list, path) {
      unsafe stream = opendir(path)
      return unsafe stream == nil ? -1 : 0
    }
    guard let stream = unsafe stream else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
        unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
  static func name(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return path }
    return String(path[path.index(after: slash)...])
  }
}
