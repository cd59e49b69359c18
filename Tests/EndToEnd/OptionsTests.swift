import Syslog
import Testing

@testable import ballconed

@Suite struct OptionsTests {
  private func options(_ arguments: String..., environment: [String: String] = [:]) throws -> Options {
    try Options(arguments, environment: environment)
  }

  @Test func `without arguments it serves with the defaults of the contract`() throws {
    let options = try options()
    #expect(options.command == .serve)
    #expect(options.host(.syslogHost) == "127.0.0.1" && options.number(.syslogPort) == 65_140)
    #expect(options.host(.webHost) == "127.0.0.1" && options.number(.webPort) == 8_080)
    #expect(options.dataDirectory == "ballcone-data" && !options.keepsNothing)
    #expect(options.seconds(.period) == 5 && options.number(.topLimit) == 5 && options.number(.days) == 30)
    #expect(options.bytes(.memory) == 64 << 20)
    #expect(options.seconds(.keepMinutes) == 48 * 3_600 && options.seconds(.keepHours) == 35 * 86_400)
    #expect(options.numberOrWord(.keepDays) == nil)
    #expect(!options.isOn(.insecure) && options.list(.listen).isEmpty)
  }

  @Test func `Ballcone's short flags are understood`() throws {
    let options = try options(
      "-sh", "127.0.0.2", "-sp", "1", "-wh", "::1", "-wp", "2", "-d", ":memory:", "-p", "9", "-t", "7", "--days", "3")
    #expect(options.host(.syslogHost) == "127.0.0.2" && options.number(.syslogPort) == 1)
    #expect(options.host(.webHost) == "::1" && options.number(.webPort) == 2)
    #expect(
      options.keepsNothing && options.seconds(.period) == 9 && options.number(.topLimit) == 7 && options.number(.days) == 3)
  }

  @Test func `a value may stand behind an equals sign, and the last one wins`() throws {
    let options = try options("--web-port=1", "--web-port", "2", "--base-path=/a=b")
    #expect(options.number(.webPort) == 2 && options.text(.basePath) == "/a=b")
  }

  @Test func `repeated options collect, names also by commas`() throws {
    let options = try options(
      "--listen", "tcp:127.0.0.1:1", "--listen=unix:/a,b", "--public-host", "a.example,b.example", "--public-host", "c.example")
    #expect(options.list(.listen) == ["tcp:127.0.0.1:1", "unix:/a,b"])
    #expect(options.list(.publicHost) == ["a.example", "b.example", "c.example"])
  }

  @Test func `the environment fills in what the command line leaves open`() throws {
    let environment = [
      "BALLCONE_WEB_PORT": "81", "BALLCONE_SYSLOG_PORT": "82", "BALLCONE_INSECURE": "yes",
      "BALLCONE_LISTEN": "tcp:[::1]:1,unix:/x",
      "BALLCONE_DAYS": "", "BALLCONE_UNKNOWN": "ignored", "STATE_DIRECTORY": "/var/lib/one:/var/lib/two",
    ]
    let options = try options("-wp", "80", environment: environment)
    #expect(options.number(.webPort) == 80 && options.number(.syslogPort) == 82 && options.isOn(.insecure))
    #expect(options.list(.listen) == ["tcp:[::1]:1", "unix:/x"] && options.number(.days) == 30)
    #expect(options.dataDirectory == "/var/lib/one")
  }

  @Test(arguments: [
    (["-wp", "65536"], #"cannot use -wp: got "65536", want 0…65535"#),
    (["--memory", "64MB"], #"cannot use --memory: got "64MB", want 16MiB…1TiB"#),
    (["--keep-minutes", "0"], #"cannot use --keep-minutes: got "0", want 1h…7d"#),
    (["--keep-days", "some"], #"cannot use --keep-days: got "some", want all or 1…36500"#),
    (["-wh", "example.com"], #"cannot use -wh: got "example.com", want an address or localhost"#),
    (["--insecure=1"], "cannot use --insecure: got a value, want none"),
    (["--data"], "cannot use --data: got nothing behind it, want DIR"),
    (["--web"], "cannot understand the command line: got --web, want an option of ballconed serve --help"),
    (["report", "--format", "xml"], #"cannot use --format: got "xml", want text, json, csv"#),
    (
      ["start"],
      "cannot understand the command line: got start, want an option or one of \(Options.commandNames)"
    ),
    (
      ["check", "dir"],
      "cannot understand the command line: got dir, want an option or one of \(Options.commandNames)"
    ),
    (["-p", "\u{1b}[2J"], #"cannot use -p: got "\u{1b}[2J", want 1s…1h"#),
  ]) func `a wrong command line says what it got and what it wants`(arguments: [String], message: String) {
    #expect(throws: UsageError(message: message)) { try Options(arguments) }
  }

  @Test func `a wrong value in the environment names the variable`() {
    let message = #"cannot use BALLCONE_PERIOD: got "soon", want 1s…1h"#
    #expect(throws: UsageError(message: message)) { try Options([], environment: ["BALLCONE_PERIOD": "soon"]) }
  }

  @Test func `import takes files and a lone dash`() throws {
    let options = try options("import", "--service", "blog", "a.log", "-", "--", "--odd-name")
    #expect(options.command == .import && options.operands == ["a.log", "-", "--odd-name"])
    #expect(options.text(.service) == "blog" && options.text(.importFormat) == "auto")
  }

  @Test func `every option stands in the table once, with a default that its own bounds allow`() throws {
    for name in Option.Name.allCases { #expect(Option.all.filter { $0.name == name }.count == 1, "\(name)") }
    for option in Option.all {
      guard let initial = option.initial, let command = option.commands.first, option.name != .data else { continue }
      #expect(throws: Never.self) { try Options([command.rawValue, "--" + option.flag, initial]) }
    }
    for command in Command.allCases {
      let flags = Option.all.filter { $0.commands.contains(command) }.flatMap {
        [$0.flag] + ($0.short.map { ["-" + $0] } ?? [])
      }
      #expect(Set(flags).count == flags.count, "\(command) has a flag twice")
    }
  }
}

@Suite struct UnitTests {
  @Test(arguments: [("5", 5), ("90s", 90), ("10m", 600), ("48h", 172_800), ("35d", 3_024_000), ("0", 0)])
  func `durations are read`(text: String, seconds: Int) { #expect(Unit.seconds(text) == seconds) }

  @Test(arguments: ["", "h", "-5", "+5", "5.5", "5 h", "1h30m", "9223372036854775807d", "٥"])
  func `anything else is no duration`(text: String) { #expect(Unit.seconds(text) == nil) }

  @Test(arguments: [("64MiB", 64 << 20), ("1GiB", 1 << 30), ("65536", 65_536), ("512B", 512), ("2KiB", 2_048)])
  func `sizes are read`(text: String, bytes: Int) { #expect(Unit.bytes(text) == bytes) }

  @Test(arguments: ["64MB", "64M", "mib", "1e3", "9000000TiB"])
  func `ambiguous sizes are refused`(text: String) { #expect(Unit.bytes(text) == nil) }

  @Test func `what is written reads back`() {
    for seconds in [0, 1, 59, 60, 90, 3_600, 86_400, 172_800] { #expect(Unit.seconds(Unit.duration(seconds)) == seconds) }
    for bytes in [0, 1, 1_023, 1_024, 64 << 20, 3 << 30] { #expect(Unit.bytes(Unit.size(bytes)) == bytes) }
  }
}

@Suite struct JSONValueTests {
  private func parse(_ text: String) -> JSONValue? { JSONValue(Array(text.utf8)) }

  @Test func `nested values come in their order`() {
    let value = parse(#" {"b": [1, -2.5e3, true, null], "a": {"x": "y"}} "#)
    #expect(value?["b"]?.array.map(\.double) == [1, -2_500, nil, nil])
    #expect(value?["a"]?["x"]?.text == "y" && value?["b"]?.array[2] == .bool(true))
    guard case .object(let members) = value else { Issue.record("no object"); return }
    #expect(members.map(\.key) == ["b", "a"])
  }

  @Test func `escapes and pairs of surrogates are decoded`() {
    #expect(parse(#""\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00""#) == .string("\"\\/\u{8}\u{c}\n\r\tAé😀"))
    #expect(parse(#""\ud83dx""#) == .string("\u{FFFD}x"))
  }

  @Test func `large integers keep their digits`() {
    #expect(parse("9007199254740993")?.text == "9007199254740993")
  }

  @Test(arguments: ["", "{", "[1,]", "{\"a\":}", "{\"a\" 1}", "tru", "\"open", "1 2", "\"\\x\"", "nul", "--1"])
  func `broken text is refused`(text: String) { #expect(parse(text) == nil) }

  @Test func `depth is bounded`() {
    #expect(parse(String(repeating: "[", count: 15) + String(repeating: "]", count: 15)) != nil)
    #expect(parse(String(repeating: "[", count: 100_000)) == nil)
  }

  @Test func `no truncated text traps`() {
    let text = Array(#"{"a":[1.5,{"b":"\u00e9\ud83d\ude00"},false,null]}"#.utf8)
    for length in 0..<text.count { #expect(JSONValue(Array(text[..<length])) == nil) }
  }

  @Test(arguments: [
    ("udp:127.0.0.1:1", Listening.Place.udp(host: "127.0.0.1", port: 1)), ("tcp:[::1]:2", .tcp(host: "::1", port: 2)),
    ("tcp:localhost:3", .tcp(host: "127.0.0.1", port: 3)), ("unix:/a,b", .unix(path: "/a,b")),
    ("unix:/a:1", .unix(path: "/a:1")),
  ]) func `a place to listen is read`(text: String, place: Listening.Place) throws {
    #expect(try #require(Listening(text)).place == place)
  }

  @Test(arguments: [
    "", "udp", "udp:", "udp:127.0.0.1", "udp:127.0.0.1:x", "udp:127.0.0.1:65536", "tcp:example.org:1", "http:127.0.0.1:1",
    "udp:127.0.0.1:1,allow=x", "udp:127.0.0.1:1,uid=1", "unix:/a,uid=x", "unix:/a,allow=10.0.0.0/8", "udp:127.0.0.1:1,other=1",
  ]) func `what is no place to listen is refused`(text: String) { #expect(Listening(text) == nil) }

  @Test func `who may send is said per place, else for all, else by the address`() throws {
    let ten = AddressRange("10.0.0.0/8")!, two = AddressRange("192.0.2.1")!
    #expect(Listening("udp:127.0.0.1:1")!.policy([]).addresses.isEmpty)  // only this machine gets there
    #expect(Listening("udp:[::1]:1")!.policy([]).addresses.isEmpty)
    let usual = Listening("tcp:0.0.0.0:1")!.policy([]).addresses
    #expect(usual == AddressRange.loopback + AddressRange.privateNetworks)
    #expect(Listening("udp:127.0.0.1:1")!.policy([ten]).addresses == [ten])
    #expect(Listening("tcp:0.0.0.0:1,allow=192.0.2.1")!.policy([ten]).addresses == [two])
    #expect(Listening("unix:/a,uid=33,uid=0")!.policy([ten]) == SenderPolicy(users: [33, 0]))
    #expect(
      Listening.list("udp:0.0.0.0:1,allow=10.0.0.0/8,unix:/a,uid=3").map { Listening($0)?.place } == [
        .udp(host: "0.0.0.0", port: 1), .unix(path: "/a"),
      ])
  }

  @Test(arguments: [
    ["--exclude", "colour=red"], ["--path-rule", "/a"], ["--trusted-proxy", "x"], ["--services", "a b"], ["--query", ","],
    ["--allow", "10.0.0.0/99"], ["--listen", "tcp:x"],
  ]) func `wrong rules are a usage error before anything starts`(arguments: [String]) throws {
    let run = try Program.run(["-d", ":memory:", "-sp", "0", "-wp", "0"] + arguments)
    #expect(run.code == 2 && run.err.hasPrefix("ballconed: cannot use \(arguments[0]): got \"\(arguments[1])\""), "\(run.err)")
  }
}
