import Foundation
import Testing

@testable import TSEngine
@testable import ballconed

/// README, "Privacy": no address and no User-Agent is ever in a file.
@Suite(.serialized, .timeLimit(.minutes(10))) struct SecretTests {
  /// Every byte of a directory, and of what its snapshots hold compressed.
  static func bytes(of directory: String) throws -> Data {
    var all = Data()
    for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
      let path = directory + "/" + name
      all += try Data(contentsOf: URL(fileURLWithPath: path))
      guard name.hasPrefix("base."), !name.hasSuffix(".tmp") else { continue }
      var reader = try SnapshotReader(path)
      for section in reader.sections {
        all += try unsafe reader.withBytes(section, limitBytes: 1 << 26) { cursor in
          unsafe Data(UnsafeBufferPointer(start: cursor.at, count: cursor.remaining))
        }
      }
    }
    return all
  }

  @Test func `no address and no User-Agent that was sent is in any file`() throws {
    let scratch = try Scratch(), data = scratch.file("data")
    let addresses = (0..<60).map { $0 % 3 == 0 ? "2001:db8:\($0 + 0x1000):77::\($0 + 1)" : "198.51.\($0 + 100).\(200 - $0)" }
    let agents = (0..<12).map { "Mozilla/5.0 (X11; Linux x86_64; rv:1\($0).0) Gecko/20100101 Firefox/1\($0).0 private-\($0)" }
    func line(_ index: Int) -> String {
      """
      <190>Nov 24 10:00:00 vm web: {"s":"blog","a":"\(addresses[index % 60])","u":"/page/\(index % 7)?token=secret\(index)","c":"200",\
      "b":"12","d":"0.1","r":"https://friend.example/private?q=secret\(index)","ua":"\(agents[index % 12])"}
      """
    }
    let daemon = try DaemonProcess(["-d", data, "-p", "1"])
    try daemon.send((0..<120).map(line))
    _ = try daemon.accounting(received: 120)
    usleep(1_500_000)  // a save while it runs
    var found = try Self.bytes(of: data)
    try daemon.send((120..<180).map(line))
    _ = try daemon.accounting(received: 180)
    let log = try daemon.stderr()
    #expect(daemon.stop().code == 0)
    found += try Self.bytes(of: data)
    found += Data(try Program.run(["export", "-d", data]).out.utf8)
    found += Data(log.utf8)
    #expect(found.range(of: Data("/page/3".utf8)) != nil && found.range(of: Data("friend.example".utf8)) != nil, "it looks")
    for secret in addresses + agents + ["private-", "secret", "Gecko/20100101"] {
      #expect(found.range(of: Data(secret.utf8)) == nil, "\(secret) is in a file")
    }
    // Nor as bytes: an IPv4 address is four of them, which chance alone puts into 100 kB once in 40,000.
    for address in addresses where !address.contains(":") {
      let four = address.split(separator: ".").compactMap { UInt8($0) }
      #expect(found.range(of: Data(four)) == nil, "\(address) is in a file as bytes")
    }
    let attributes = try FileManager.default.attributesOfItem(atPath: data + "/key")
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }
}
