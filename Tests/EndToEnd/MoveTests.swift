import Foundation
import Glibc
import Testing

@testable import ballconed

/// Moving to another machine: `export`, and `import` of what it wrote.
@Suite(.serialized, .timeLimit(.minutes(10))) struct MoveTests {
  private let scratch: Scratch
  private var old: String { scratch.file("old") }
  init() throws { scratch = try Scratch() }

  private static let questions = [
    "report", "report --service blog --format json --from -5d", "report --service shop --format csv --from -2d",
  ]

  /// Three days at two sites, so that minutes, hours and days are closed, packed and open.
  private func fill(_ directory: String, count: Int = 4_000) throws {
    let now = Int(Date().timeIntervalSince1970)
    var lines = ""
    for index in 0..<count {
      let second = now - 3 * 86_400 + index * 3 * 86_400 / count
      let status = [200, 200, 404, 500][index % 4], service = index % 3 == 0 ? "shop" : "blog"
      let agent = index % 5 == 0 ? "Googlebot/2.1" : "curl/8.\(index % 9)"
      lines += """
        {"t":\(second),"s":"\(service)","a":"198.51.100.\(index * 7 % 200)","u":"/p/\(index % 61)","c":"\(status)",\
        "b":"\(index * 13)","d":"0.\(100 + index % 800)","r":"https://r\(index % 5).example/","ua":"\(agent)"}

        """
    }
    let log = try scratch.write(lines, to: "log.json")
    let counted = try Program.run(["import", "-d", directory, log])
    #expect(counted.code == 0 && counted.out.contains("counted=\(count) "), "\(counted.out)\(counted.err)")
  }

  private func export(_ directory: String, to name: String, _ more: [String] = []) throws -> String {
    let export = try Program.run(["export", "-d", directory] + more)
    #expect(export.code == 0 && export.err.isEmpty, "\(export.err)")
    return try scratch.write(export.out, to: name)
  }

  /// A directory with nothing but the key of another.
  private func empty(_ name: String) throws -> String {
    let directory = scratch.file(name)
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: old + "/key", toPath: directory + "/key")
    return directory
  }

  private static func answers(_ directory: String) throws -> [String] {
    try questions.map { try Program.run($0.split(separator: " ").map(String.init) + ["-d", directory]).out }
  }

  @Test func `an export that is imported and exported again is the same, and so is every answer`() throws {
    try fill(old)
    let file = try export(old, to: "a.ndjson"), new = try empty("new")
    let moved = try Program.run(["import", "--format", "ballcone-export", "-d", new, file])
    #expect(moved.code == 0 && moved.out.hasPrefix("\(file) services=2 lines="), "\(moved.out)\(moved.err)")
    let again = try export(new, to: "b.ndjson")
    #expect(FileManager.default.contentsEqual(atPath: file, andPath: again))
    // A report says until when it goes: both must be of the same minute.
    var same: Bool?
    for _ in 0..<5 where same == nil {
      let before = try Self.answers(old), moved = try Self.answers(new)
      if try Self.answers(old) == before { same = moved == before }
    }
    #expect(same == true)
    #expect(try Program.run(["check", "-d", new]).code == 0)
    // What is already in is known there too.
    let known = try Program.run(["import", "-d", new, scratch.file("log.json")])
    #expect(known.out.contains("counted=0") && known.out.contains("known=4000"), "\(known.out)")
  }

  @Test func `one service goes alone, through a pipe, and its numbers are plain JSON`() throws {
    try fill(old)
    let new = try empty("new"), text = try Program.read(export(old, to: "a.ndjson", ["--service", "shop"]))
    let moved = try Program.run(["import", "--format", "ballcone-export", "-d", new, "-"], input: text)
    #expect(moved.code == 0 && moved.out.hasPrefix("- services=1"), "\(moved.out)\(moved.err)")
    #expect(try Program.run(["export", "-d", new]).out == text)
    var requests = 0, paths: [String: Int] = [:], rows = 0
    for line in text.split(separator: "\n") {
      let json = try #require(JSONValue(Array(line.utf8)))
      // Closed days, and the open one, which its service carries.
      let open = (json["open"]?.array ?? []).filter { $0["kind"]?.text == "day" || $0["kind"]?.text == "hour" }
      for bucket in (json["kind"]?.text == "day" ? [json] : []) + open {
        for audience in ["people", "bots"] { requests += Int(bucket[audience]?["requests"]?.double ?? 0) }
        for value in bucket["tables"]?["path"]?.array ?? [] {
          paths[value.array[0].text ?? "", default: 0] += Int((value.array[1].double ?? 0) + (value.array[2].double ?? 0))
        }
      }
      rows += json["kind"]?.text == "rows" ? json["values"]?.array.count ?? 0 : 0
    }
    #expect(requests == 1_334 && paths.values.reduce(0, +) == 1_334 && paths["/p/3"] == 22, "\(requests) \(paths)")
    #expect(rows > 1_000)
    let key = try Program.read(old + "/key").dropLast()
    #expect(!text.contains(key) && text.contains("\"visitor_key\":"))
    let unknown = try Program.run(["export", "-d", old, "--service", "nobody"])
    #expect(unknown.code == 1 && unknown.err.contains("nobody") && unknown.err.contains("blog"), "\(unknown.err)")
  }

  @Test func `data, another key, a changed line and a torn file are refused, and nothing is left of them`() throws {
    try fill(old, count: 600)
    let file = try export(old, to: "a.ndjson"), text = try Program.read(file)
    func refused(_ directory: String, _ input: String, _ words: String..., line: UInt = #line) throws {
      let run = try Program.run(["import", "--format", "ballcone-export", "-d", directory, "-"], input: input)
      #expect(run.code == 1 && words.allSatisfy { run.err.contains($0) }, "\(line): \(run.code) \(run.err)")
    }
    try refused(old, text, "got data in \(old)", "want an empty directory")
    try refused(scratch.file("fresh"), text, "got visitors of key", "copy the file key", scratch.file("fresh") + "/key")
    let new = try empty("new")
    // A number in the words, a digit of the data, a lost line, two lines exchanged, a torn end.
    try refused(new, text.replacingOccurrences(of: #""requests":1,"#, with: #""requests":2,"#), "words that do not follow")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let day = try #require(lines.firstIndex { $0.contains(#""kind":"day""#) })
    var changed = lines
    changed[day] = changed[day].replacingOccurrences(of: #""data":"VAAA"#, with: #""data":"VAAB"#)
    try #require(changed != lines || !lines[day].contains("VAAA"))
    if changed != lines { try refused(new, changed.joined(separator: "\n"), "cannot import") }
    changed = lines
    changed.remove(at: day)
    try refused(new, changed.joined(separator: "\n"), "cannot import")
    changed = lines
    changed.swapAt(day, 4)
    try refused(new, changed.joined(separator: "\n"), "cannot import")
    try refused(new, String(text.dropLast(200)), "line \(lines.count - 1)")
    try refused(new, text.replacingOccurrences(of: #""snapshot_version":1"#, with: #""snapshot_version":99"#), "99", "newer")
    try refused(new, "what is this\n", "another kind of file")
    try refused(new, "", "another kind of file")
    #expect(try FileManager.default.contentsOfDirectory(atPath: new).sorted() == ["key", "lock"])
    #expect(try Program.run(["import", "--format", "ballcone-export", "-d", new, file]).code == 0)
  }

  @Test func `a directory in use is named with its process, and the way into the daemon`() throws {
    try fill(old, count: 100)
    let daemon = try DaemonProcess(["-d", old])
    let second = try Program.run(["serve", "-d", old, "-sp", "0", "-wp", "0"])
    #expect(second.code == 1 && second.err.contains("process \(daemon.pid)") && second.err.contains(old), "\(second.err)")
    let log = try Program.run(["import", "-d", old, scratch.file("log.json")])
    #expect(log.code == 1 && log.err.contains("process \(daemon.pid)") && log.err.contains("--to http://"), "\(log.err)")
    // Looking is always allowed.
    #expect(try Program.run(["export", "-d", old]).code == 0)
    #expect(daemon.stop().code == 0)
  }
}
