import Glibc
import Testing

@testable import TSEngine

@Suite struct TimeZoneTests {
  /// Lines a command prints.
  private static func lines(of command: String) throws -> [String] {
    guard let stream = unsafe popen(command, "r") else { return [] }
    defer { unsafe pclose(stream) }
    var lines: [String] = [], line = [CChar](repeating: 0, count: 512)
    while unsafe fgets(&line, 512, stream) != nil {
      lines.append(String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
    return lines
  }

  @Test func `every zone of the database agrees with the system's date from 1900 to 2200`() throws {
    let directory = TemporaryDirectory()
    var random = SplitMix(seed: 21)
    // 1900 … 2200, half of them where people will ask.
    let instants = (0..<150).map { index in
      index % 2 == 0
        ? Int.random(in: -2_208_988_800..<7_258_118_400, using: &random)
        : Int.random(in: 1_700_000_000..<1_900_000_000, using: &random)
    }
    TemporaryDirectory.write(Array(instants.map { "@\($0)\n" }.joined().utf8), to: directory.path + "/instants")
    let names = try Self.lines(of: "grep -v '^#' /usr/share/zoneinfo/zone.tab | cut -f3")
    #expect(names.count > 300)
    for name in names {
      let zone = try TimeZone(named: name)
      let offsets = try Self.lines(of: "TZ=\(name) date -f \(directory.path)/instants '+%::z'").map { text in
        let parts = text.dropFirst().split(separator: ":").map { Int($0)! }
        return (text.hasPrefix("-") ? -1 : 1) * (parts[0] * 3_600 + parts[1] * 60 + parts[2])
      }
      #expect(instants.map { zone.offset(at: $0) } == offsets, "\(name)")
    }
  }

  @Test(arguments: [
    ("Europe/Paris", 846_377_999, 7_200), ("Europe/Paris", 846_378_000, 3_600), ("UTC", 0, 0),
    ("Asia/Kathmandu", 1_790_000_000, 20_700), ("America/New_York", 4_102_444_800, -18_000),
    ("Australia/Lord_Howe", 1_767_225_600, 39_600),
  ])
  func `known offsets`(name: String, second: Int, offset: Int) throws {
    #expect(try TimeZone(named: name).offset(at: second) == offset)
  }

  @Test(arguments: [
    "", "/etc/passwd", "../../../etc/passwd", "Europe", "Europe/Atlantis", "Europe/Paris\0", String(repeating: "a", count: 65),
  ])
  func `no other file can be named`(name: String) {
    #expect(throws: TimeZoneError.self) { try TimeZone(named: name) }
  }

  @Test func `a damaged file never traps`() throws {
    for name in ["Europe/Paris", "America/Sao_Paulo", "Africa/Casablanca"] {
      let whole = try #require(TemporaryDirectory.contents("/usr/share/zoneinfo/" + name))
      for length in stride(from: 0, to: whole.count, by: 7) {
        #expect(throws: TimeZoneError.self) { try TimeZone(name, tzif: Array(whole.prefix(length))) }
      }
      var random = SplitMix(seed: 22)
      for _ in 0..<400 {
        var bytes = whole
        for _ in 0..<3 {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8(truncatingIfNeeded: random.next())
        }
        guard let zone = try? TimeZone(name, tzif: bytes) else { continue }
        for second in [-4_000_000_000, 0, 1_790_000_000, 9_000_000_000] { #expect(abs(zone.offset(at: second)) < 700_000) }
      }
    }
  }

  @Test(arguments: [
    ("CET-1CEST,M3.5.0,M10.5.0/3", 1_774_746_000, 7_200), ("CET-1CEST,M3.5.0,M10.5.0/3", 1_774_745_999, 3_600),
    ("<+0330>-3:30", 0, 12_600), ("EST5EDT,M3.2.0,M11.1.0", 1_772_953_200, -14_400),
    ("NZST-12NZDT,M9.5.0,M4.1.0/3", 1_767_225_600, 46_800), ("XXX3YYY,J60,J300", 5_115_600, -7_200),
    ("XXX3YYY,J60,J300", 5_115_599, -10_800), ("XXX3YYY,59/0,300", 5_097_600 + 10_800, -7_200),
  ])
  func `rules after the last listed time`(text: String, second: Int, offset: Int) throws {
    #expect(try #require(ZoneRule(Array(text.utf8)[...])).offset(at: second) == offset)
  }

  @Test(arguments: [
    "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "C!T-1", "CET-999", "CET-1CEST,M3.6.0,M10.5.0",
    "<+03-3",
  ])
  func `a rule that is none is refused`(text: String) { #expect(ZoneRule(Array(text.utf8)[...]) == nil) }
}
