import Testing

@testable import ballconed

@Suite struct ReportTests {
  /// Answers every question with one made-up row, and remembers what was asked.
  private final class Daemon {
    var asked: [String] = []
    func get(_ path: String) -> [UInt8] {
      asked.append(path)
      let totals = #""totals":{"visitors":310,"requests":51200,"pageviews":44000,"bytes":1536,"error_rate":0.0123,"#
      let body =
        #"{"from":"2026-10-02T00:00:00Z","to":"2026-10-03T00:00:00Z","rows":["#
        + #"{"time":"2026-10-02T00:00:00Z","path":"/a,b","source":"","country":"DE","browser":"=1+1","status":"200","#
        + #""bot":"a\u001b[2Jb","visitors":12,"requests":1234567,"bytes":5368709120}],"#
        + totals + #""duration_p50":0.00042,"duration_p95":1.26}}"#
      return Array(body.utf8)
    }
  }

  private func report(_ daemon: Daemon = Daemon(), service: String = "blog") throws -> Report {
    try Report(service: service, from: "-7d", to: nil, get: { daemon.get($0) })
  }

  @Test func `a text report has figures for people`() throws {
    let text = try report().text()
    #expect(text.hasPrefix("blog   2026-10-02T00:00:00Z … 2026-10-03T00:00:00Z\n\n"))
    #expect(
      text.contains("visitors 310   requests 51,200   page views 44,000   sent 1.5 KiB   errors 1.2 %   p50 420 µs   p95 1.3 s")
    )
    #expect(text.contains("day                                             visitors    requests        sent\n"))
    #expect(text.contains("2026-10-02                                            12   1,234,567     5.0 GiB\n"))
    #expect(text.contains("(direct)"))
    #expect(!text.contains("\u{1b}") && text.contains("a\u{FFFD}[2Jb"))
  }

  @Test func `a sheet gets cells that cannot break out`() throws {
    let lines = try report().csv().split(separator: "\n")
    #expect(lines.contains("blog,total,,visitors,310") && lines.contains("blog,day,2026-10-02,bytes,5368709120"))
    #expect(lines.contains(#"blog,path,"/a,b",visitors,12"#) && lines.contains("blog,browser,'=1+1,visitors,12"))
  }

  @Test func `JSON is the API's own`() throws {
    let json = try #require(JSONValue(Array(try report().json().utf8)))
    #expect(json["service"]?.text == "blog" && json["path"]?["totals"]?["visitors"]?.double == 310)
  }

  @Test func `what is asked is coded for a URL`() throws {
    let daemon = Daemon()
    _ = try Report(service: "blog", from: "2026-10-02T00:00:00+02:00", to: "a&b", get: { daemon.get($0) })
    #expect(daemon.asked.count == Report.sections.count)
    for path in daemon.asked {
      #expect(path.hasPrefix("/api/v1/query?service=blog&from=2026-10-02T00%3A00%3A00%2B02%3A00&limit=10&to=a%26b&metrics="))
    }
  }

  @Test func `the API's reason is passed on`() {
    let body = #"{"error":{"code":"unknown_service","message":"cannot find service: got \"x\", want one of /"}}"#
    #expect {
      try Report(service: "x", from: "-7d", to: nil, get: { _ in Array(body.utf8) })
    } throws: { ($0 as? Failure)?.message == #"cannot find service: got "x", want one of /"# }
    #expect {
      try Report(service: "x", from: "-7d", to: nil, get: { _ in Array("<html>".utf8) })
    } throws: { ($0 as? Failure)?.message == #"cannot read the daemon's answer: got "<html>", want JSON of ballconed"# }
  }

  @Test(arguments: [
    ("http://user:secret@host:80/path@x", "http://host:80/path@x"), ("http://host/", "http://host/"), ("host", "host"),
    ("https://a@b@c", "https://c"),
  ]) func `credentials stay out of messages`(url: String, shown: String) { #expect(Curl.withoutCredentials(url) == shown) }
}
