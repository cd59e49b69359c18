import Foundation

/// Debian's gzip, so that our packer is not judged by itself.
func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
  let (status, out) = try run("/usr/bin/gzip", ["-dc"], input: bytes)
  guard status == 0 else { throw CocoaError(.fileReadCorruptFile) }
  return out
}

/// Runs a program to its end.
func run(_ program: String, _ arguments: [String], input: [UInt8] = []) throws -> (status: Int32, output: [UInt8]) {
  let process = Process(), source = Pipe(), sink = Pipe()
  process.executableURL = URL(fileURLWithPath: program)
  (process.arguments, process.standardInput, process.standardOutput, process.standardError) = (arguments, source, sink, sink)
  try process.run()
  let writer = source.fileHandleForWriting, data = Data(input)
  DispatchQueue.global().async {
    try? writer.write(contentsOf: data)
    try? writer.close()
  }
  let output = try sink.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  return (process.terminationStatus, Array(output))
}

/// A program somewhere in PATH.
func program(_ name: String) -> String? {
  ["/usr/bin/", "/usr/sbin/", "/usr/local/bin/"].map { $0 + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
}

enum Environment {
  static var isCI: Bool { ProcessInfo.processInfo.environment["CI"] != nil }
}
