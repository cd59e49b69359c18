import Glibc
import TSEngine
import Testing

@testable import Syslog

/// The 3,000 lines that Fixtures/lines.* hold, compressed as two members or frames.
private let text: [UInt8] = (0..<3_000).flatMap { number -> [UInt8] in
  func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
  let time = "24/Nov/2026:03:\(two(number / 60 % 60)):\(two(number % 60)) +0000"
  return utf8(
    "192.0.2.\(number % 250) - - [\(time)] \"GET /page/\(number) HTTP/1.1\" 200 \(number) \"-\" \"Mozilla/5.0 (\(number * 7_919 % 1_000))\"\n"
  )
}

private struct Import {
  var ledger: ImportLedger? = nil
  var again = false
  var service = "site"

  /// Feeds `bytes` in pieces of `size`.
  func run(_ bytes: [UInt8], by size: Int = 100_000) -> ImportResult {
    var options = IngestOptions()
    options.service = service
    var log = LogImport(engine: makeEngine(), options: options, ledger: ledger, again: again) { 1_800_000_000 }
    var start = 0
    while start < bytes.count {
      let end = min(start + size, bytes.count)
      log.feed(bytes[start..<end].span)
      start = end
    }
    return log.finish()
  }

  func run(path: String) -> ImportResult {
    var options = IngestOptions()
    options.service = service
    var log = LogImport(engine: makeEngine(), options: options, ledger: ledger, again: again) { 1_800_000_000 }
    log.read(path: path)
    return log.finish()
  }
}

private func temporary(_ name: String) -> String { "/tmp/ballconed-test-\(getpid())-\(name)" }
private func write(_ bytes: [UInt8], to path: String) {
  let file = unsafe fopen(path, "w")!
  unsafe fwrite(bytes, 1, bytes.count, file)
  unsafe fclose(file)
}

@Suite struct LineSplitterTests {
  private func split(_ text: [UInt8], by size: Int) -> [String] {
    var splitter = LineSplitter()
    var lines: [String] = []
    var start = 0
    while start < text.count {
      let end = min(start + size, text.count)
      splitter.feed(text[start..<end].span) { line, isTruncated in lines.append(string(line) + (isTruncated ? "…" : "")) }
      start = end
    }
    splitter.finish { line, isTruncated in lines.append(string(line) + (isTruncated ? "…" : "")) }
    return lines
  }

  @Test(arguments: 1...40) func `lines are whole, however the text comes`(size: Int) {
    let lines = ["", "a", "bb", "", "a line of some length, longer than most pieces", "\r", "", "last"]
    #expect(split(utf8(lines.joined(separator: "\n")), by: size) == lines)
    #expect(split(utf8(lines.joined(separator: "\n") + "\n"), by: size) == lines)
  }

  @Test(arguments: [1_000, 131_072, 131_073, 1 << 20]) func `a line beyond 128 KiB is cut and said to be`(size: Int) {
    let long = [UInt8](repeating: 0x61, count: 300_000)
    let lines = split(long + [0x0a] + utf8("b\n") + long, by: size)
    #expect(lines.count == 3)
    #expect(lines[0].hasSuffix("a…") && lines[1] == "b" && lines[2].hasSuffix("a…"))
    let fitting = [UInt8](repeating: 0x61, count: EventBuilder.messageBytes)
    #expect(split(fitting + [0x0a], by: size) == [string(fitting)])
  }
}

@Suite struct LogImportTests {
  @Test(arguments: ["lines.gz", "lines.zst", "lines.lz4"], [1, 7, 4_096, 1 << 20])
  func `a compressed log is read through all its members`(file: String, size: Int) {
    let result = Import().run(Fixture.bytes(file), by: size)
    #expect(result.failure == nil)
    #expect(result.counts.received == 3_000 && result.counts.counted == 3_000)
  }

  @Test(arguments: ["lines.gz", "lines.zst", "lines.lz4"]) func `what is decompressed is the text, byte for byte`(file: String)
  {
    let ledger = ImportLedger()
    #expect(Import(ledger: ledger).run(text).counts.received == 3_000)
    let again = Import(ledger: ledger).run(Fixture.bytes(file))
    #expect(again.known == 3_000 && again.counts.received == 0)
  }

  @Test(arguments: ["lines.gz", "lines.zst", "lines.lz4"])
  func `a cut stream says so and keeps what came before`(file: String) {
    let bytes = Fixture.bytes(file)
    for count in [5, 10, 100, bytes.count / 2, bytes.count - 1] {
      let result = Import().run(Array(bytes[..<count]))
      #expect(result.failure == "cannot read on: got a compressed log cut short, want its end", "\(count)")
      #expect(result.counts.received < 3_000 || count == bytes.count - 1)
    }
    #expect(Import().run(Array(bytes[..<(bytes.count - 1)])).counts.received > 1_000)
  }

  @Test(arguments: ["lines.gz", "lines.zst", "lines.lz4"]) func `a damaged stream says so and never traps`(file: String) {
    let bytes = Fixture.bytes(file)
    var failures = 0
    for place in stride(from: 4, to: bytes.count, by: 997) {
      var damaged = bytes
      damaged[place] ^= 0xff
      if Import().run(damaged).failure != nil { failures += 1 }
    }
    #expect(failures > 20)  // neither zstd nor lz4 frames of these tools lack a checksum
  }

  @Test func `padding of zeros between gzip members is no damage`() {
    let bytes = Fixture.bytes("lines.gz")
    let result = Import().run(bytes + [UInt8](repeating: 0, count: 700) + bytes + [0])
    #expect(result.failure == nil && result.counts.received == 6_000)
  }

  @Test func `a frame that wants more than 8 MiB is refused`() {
    let frame: [UInt8] = [
      0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x88, 0x69, 0x00, 0x00, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x20, 0x77, 0x69, 0x6e, 0x64, 0x6f,
      0x77, 0x0a, 0, 0, 0, 0,
    ]
    #expect(Import().run(frame).failure == "cannot decompress: got tooLarge, want a sound stream")
  }

  @Test(arguments: [([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "xz"), (utf8("BZh91AY"), "bzip2"), ([0x50, 0x4b, 3, 4], "zip")])
  func `a format we do not read is named`(start: [UInt8], name: String) {
    let result = Import().run(start)
    #expect(result.failure == "cannot read the log: got \(name), want plain text, gzip, zstd or lz4")
    #expect(result.counts.received == 0)
  }

  @Test func `blank lines are empty messages, nothing is nothing`() {
    let result = Import().run(utf8("\n\r\n::1 - - [24/Nov/2026:03:59:02 +0000] \"GET / HTTP/1.1\" 200 6"))
    #expect(result.counts.received == 3 && result.counts[.empty] == 2)
    let nothing = Import(ledger: ImportLedger()).run([])
    #expect(nothing.failure == nil && nothing.counts == IngestCounts() && nothing.known == 0)
  }

  @Test func `a line longer than we take is truncated, the next is read`() {
    let long = utf8("::1 - - [24/Nov/2026:03:59:02 +0000] \"GET /") + [UInt8](repeating: 0x61, count: 1 << 20)
    let result = Import().run(long + text)
    #expect(result.counts[.truncated] == 1 && result.counts.received == 3_000 && result.counts.rejected == 1)
  }

  @Test func `Apache's own combined log is understood whole`() {
    let result = Import().run(Fixture.bytes("apache_combined.log"))
    #expect(result.counts.received == 8 && result.counts.rejected == 0)
  }

  @Test func `files are read as they are and by their content`() {
    let plain = temporary("plain.log"), packed = temporary("packed.log")
    defer { for path in [plain, packed] { _ = unsafe unlink(path) } }
    write(text, to: plain)
    write(Fixture.bytes("lines.gz"), to: packed)
    let ledger = ImportLedger()
    #expect(Import(ledger: ledger).run(path: plain).counts.received == 3_000)
    #expect(Import(ledger: ledger).run(path: packed).known == 3_000)
    #expect(
      Import().run(path: "/nonexistent").failure
        == "cannot open /nonexistent: got No such file or directory, want a readable file")
    #expect(Import().run(path: "/tmp").failure == "cannot read /tmp: got Is a directory, want a readable file")
  }
}

@Suite struct ImportLedgerTests {
  /// Texts around the edges of pieces: what was in, and what is fed later.
  private static let lengths = [1, 100, 262_143, 262_144, 262_145, 300_000, 524_288, 700_000]
  private static let long: [UInt8] = {
    var long: [UInt8] = []
    for number in 0..<10_000 { long += utf8("\(number): \(String(repeating: "x", count: number * 7 % 150))\n") }
    return long
  }()
  private func lines(_ bytes: some Sequence<UInt8>) -> Int {
    let count = bytes.reduce(0) { $0 + ($1 == 0x0a ? 1 : 0) }
    return Array(bytes).last == 0x0a ? count : count + 1
  }

  @Test(arguments: lengths) func `the same content is not counted again`(length: Int) {
    let ledger = ImportLedger(), log = Array(Self.long[..<length])
    #expect(Import(ledger: ledger).run(log).counts.received == lines(log))
    for size in [1_000, 262_144, 1 << 20] {
      let again = Import(ledger: ledger).run(log, by: size)
      #expect(again.counts.received == 0, "by \(size)")
      #expect(again.known == lines(log), "by \(size)")
    }
    #expect(ledger.count == 1)
  }

  @Test(arguments: lengths) func `of a grown log only the new lines are counted`(length: Int) {
    let ledger = ImportLedger()
    let before = Array(Self.long[..<length])
    #expect(Import(ledger: ledger).run(before).counts.received == lines(before))
    for end in [length + 1, length + 200, 600_000, 750_000] where end > length {
      let old = ImportLedger(ledger.all), after = Array(Self.long[..<end])
      let grown = Import(ledger: old).run(after)
      #expect(grown.known == lines(before), "to \(end)")
      #expect(grown.known + grown.counts.received == lines(after), "to \(end)")
      #expect(old.count == 1)  // the longer log stands for the shorter
      #expect(Import(ledger: old).run(after).known == lines(after))
    }
  }

  @Test func `a log that only begins alike is new from where it differs`() {
    let ledger = ImportLedger()
    _ = Import(ledger: ledger).run(Self.long)
    var other = Self.long
    other[10] = UInt8(ascii: "y")
    #expect(Import(ledger: ledger).run(other).known == 0)
    #expect(ledger.count == 2)
    var late = Self.long
    late[600_000] = UInt8(ascii: "y")
    let result = Import(ledger: ledger).run(late)
    #expect(result.known == lines(Self.long[..<524_288]))
    #expect(result.known + result.counts.received == lines(late))
    #expect(ledger.count == 3)
  }

  @Test func `of several logs that begin it the longest counts`() {
    let ledger = ImportLedger()
    for length in [100, 400, 200] { _ = Import(ledger: ledger).run(Array(Self.long[..<length])) }
    #expect(Import(ledger: ledger).run(Array(Self.long[..<1_000])).known == lines(Self.long[..<400]))
  }

  @Test func `another service and --again count once more`() {
    let ledger = ImportLedger()
    _ = Import(ledger: ledger).run(text)
    #expect(Import(ledger: ledger, service: "other").run(text).counts.received == 3_000)
    #expect(Import(ledger: ledger, again: true).run(text).counts.received == 3_000)
    #expect(ledger.count == 2)
    #expect(Import(ledger: ledger).run(text).known == 3_000)
  }

  @Test func `what could be read of a damaged log is remembered`() {
    let ledger = ImportLedger(), bytes = Fixture.bytes("lines.gz")
    let first = Import(ledger: ledger).run(Array(bytes[..<(bytes.count / 2)]))
    let second = Import(ledger: ledger).run(bytes)
    #expect(first.failure != nil && second.failure == nil)
    #expect(second.known == first.counts.received)
    #expect(first.counts.received + second.counts.received == 3_000)
  }

  @Test func `a ledger comes back from its file`() throws {
    let path = temporary("imports")
    defer { _ = unsafe unlink(path) }
    let ledger = ImportLedger()
    for length in Self.lengths { _ = Import(ledger: ledger, service: "s\(length)").run(Array(Self.long[..<length])) }
    try ledger.save(path: path)
    #expect(try ImportLedger.load(path: path)?.all == ledger.all)
    let empty = try ImportLedger.load(path: path + "-absent")
    #expect(empty?.count == 0)
    #expect(throws: FileError.self) { try ledger.save(path: "/nonexistent/imports") }
  }

  @Test(arguments: [
    "", "other 1\n", "ballconed-imports 2\n", "ballconed-imports 1\nx", "ballconed-imports 1\n- 0 0 -\n",
    "ballconed-imports 1\n- 5 zz -\n", "ballconed-imports 1\n- 5 1 1\n", "ballconed-imports 1\n- 40000 1 -\n",
    "ballconed-imports 1\n- 40000 1 x\n", "ballconed-imports 1\n- 5 1 - more\n",
  ]) func `a file that is no ledger is refused`(text: String) throws {
    let path = temporary("imports-bad-\(text.count)-\(text.hashValue)")
    defer { _ = unsafe unlink(path) }
    write(utf8(text), to: path)
    #expect(try ImportLedger.load(path: path) == nil)
  }

  @Test func `the oldest of too many logs are forgotten`() {
    let ledger = ImportLedger()
    for number in 0...ImportLedger.limit {
      ledger.add(ImportLedger.Entry(service: "", length: number + 1, pieces: [], end: 0), replacing: nil)
    }
    #expect(ledger.count == ImportLedger.limit)
    #expect(ledger.all.first?.length == 2)
  }

  @Test func `the hash of content never changes`() {
    #expect(ContentHash.hash(utf8("").span, seed: 0) == Self.golden[0])
    #expect(ContentHash.hash(utf8("ballconed").span, seed: 0) == Self.golden[1])
    #expect(ContentHash.hash(text.span, seed: 1) == Self.golden[2])
  }
  private static let golden: [UInt64] = [0xe28f2b2061a2b984, 0x4af738a7c5d0e2a8, 0x93ede83ac89e5fb9]
}
