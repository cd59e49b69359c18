import Foundation
import Glibc
import Testing

@testable import ballconed

/// A directory of its own for one test, removed with it.
final class Scratch {
  let path: String
  init() throws {
    path = NSTemporaryDirectory() + "ballconed-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
  func create(_ name: String) throws -> FileHandle? {
    try Data().write(to: URL(fileURLWithPath: file(name)))
    return FileHandle(forWritingAtPath: file(name))
  }
  func write(_ text: String, to name: String) throws -> String {
    try text.write(toFile: file(name), atomically: false, encoding: .utf8)
    return file(name)
  }
}

extension Process {
  /// Runs it with no signal blocked. The threads that tests run on block all of them, and children inherit that: what they
  /// start in turn could not be ended.
  func start() throws {
    var none = sigset_t(), before = sigset_t()
    unsafe sigemptyset(&none)
    unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    try run()
  }
}

/// A program run to its end.
struct Finished {
  let code: Int32
  let out: String
  let err: String
}

enum Program {
  /// `BALLCONED` when set (the static release), else what this test run built.
  static let path: String = {
    if let chosen = ProcessInfo.processInfo.environment["BALLCONED"] { return chosen }
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appendingPathComponent("ballconed").path
  }()

  /// Nothing of the caller's settings leaks into a test.
  static func environment(_ more: [String: String] = [:]) -> [String: String] {
    ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp"].merging(more) { $1 }
  }

  static func run(
    _ arguments: [String], of executable: String = path, input: String? = nil, environment: [String: String] = [:]
  ) throws -> Finished {
    let scratch = try Scratch()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = Self.environment(environment)
    process.standardOutput = try scratch.create("out")
    process.standardError = try scratch.create("err")
    process.standardInput = FileHandle(forReadingAtPath: try input.map { try scratch.write($0, to: "in") } ?? "/dev/null")
    try process.start()
    process.waitUntilExit()
    return Finished(code: process.terminationStatus, out: try read(scratch.file("out")), err: try read(scratch.file("err")))
  }

  static func read(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }
}

/// A running `ballconed serve` on free ports.
final class DaemonProcess {
  let ready: String  // the one line of its stdout
  let syslogPort: Int
  let web: String  // http://127.0.0.1:PORT
  private let process: Process
  private let errors: String
  private let output: FileHandle
  private let scratch: Scratch

  struct NotReady: Error, CustomStringConvertible {
    let description: String
  }

  /// Returns once it is ready; throws with what it wrote on stderr when it is not within ten seconds.
  /// - Parameter wrapper: a program, with its arguments, that runs it.
  init(_ arguments: [String], environment: [String: String] = [:], under wrapper: [String] = []) throws {
    scratch = try Scratch()
    errors = scratch.file("stderr")
    process = Process()
    let command = wrapper + [Program.path, "serve", "-sp", "0", "-wp", "0"] + arguments
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.environment = Program.environment(environment)
    process.standardInput = FileHandle.nullDevice
    process.standardError = try scratch.create("stderr")
    let pipe = Pipe()
    process.standardOutput = pipe
    output = pipe.fileHandleForReading
    try process.start()

    var text = ""
    let deadline = Date().addingTimeInterval(10)
    while !text.contains("\n"), Date() < deadline {
      var watch = pollfd(fd: output.fileDescriptor, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&watch, 1, 100) > 0 else { continue }
      let piece = output.availableData
      if piece.isEmpty { break }
      text += String(decoding: piece, as: UTF8.self)
    }
    guard text.hasSuffix("\n"), let syslog = Self.field("syslog", of: text), let address = Self.field("web", of: text),
      let port = syslog.split(separator: ":").last.flatMap({ Int($0) })
    else {
      process.terminate()
      process.waitUntilExit()
      throw NotReady(description: "not ready: stdout \(text.debugDescription), stderr: \(try Program.read(errors))")
    }
    (ready, syslogPort, web) = (String(text.dropLast()), port, address)
  }

  deinit {
    if process.isRunning {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
  }

  private static func field(_ name: String, of line: String) -> String? {
    line.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
  }

  var pid: pid_t { process.processIdentifier }
  var isRunning: Bool { process.isRunning }
  func signal(_ number: CInt) { kill(pid, number) }
  func stderr() throws -> String { try Program.read(errors) }

  /// Ends it by `number`; its exit code (or signal), how long that took, and what else it wrote on stdout.
  @discardableResult
  func stop(_ number: CInt = SIGTERM) -> (code: Int32, reason: Process.TerminationReason, seconds: Double, out: String) {
    let start = Date()
    signal(number)
    process.waitUntilExit()
    let rest = String(decoding: output.readDataToEndOfFile(), as: UTF8.self)
    return (process.terminationStatus, process.terminationReason, Date().timeIntervalSince(start), rest)
  }

  // MARK: Asking it

  struct Answer {
    let status: Int
    let head: String
    let body: String
    var json: JSONValue? { JSONValue(Array(body.utf8)) }
    func header(_ name: String) -> String? {
      head.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
        .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }
  }

  func get(_ path: String, _ more: String...) throws -> Answer { try request(path, more) }
  func post(_ path: String, body: String, _ more: String...) throws -> Answer {
    let file = scratch.file("body")
    try body.write(toFile: file, atomically: false, encoding: .utf8)
    return try request(path, ["--request", "POST", "--header", "Expect:", "--data-binary", "@" + file] + more)
  }

  private func request(_ path: String, _ more: [String]) throws -> Answer {
    let arguments = ["--silent", "--show-error", "--globoff", "--include", "--max-time", "30"] + more + [web + path]
    let curl = try Program.run(arguments, of: "/usr/bin/curl")
    #expect(curl.code == 0, "curl \(path): \(curl.err)")
    let parts = curl.out.replacingOccurrences(of: "\r\n", with: "\n")
    let end = parts.range(of: "\n\n")
    let head = end.map { String(parts[..<$0.lowerBound]) } ?? parts
    let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return Answer(status: status, head: head, body: end.map { String(parts[$0.upperBound...]) } ?? "")
  }

  /// Sends datagrams to its syslog port.
  func send(_ datagrams: [[UInt8]]) throws {
    let socket = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
    defer { close(socket) }
    let to = try #require(SocketAddress(host: "127.0.0.1", port: syslogPort))
    for datagram in datagrams {
      let sent = unsafe to.withAddress { unsafe sendto(socket, datagram, datagram.count, 0, $0, $1) }
      #expect(sent == datagram.count)
    }
  }
  func send(_ datagrams: [String]) throws { try send(datagrams.map { Array($0.utf8) }) }

  /// The accounting of `/api/v1/status`.
  func accounting() throws -> Accounted {
    let status = try #require(try get("/api/v1/status").json)
    func number(_ name: String) -> Int { status[name]?.double.map { Int($0) } ?? -1 }
    var rejected: [String: Int] = [:]
    if case .object(let members) = status["rejected"] {
      for (reason, count) in members { rejected[reason] = Int(count.double ?? -1) }
    }
    return Accounted(
      received: number("received"), counted: number("counted"), rejected: rejected, excluded: number("excluded"),
      dropped: number("dropped"))
  }

  /// Waits until so many messages arrived and all of them are accounted for.
  func accounting(received: Int, within seconds: Double = 10) throws -> Accounted {
    let deadline = Date().addingTimeInterval(seconds)
    var seen = try accounting()
    while seen.received < received || !seen.balances, Date() < deadline {
      usleep(20_000)
      seen = try accounting()
    }
    return seen
  }
}

enum Port {
  /// One that nobody had a moment ago.
  static func free() throws -> Int {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
    #expect(unsafe any.withAddress { unsafe bind(descriptor, $0, $1) } == 0)
    return try #require(SocketAddress(of: descriptor)).port
  }
}

extension Port {
  /// The same for datagrams.
  static func freeDatagram() throws -> Int {
    let descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
    defer { close(descriptor) }
    let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
    #expect(unsafe any.withAddress { unsafe bind(descriptor, $0, $1) } == 0)
    return try #require(SocketAddress(of: descriptor)).port
  }
}

/// received = counted + Σ rejected + excluded
struct Accounted: Equatable {
  var received = 0, counted = 0
  var rejected: [String: Int] = [:]
  var excluded = 0, dropped = 0
  var refused: Int { rejected.values.reduce(0, +) }
  var balances: Bool { received == counted + refused + excluded }
}

/// Captured datagrams: each behind its length as a little-endian 32-bit number.
enum Captured {
  static func datagrams(_ name: String) throws -> [[UInt8]] {
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let bytes = [UInt8](try Data(contentsOf: source.appendingPathComponent("SyslogTests/Fixtures/\(name).u32")))
    var datagrams: [[UInt8]] = [], at = 0
    while at + 4 <= bytes.count {
      let count = (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
      datagrams.append(Array(bytes[at + 4..<at + 4 + count]))
      at += 4 + count
    }
    return datagrams
  }
}
