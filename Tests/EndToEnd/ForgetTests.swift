import Foundation
import Testing

@testable import TSEngine
@testable import ballconed

/// `ballconed forget`: what is erased is in no file any more, and what stays is as it was.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ForgetTests {
  private let scratch: Scratch
  private var data: String { scratch.file("data") }
  init() throws { scratch = try Scratch() }

  private static let today = Int(Date().timeIntervalSince1970) / 86_400

  /// Three days at two sites, in two generations. The paths of a day carry its number.
  private func fill() throws {
    for part in 0..<2 {
      var lines = ""
      for day in 0..<3 {
        for index in 0..<60 {
          let second = (Self.today - 2 + day) * 86_400 + index * 7 + part, service = index % 3 == 0 ? "shop" : "blog"
          let path = index % 5 == 0 ? "/secret" : index % 5 == 1 ? "/secret.css" : "/of-day\(day)/\(service)-\(index % 7)"
          lines += """
            {"t":\(second),"s":"\(service)","a":"198.51.100.\(index)","u":"\(path)","c":"200",\
            "b":"10","d":"0.1","r":"https://friend-of-\(service)-\(day).example/","ua":"curl/8.0"}

            """
        }
      }
      let log = try scratch.write(lines, to: "log\(part).json")
      let counted = try Program.run(["import", "-d", data, log])
      #expect(counted.out.contains("counted=180 "), "\(counted.out)\(counted.err)")
    }
    // Something that was set aside holds data too.
    let base = try #require(try FileManager.default.contentsOfDirectory(atPath: data).first { $0.hasPrefix("base.") })
    try FileManager.default.copyItem(atPath: data + "/" + base, toPath: data + "/base.9.corrupt")
  }

  /// The decoded bytes of every section of every file; grep would not see through LZ4.
  private func bytes() throws -> Data {
    var all = Data()
    for name in try FileManager.default.contentsOfDirectory(atPath: data) {
      let path = data + "/" + name
      all += try Data(contentsOf: URL(fileURLWithPath: path))
      guard name.hasPrefix("base.") else { continue }
      var reader = try SnapshotReader(path)
      for section in reader.sections {
        all += try unsafe reader.withBytes(section, limitBytes: 1 << 24) { cursor in
          unsafe Data(UnsafeBufferPointer(start: cursor.at, count: cursor.remaining))
        }
      }
    }
    return all
  }
  private func contains(_ text: String) throws -> Bool { try bytes().range(of: Data(text.utf8)) != nil }

  private func forget(_ arguments: String...) throws -> String {
    let run = try Program.run(["forget", "-d", data] + arguments)
    #expect(run.code == 0 && run.err.isEmpty, "\(run.err)")
    let files = try FileManager.default.contentsOfDirectory(atPath: data).filter { $0 != "key" && $0 != "lock" }
    #expect(files.filter { $0.hasPrefix("base.") || $0.hasPrefix("journal.") }.count == 1, "\(files)")
    #expect(try Program.run(["check", "-d", data]).code == 0)
    return run.out
  }

  /// Requests by value of a dimension over all days.
  private func values(_ service: String, _ dimension: String) throws -> [String: Int] {
    let daemon = try DaemonProcess(["-d", data])
    defer { daemon.stop() }
    let answer = try daemon.get(
      "/api/v1/query?service=\(service)&from=-4d&step=all&by=\(dimension)&metrics=requests&limit=1000")
    var found: [String: Int] = [:]
    for row in answer.json?["rows"]?.array ?? [] { found[row[dimension]?.text ?? "?"] = Int(row["requests"]?.double ?? 0) }
    return found
  }

  @Test func `a path is in no file any more, and its requests stay in every total`() throws {
    try fill()
    #expect(try contains("/secret.css"))
    let (before, assets) = (try values("blog", "path"), try values("blog", "asset"))
    let said = try forget("--path", "/secret", "--path", "/secret.css", "--path", "/nobody")
    #expect(
      said.contains("blog: /secret /secret.css: \((before["/secret"] ?? 0) + (before["/secret.css"] ?? 0)) requests"), "\(said)"
    )
    #expect(try !contains("/secret"))
    let after = try values("blog", "path")
    #expect(after["~forgotten"] == before["/secret"] && after["~forgotten.css"] == before["/secret.css"], "\(after)")
    #expect(after.values.reduce(0, +) == before.values.reduce(0, +) && after.count == before.count)
    #expect(try values("blog", "asset") == assets)
    #expect(after["/of-day0/blog-2"] == before["/of-day0/blog-2"])
  }

  @Test func `a service is gone with its names, and the other is as it was`() throws {
    try fill()
    let before = try values("blog", "path")
    #expect(try contains("friend-of-shop-0.example"))
    let said = try forget("--service", "shop")
    #expect(said.contains("shop: gone, 120 requests"), "\(said)")
    for name in ["shop"] { #expect(try !contains(name), "\(name)") }
    #expect(try contains("friend-of-blog-0.example"))
    #expect(try values("blog", "path") == before)
    #expect(try values("shop", "path").isEmpty)
  }

  @Test func `what is before a day is gone with its names, and what is after it stays`() throws {
    try fill()
    let said = try forget("--before", Timestamp.text((Self.today - 1) * 86_400 + 5))
    #expect(said.contains("blog: 80 requests of 1 days") && said.contains("shop: 40 requests of 1 days"), "\(said)")
    for name in ["/of-day0/", "friend-of-blog-0"] { #expect(try !contains(name), "\(name)") }
    let paths = try values("blog", "path")
    #expect(paths.values.reduce(0, +) == 160 && paths["/of-day0/blog-2"] == nil && paths["/of-day1/blog-2"] != nil, "\(paths)")
    let rest = try forget("--before", Timestamp.text((Self.today + 1) * 86_400))
    #expect(rest.contains("blog: gone") && rest.contains("shop: gone"), "\(rest)")
    #expect(try !contains("friend-of"))
  }

  @Test func `a directory in use, nothing and too much are refused`() throws {
    try fill()
    let daemon = try DaemonProcess(["-d", data])
    let refused = try Program.run(["forget", "-d", data, "--service", "blog"])
    #expect(refused.code == 1 && refused.err.contains("process \(daemon.pid)") && refused.err.contains("stop the daemon"))
    daemon.stop()
    #expect(try contains("friend-of-blog"))
    #expect(try Program.run(["forget", "-d", data], environment: ["BALLCONE_SERVICE": "blog"]).code == 2)
    #expect(try Program.run(["forget", "-d", data, "--before", "2026-01-01", "--path", "/"]).code == 2)
    #expect(try Program.run(["forget", "-d", data, "--before", "yesterday"]).code == 2)
    #expect(try Program.run(["forget", "-d", scratch.file("none"), "--service", "blog"]).code == 1)
    #expect(try contains("friend-of-blog"))
  }
}
