import Foundation
import Glibc
import Testing

@testable import ballconed

/// The commands beside `serve`, as a shell sees them.
@Suite(.serialized, .timeLimit(.minutes(10))) struct CommandTests {
  private let scratch: Scratch
  private var data: String { scratch.file("data") }
  init() throws { scratch = try Scratch() }

  private static func combined(
    _ path: String, _ second: Int, agent: String = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
  )
    -> String
  {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    var time = time_t(second), parts = unsafe tm()
    unsafe gmtime_r(&time, &parts)
    let stamp = unsafe String(
      format: "%02d/%@/%d:%02d:%02d:%02d +0000", parts.tm_mday, months[Int(parts.tm_mon)], Int(parts.tm_year) + 1900,
      parts.tm_hour,
      parts.tm_min, parts.tm_sec)
    return "203.0.113.7 - - [\(stamp)] \"GET \(path) HTTP/1.1\" 200 1234 \"-\" \"\(agent)\"\n"
  }
  private static var now: Int { Int(Date().timeIntervalSince1970) }

  @Test func `import counts files and standard input, once`() throws {
    let log = (0..<50).map { Self.combined("/\($0 % 5)", Self.now - 600 + $0) }.joined()
    let file = try scratch.write(log + "nonsense\n", to: "access.log")
    let first = try Program.run(["import", "-d", data, "--service", "blog", file])
    #expect(first.code == 0 && first.out == "\(file) counted=50 rejected=1 known=0\n", "\(first.out)\(first.err)")
    #expect(first.err.contains("format") && !first.err.contains("nonsense"), "\(first.err)")

    // Renamed and grown: what is new is counted.
    let grown = try scratch.write(log + "nonsense\n" + Self.combined("/new", Self.now - 60), to: "access.log.1")
    let second = try Program.run(["import", "-d", data, "--service", "blog", grown])
    #expect(second.code == 0 && second.out == "\(grown) counted=1 rejected=0 known=51\n", "\(second.out)\(second.err)")

    let third = try Program.run(["import", "-d", data, "--service", "shop", "-"], input: Self.combined("/", Self.now - 30))
    #expect(third.code == 0 && third.out == "- counted=1 rejected=0 known=0\n", "\(third.out)\(third.err)")

    let report = try Program.run(["report", "-d", data])
    #expect(
      report.code == 0 && report.out.contains("blog") && report.out.contains("shop") && report.out.contains("/new"),
      "\(report.err)")
  }

  @Test func `import fails when nothing is understood or a file cannot be read`() throws {
    let file = try scratch.write("one\ntwo\n", to: "noise.log")
    let noise = try Program.run(["import", "-d", data, "--service", "blog", file])
    #expect(noise.code == 1 && noise.out == "\(file) counted=0 rejected=2 known=0\n", "\(noise.out)\(noise.err)")
    let missing = try Program.run(["import", "-d", data, "--service", "blog", scratch.file("none.log")])
    #expect(missing.code == 1 && missing.err.contains("cannot") && missing.err.contains("none.log"), "\(missing.err)")
  }

  @Test func `a running daemon is asked by its address`() throws {
    let daemon = try DaemonProcess(["-d", ":memory:"])
    let log = (0..<20).map { Self.combined("/a b", Self.now - 600 + $0) }.joined()
    let file = try scratch.write(log, to: "access.log")
    let sent = try Program.run(["import", "--to", daemon.web + "/", "--service", "blog", file])
    #expect(sent.code == 0 && sent.out == "\(file) counted=20 rejected=0 known=0\n", "\(sent.out)\(sent.err)")
    let piped = try Program.run(
      ["import", "--to", daemon.web, "--service", "blog", "-"], input: Self.combined("/", Self.now - 5))
    #expect(piped.code == 0 && piped.out == "- counted=1 rejected=0 known=0\n", "\(piped.out)\(piped.err)")

    let text = try Program.run(["report", "--from-url", daemon.web, "--service", "blog", "--from", "-1d"])
    #expect(text.code == 0 && text.out.hasPrefix("blog   ") && text.out.contains("requests 21"), "\(text.out)\(text.err)")
    let json = try Program.run(["report", "--from-url", daemon.web, "--format", "json"])
    #expect(
      JSONValue(Array(json.out.utf8))?.array.first?["total"]?["totals"]?["requests"]?.double == 21, "\(json.out)\(json.err)")
    let unknown = try Program.run(["report", "--from-url", daemon.web, "--service", "nobody"])
    #expect(unknown.code == 1 && unknown.out.isEmpty && unknown.err.contains("nobody"), "\(unknown.err)")
    daemon.stop()
    let gone = try Program.run(["report", "--from-url", daemon.web])
    #expect(gone.code == 1 && gone.err.contains("cannot reach"), "\(gone.err)")
  }

  @Test func `check tells sound, damaged and missing apart`() throws {
    let missing = try Program.run(["check", "-d", scratch.file("nowhere")])
    #expect(missing.code == 2 && missing.err.contains("nowhere"), "\(missing.err)")
    let file = try scratch.write(Self.combined("/", Self.now - 60), to: "access.log")
    #expect(try Program.run(["import", "-d", data, "--service", "blog", file]).code == 0)
    let sound = try Program.run(["check", "-d", data])
    #expect(sound.code == 0 && !sound.out.isEmpty, "\(sound.out)\(sound.err)")
  }

  @Test func `nginx prints lines for one site, and refuses what could not be one`() throws {
    let lines = try Program.run(["nginx", "--service", "blog", "--address", "[::1]:6514"])
    #expect(lines.code == 0 && lines.out.contains("\"s\":\"blog\"") && lines.out.contains("server=[::1]:6514,"))
    let wrong = try Program.run(["nginx", "--service", "a b; }"])
    #expect(wrong.code == 2 && wrong.out.isEmpty && wrong.err.contains("cannot"))
    #expect(try Program.run(["nginx", "--address", "x y"]).code == 2)
  }

  @Test func `test tells how a line is understood, or why and where it is not`() throws {
    let line = #"<190>Nov 24 03:59:02 vm web: {"a":"192.0.2.1","u":"/users/7?q=1","c":"200"}"#
    let good = try Program.run(["test", "--path-rule", "/users/* -> /users/:id", line])
    #expect(good.code == 0 && good.out.hasPrefix("counted\n") && good.out.contains("path          /users/:id\n"), "\(good.out)")
    let bad = try Program.run(["test", #"{"s":"a","a":"nowhere"}"#])
    #expect(bad.code == 1 && bad.out.hasPrefix("rejected: address: "), "\(bad.out)")
    let several = try Program.run(
      ["test", "-", "--format", "combined"], input: "x\n\n1.2.3.4 - - [24/Nov/2026:03:59:02 +0000] \"GET / HTTP/1.1\" 200 6\n")
    #expect(
      several.code == 1 && several.out.contains("rejected: format: ") && several.out.contains("rejected: service: "),
      "\(several.out)")
    #expect(try Program.run(["test", "a", "b"]).code == 2)
    let hostile = try Program.run(["test", "\u{1b}]0;x\u{7}{"])
    #expect(!hostile.out.contains("\u{1b}"))
  }

  @Test(arguments: ["nginx", "haproxy", "caddy", "apache", "rsyslog"]) func `lines to paste are printed`(sender: String) throws
  {
    let lines = try Program.run([sender, "--service", "blog", "--address", "192.0.2.9:99"])
    #expect(lines.code == 0 && lines.out.contains("192.0.2.9") && lines.out.contains("blog"), "\(lines.out)")
    #expect(try Program.run([sender, "--service", "a b"]).code == 2)
  }
}
