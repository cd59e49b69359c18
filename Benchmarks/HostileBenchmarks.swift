import Glibc
import Syslog
import TSEngine

/// Lines of 64 KiB that somebody made to be slow. None may take longer than 50 µs.
enum HostileBenchmarks {
  static let limitNanoseconds = 50_000

  static func run() {
    var builder = EventBuilder(
      engine: Engine(EngineOptions(), accounting: Accounting()) { 1_795_600_000 }, countries: nil,
      visitorIncludesAgent: false)
    var worst = (name: "", nanoseconds: 0)
    for (name, line) in lines {
      let bytes = Array(line.utf8)
      var best = Int.max
      for _ in 0..<50 {
        if builder.batch.isFull { builder.batch.removeAll() }
        let start = nanoseconds()
        do throws(Rejection) {
          try builder.add(bytes.span, format: .auto, service: nil, arrival: 1_795_600_000)
        } catch {}
        best = min(best, nanoseconds() - start)
      }
      print("hostile: \(name)\t\(best / 1_000).\(best / 100 % 10) µs")
      if best > worst.nanoseconds { worst = (name, best) }
    }
    print("hostile: worst of \(lines.count): \(worst.name), \(worst.nanoseconds / 1_000) µs")
    guard worst.nanoseconds <= limitNanoseconds else {
      print("FAILED: a line takes longer than \(limitNanoseconds / 1_000) µs")
      exit(1)
    }
  }

  static let lines: [(String, String)] = {
    func fill(_ text: String, _ before: String = "", _ after: String = "") -> String {
      before + String(repeating: text, count: max(0, (65_500 - before.utf8.count - after.utf8.count) / text.utf8.count)) + after
    }
    let some = #"{"s":"a","a":"192.0.2.1","#
    let line = #"192.0.2.1 - - [24/Nov/2026:03:59:02 +0000] "GET / HTTP/1.1" 200 6 "#
    let named = [
      "t", "s", "a", "m", "u", "c", "b", "d", "ud", "r", "ua", "p", "h", "xff", "request", "args", "generation_time_us",
    ]
    var lines: [(String, String)] = [
      ("empty keys", fill(#""":"","#, "{", "}")), ("one-letter keys", fill(#""z":"","#, "{", "}")),
      ("long keys", fill(#""generation_time_ms":1,"#, "{", "}")), ("bare values", fill(#""q":1,"#, "{", "}")),
      ("commas", fill(",", "{", "}")), ("spaces", fill(" ")), ("line feeds", fill("\n")),
      ("spaces in JSON", fill(" ", "{", "}")),
      ("open brackets", fill("[", "{\"x\":")), ("braces", fill("{", "{\"x\":")),
      ("numbers in a list", fill("1,", "{\"x\":[", "]}")),
      ("empty lists", fill("[],", "{\"x\":[", "]}")), ("strings in a list", fill(#""","#, "{\"x\":[", "]}")),
      ("quotes", fill("\"")), ("backslashes in a string", fill(#"\\"#, "{\"x\":\"", "\"}")),
      ("headers", fill(#""A":["b"],"#, #"{"request":{"headers":{"#, "}}}")),
      ("colons", fill(": ", "<1>")), ("colons and brackets", fill(": [", "<1>")), ("colons and dates", fill(": [24", "<1>")),
      ("structured data", fill("a", "<1>1 - - - - - [")), ("structured quotes", fill("\"", "<1>1 - - - - - [")),
      ("structured elements", fill("[a]", "<1>1 - - - - - ")), ("header spaces", fill(" ", "<1>Nov 24 03:59:02 ")),
      ("brackets in a user", fill("[", "1.2.3.4 - ")), ("dates in a user", fill("[24", "1.2.3.4 - ")),
      ("request quotes", fill(#"\""#, #"1.2.3.4 - - [24/Nov/2026:03:59:02 +0000] ""#, "\"")),
      ("spaces before status", fill(" ", #"1.2.3.4 - - [24/Nov/2026:03:59:02 +0000] "GET / HTTP/1.1""#, "200 6")),
      ("spaces in a target", fill(" ", #"{"s":"a","a":"192.0.2.1","request":"GET "#, " HTTP/1.1\"}")),
      ("ampersands", fill("&", some + #""u":"/?"#, "\"}")), ("parameters", fill("ref=%ff&", some + #""u":"/?"#, "\"}")),
      ("percent signs", fill("%", some + #""u":"/"#, "\"}")), ("encoded", fill("%ff", some + #""u":"/"#, "\"}")),
      ("X-Forwarded-For in combined", fill("1.1.1.1,", line + "\"-\" \"-\" \"", "\"")),
    ]
    for name in named {
      for (kind, text) in [
        ("digits", "1"), ("zeros", "0"), ("letters", "x"), ("spaces", " "), ("escapes", #"\""#), ("unicode", #"\u0001"#),
        ("hex", #"\xff"#),
        ("broken UTF-8", "\u{80}"), ("slashes", "/"), ("dots", "."), ("colons", ":"), ("commas", ","), ("exponent", "1e"),
        ("semicolons", "(compatible; "),
      ] {
        let rest = named.filter { $0 != name && ["s", "a", "u", "ua"].contains($0) }.map { key in
          let value = ["s": "a", "a": "192.0.2.1", "u": "/", "ua": "x"][key] ?? ""
          return "\"\(key)\":\"\(value)\","
        }
        lines.append(("\(kind) in \(name)", fill(text, "{" + rest.joined() + "\"\(name)\":\"", "\"}")))
      }
    }
    return lines
  }()

  private static func nanoseconds() -> Int {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1_000_000_000 + now.tv_nsec
  }
}
