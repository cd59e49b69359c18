@testable import TSEngine

/// Every state of a directory that a power cut may leave, from what a program did to it.
///
/// The rules are POSIX's and no kinder: what was synced is there; a write that was not is kept, lost, or torn at any 512 bytes,
/// the rest missing or zeros; names change in order, up to any point behind the last sync of the directory.
struct PowerCut {
  typealias Files = [String: [UInt8]]  // by name

  private struct Inode {
    var durable: [UInt8] = []
    var writes: [(offset: Int, bytes: [UInt8])] = []  // since the last sync

    static func apply(_ bytes: [UInt8], at offset: Int, to content: inout [UInt8]) {
      if content.count < offset + bytes.count {
        content += [UInt8](repeating: 0, count: offset + bytes.count - content.count)
      }
      content.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
    var whole: [UInt8] {
      writes.reduce(into: durable) { Self.apply($1.bytes, at: $1.offset, to: &$0) }
    }

    /// What may be found of it.
    func variants() -> [[UInt8]] {
      if writes.isEmpty { return [durable] }
      var found = [durable, whole], content = durable
      for (index, write) in writes.enumerated() {
        // This one lost, those behind it kept: writes reach the disk in any order.
        var without = content
        for other in writes[(index + 1)...] { Self.apply(other.bytes, at: other.offset, to: &without) }
        found.append(without)
        for cut in stride(from: (write.offset / 512 + 1) * 512, to: write.offset + write.bytes.count, by: 512) {
          var torn = content
          Self.apply(Array(write.bytes.prefix(cut - write.offset)), at: write.offset, to: &torn)
          found.append(torn)
          found.append(torn + [UInt8](repeating: 0, count: max(0, whole.count - torn.count)))
        }
        Self.apply(write.bytes, at: write.offset, to: &content)
      }
      return found
    }
  }

  private enum NameChange {
    case link(String, inode: Int)
    case rename(String, to: String)
    case unlink(String)
  }

  private var inodes: [Inode] = []
  private var names: [String: Int]  // as the program sees them
  private var durableNames: [String: Int]
  private var nameChanges: [NameChange] = []  // since the directory's last sync
  private(set) var marks = 0
  private let directory: String

  init(_ directory: String, _ files: Files) {
    self.directory = directory
    (names, durableNames) = ([:], [:])
    for (name, bytes) in files {
      names[name] = inodes.count
      inodes.append(Inode(durable: bytes))
    }
    durableNames = names
  }

  private func name(_ path: String) -> String? {
    path.hasPrefix(directory + "/") ? String(path.dropFirst(directory.count + 1)) : nil
  }

  mutating func apply(_ change: FileFaults.Change) {
    switch change {
    case .create(let path):
      guard let name = name(path) else { return }
      inodes.append(Inode())
      names[name] = inodes.count - 1
      nameChanges.append(.link(name, inode: inodes.count - 1))
    case .write(let path, let offset, let bytes):
      guard let name = name(path), let inode = names[name] else { return }
      inodes[inode].writes.append((offset, bytes))
    case .sync(let path):
      guard let name = name(path), let inode = names[name] else { return }
      inodes[inode] = Inode(durable: inodes[inode].whole)
    case .syncDirectory(let path):
      guard path == directory else { return }
      durableNames = names
      nameChanges = []
    case .rename(let from, let to):
      guard let from = name(from), let to = name(to), let inode = names.removeValue(forKey: from) else { return }
      names[to] = inode
      nameChanges.append(.rename(from, to: to))
    case .remove(let path):
      guard let name = name(path) else { return }
      names[name] = nil
      nameChanges.append(.unlink(name))
    case .mark(let number): marks = number
    }
  }

  /// Calls `body` for each state that may be found if the power goes now.
  func forEachState(_ body: (Files) throws -> Void) rethrows {
    var found = durableNames
    try forEachContent(of: found, body)
    for change in nameChanges {
      switch change {
      case .link(let name, let inode): found[name] = inode
      case .rename(let from, let to): if let inode = found.removeValue(forKey: from) { found[to] = inode }
      case .unlink(let name): found[name] = nil
      }
      try forEachContent(of: found, body)
    }
  }

  /// Files that were not synced vary one at a time, the others being whole, and all lost at once. A temporary file is
  /// removed unread at the next start: one form of it is enough.
  private func forEachContent(of found: [String: Int], _ body: (Files) throws -> Void) rethrows {
    let whole = found.mapValues { inodes[$0].whole }
    try body(whole)
    try body(found.mapValues { inodes[$0].durable })
    for (name, inode) in found where !name.hasSuffix(AtomicFile.suffix) && !inodes[inode].writes.isEmpty {
      for variant in inodes[inode].variants() {
        var files = whole
        files[name] = variant
        try body(files)
      }
    }
  }
}
