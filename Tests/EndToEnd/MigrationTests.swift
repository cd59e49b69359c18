import Foundation
import Testing

@testable import ballconed

/// The history of the original Ballcone: every stored row becomes an event.
@Suite(.serialized, .timeLimit(.minutes(10))) struct MigrationTests {
  private let scratch: Scratch
  private var data: String { scratch.file("data") }
  init() throws { scratch = try Scratch() }

  private static let header =
    "datetime,host,path,status,length,generation_time,referer,ip,country_iso_code,platform_name,platform_version,"
    + "browser_name,browser_version,is_robot\n"
  /// As `COPY blog TO 'blog.csv' (HEADER)` of DuckDB 1.4 writes them.
  private static let rows = [
    "2021-03-04 10:00:00,example.org,/a b?x=1,200,1000,0.25,https://www.google.com/,192.0.2.1,DE,Windows,NT 10.0,Chrome,"
      + "89.0.4389.82,false",
    "2021-03-04 10:00:30.123456,example.org,\"/say \"\"hi\"\",\nyou\",404,20,0.5,,192.0.2.1,DE,Mac OS,X 10.15,Safari,14.0,false",
    "2021-03-04 11:00:00,example.org,/100%25,500,7,,,2001:db8::1,,,,Googlebot,2.1,true",
    "2021-03-05 09:00:00,,/a b,304,0,0.001,https://example.org/x,192.0.2.2,US,Linux,,Firefox,86.0,false",
  ]
  private static let bad = [
    "yesterday,,/x,200,0,,,192.0.2.1,,,,,,false", "2021-03-05 09:00:01,,/x,200,0,,,nowhere,,,,,,false", "too,few",
  ]

  private func query(_ text: String) throws -> JSONValue {
    let daemon = try DaemonProcess(["-d", data])
    defer { daemon.stop() }
    let answer = try daemon.get(
      "/api/v1/query?service=blog&from=2021-03-01T00:00:00Z&to=2021-03-10T00:00:00Z&step=all&" + text)
    #expect(answer.status == 200, "\(answer.body)")
    return try #require(answer.json)
  }
  private func values(_ dimension: String, _ metric: String = "requests") throws -> [String: Double] {
    var found: [String: Double] = [:]
    for row in try query("by=\(dimension)&metrics=\(metric)")["rows"]?.array ?? [] {
      found[row[dimension]?.text ?? "?"] = row[metric]?.double
    }
    return found
  }

  @Test func `each row keeps its time, path, status, bytes, agent, referrer, address and duration`() throws {
    let file = try scratch.write(Self.header + Self.rows.joined(separator: "\n") + "\n", to: "blog.csv")
    let run = try Program.run(["migrate", "-d", data, file])
    #expect(run.code == 0 && run.out == "\(file) service=blog counted=4 rejected=0 known=0\n" && run.err == "", "\(run.err)")
    let totals = try #require(try query("metrics=requests,visitors,bytes,errors,duration_avg")["totals"])
    #expect(totals["requests"]?.double == 4 && totals["visitors"]?.double == 3 && totals["bytes"]?.double == 1_027)
    #expect(totals["errors"]?.double == 1)
    #expect(abs((totals["duration_avg"]?.double ?? 0) - 0.251 * 1 / 1.002_66) < 0.001, "\(totals)")
    #expect(try values("path") == ["/a b": 2, "/say \"hi\",\nyou": 1, "/100%25": 1])
    #expect(try values("status") == ["200": 1, "404": 1, "500": 1, "304": 1])
    let countries = try values("country")
    #expect(countries["DE"] == 2 && countries["US"] == 1)
    #expect(try values("browser") == ["Chrome": 1, "Safari": 1, "Firefox": 1, "": 1])
    #expect(try values("browser_version")["Chrome 89"] == 1)
    #expect(try values("platform")["macOS"] == 1)
    #expect(try values("bot") == ["Googlebot": 1])
    #expect(try values("referrer") == ["google.com": 1, "example.org": 1, "": 2])
  }

  @Test func `bad rows are counted by reason and named by line, and nothing counts twice`() throws {
    let text = Self.header + Self.rows[1] + "\n" + Self.bad.joined(separator: "\n") + "\n" + Self.rows[0] + "\n"
    let file = try scratch.write(text, to: "blog.csv")
    let first = try Program.run(["migrate", "-d", data, file])
    #expect(first.code == 0 && first.out == "\(file) service=blog counted=2 rejected=3 known=0\n", "\(first.out)\(first.err)")
    // The first row has a newline in its path.
    for line in [
      "rejected: format=1 address=1 time=1", "line 4: time: time", "line 5: address: address",
      "line 6: format: number of fields",
    ] {
      #expect(first.err.contains(line), "\(first.err)")
    }
    let again = try Program.run(["migrate", "-d", data, "--service", "blog", file])
    #expect(again.out == "\(file) service=blog counted=0 rejected=0 known=5\n", "\(again.out)\(again.err)")
    // A table that has grown: only what is new.
    let grown = try scratch.write(text + Self.rows[3] + "\n", to: "grown.csv")
    let more = try Program.run(["migrate", "-d", data, "--service", "blog", grown])
    #expect(more.out == "\(grown) service=blog counted=1 rejected=0 known=5\n", "\(more.out)\(more.err)")
    #expect(try values("path").values.reduce(0, +) == 3)
    let wrong = try Program.run(["migrate", "-d", data, scratch.write("a,b\n1,2\n", to: "other.csv")])
    #expect(wrong.code == 1 && wrong.err.contains("datetime"), "\(wrong.err)")
    #expect(try Program.run(["migrate", "-d", data, "-"], input: text).code == 2)
  }
}
