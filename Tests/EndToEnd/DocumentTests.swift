import Foundation
import Testing

@testable import ballconed

/// What is written down is what the program does.
@Suite struct DocumentTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private func document(_ name: String) throws -> String { try Program.read(Self.root.appendingPathComponent(name).path) }

  /// The text between `<!-- name -->` and `<!-- /name -->`.
  private func part(_ name: String, of text: String) throws -> String {
    let start = try #require(text.range(of: "<!-- \(name) -->\n")), end = try #require(text.range(of: "<!-- /\(name) -->"))
    return text[start.upperBound..<end.lowerBound].trimmingCharacters(in: .newlines)
  }

  @Test func `the README's option table is the table that parses`() throws {
    let table = Option.table(for: .serve)
    #expect(try part("options", of: document("README.md")) == table, "what belongs there:\n\(table)")
  }

  @Test func `the help of serve is what it was`() throws {
    #expect(Option.help(for: .serve) + "\n" == (try document("Tests/EndToEnd/Fixtures/help.txt")))
  }

  @Test func `every command has a help of its own`() throws {
    for command in Command.allCases {
      let help = try Program.run(["" + command.rawValue, "--help"])
      #expect(help.code == 0 && help.out == Option.help(for: command) + "\n" && help.err.isEmpty)
      for option in Option.all where option.commands.contains(command) { #expect(help.out.contains("--\(option.flag)")) }
      for line in help.out.split(separator: "\n") { #expect(line.count <= 110, "\(line)") }
    }
  }

  @Test(arguments: [["-v"], ["--version"], ["report", "--version"]])
  func `the version is one line`(arguments: [String]) throws {
    let run = try Program.run(arguments)
    #expect(run.code == 0 && run.out == "ballconed \(Version.text)\n" && run.err.isEmpty)
  }

  @Test(arguments: [["--nonsense"], ["-wp"], ["check", "--memory", "1GiB"], ["import"]])
  func `a usage error is exit code 2 with one line on stderr`(arguments: [String]) throws {
    let run = try Program.run(arguments)
    #expect(run.code == 2 && run.out.isEmpty)
    #expect(run.err.hasPrefix("ballconed: cannot ") && run.err.split(separator: "\n").count == 1)
  }

  @Test func `the README, the demo and the program agree on the nginx lines`() throws {
    let printed = try Program.run(["nginx"])
    #expect(printed.code == 0 && printed.out.contains("log_format"))
    for line in printed.out.split(separator: "\n").map({ $0.trimmingCharacters(in: .whitespaces) }) where !line.isEmpty {
      #expect(try document("README.md").contains(line), "README.md lacks \(line)")
      if !line.hasPrefix("#") { #expect(try document("demo/nginx.conf").contains(line), "demo/nginx.conf lacks \(line)") }
    }
  }
}
