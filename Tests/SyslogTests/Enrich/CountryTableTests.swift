import Glibc
import TSEngine
import Testing

@testable import Syslog

/// A file that is gone with its owner.
struct TemporaryFile: ~Copyable {
  let path: String

  init(_ bytes: [UInt8] = []) {
    var name = Array("/tmp/ballconed-test-XXXXXX".utf8CString)
    let file = unsafe mkstemp(&name)
    precondition(file >= 0)
    close(file)
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    write(bytes)
  }
  deinit { unsafe unlink(path) }

  /// Overwrites in place, as a careless copy does: the file keeps its identity.
  func write(_ bytes: [UInt8]) {
    let file = unsafe open(path, O_WRONLY | O_TRUNC)
    precondition(unsafe file >= 0 && Glibc.write(file, bytes, bytes.count) == bytes.count)
    close(file)
  }
}

@Suite struct CountryTableTests {
  private static func table(_ name: String) throws -> CountryTable {
    try CountryTable(path: Fixture.path("\(name).mmdb"))
  }
  private static func code(_ table: CountryTable, _ address: String) throws -> String {
    let parsed = Address.parse(utf8(address).span)
    return table.country(of: try #require(parsed)).code
  }

  /// What geoip/test_databases.py wrote, by what it was told.
  private static let answers = [
    ("1.0.0.0", "AU"), ("1.0.0.255", "AU"), ("0.255.255.255", "XL"), ("1.0.1.0", "CN"), ("1.0.3.255", "CN"), ("1.0.4.0", "ZZ"),
    ("4.255.255.255", "ZZ"), ("5.0.0.0", "DE"), ("5.200.1.1", "DE"), ("5.255.255.255", "DE"), ("6.0.0.0", "ZZ"),
    ("8.8.8.8", "US"), ("8.8.9.0", "ZZ"), ("81.2.69.141", "ZZ"), ("81.2.69.142", "GB"), ("81.2.69.143", "GB"),
    ("81.2.69.144", "ZZ"),
    ("100.64.0.1", "XL"), ("10.1.1.1", "XL"), ("223.255.255.255", "JP"), ("223.255.254.255", "ZZ"), ("255.255.255.255", "XL"),
    ("::ffff:5.0.0.1", "DE"), ("64:ff9b::8.8.8.8", "US"), ("2002:0500:1::1", "DE"), ("unix:", "XL"),
  ]
  private static let answers6 = [
    ("2001:200::1", "JP"), ("2001:200:ffff:ffff::", "JP"), ("2001:201::", "ZZ"), ("2001:1ff:ffff:ffff::1", "ZZ"),
    ("2a00:1450:4001:81b::200e", "IE"), ("2a00:1450:47ff:ffff::", "IE"), ("2a00:1450:4800::", "ZZ"), ("2a00:1450:3fff::", "ZZ"),
    ("2a01:4f8:0:1::2", "DE"), ("2a01:4f8:0:2::2", "ZZ"), ("2a01:4f8:0:0::2", "ZZ"), ("2a02:6b8::feed", "RU"),
    ("2a02:6b9::1", "ZZ"), ("1::", "ZZ"), ("ffff::", "XL"), ("fe80::1", "XL"),
  ]

  @Test(arguments: ["country24", "country28", "country32"])
  func `records of every size give the countries they hold`(name: String) throws {
    let table = try Self.table(name)
    for (address, code) in Self.answers + Self.answers6 { #expect(try Self.code(table, address) == code, "\(address)") }
    #expect(table.rangeCounts.v4 == 14)
    #expect(table.rangeCounts.v6 == 9)  // without what leads to IPv4 once more
    #expect(table.databaseType == "Country")
    #expect(table.attribution == "test ranges")
    #expect(table.description == "Country, 2026-10-28: test ranges")
  }

  @Test func `a file of IPv4 alone knows no IPv6`() throws {
    let table = try Self.table("country4")
    for (address, code) in Self.answers { #expect(try Self.code(table, address) == code, "\(address)") }
    #expect(try Self.code(table, "2001:200::1") == "ZZ")
    #expect(table.rangeCounts.v6 == 1)
  }

  @Test func `a city file gives countries, of registration where there is no other`() throws {
    let table = try Self.table("city")
    for (address, code) in Self.answers where code != "CN" { #expect(try Self.code(table, address) == code, "\(address)") }
    #expect(try Self.code(table, "1.0.1.0") == "ZZ")  // the record has neither
    #expect(try Self.code(table, "2a02:6b8::1") == "RU")
  }

  @Test func `every truncation is refused or read, and never traps`() throws {
    let whole = Fixture.bytes("country28.mmdb")
    let file = TemporaryFile()
    for count in 0..<whole.count {
      file.write(Array(whole[..<count]))
      #expect(throws: CountryError.self, "\(count) bytes") { try CountryTable(path: file.path) }
    }
  }

  @Test(arguments: [UInt8(0x01), 0x80, 0xff])
  func `a flipped byte anywhere is refused or read, and never traps`(mask: UInt8) throws {
    let whole = Fixture.bytes("city.mmdb")
    let file = TemporaryFile()
    var refused = 0
    for index in whole.indices {
      var bytes = whole
      bytes[index] ^= mask
      file.write(bytes)
      do {
        let table = try CountryTable(path: file.path)
        for (address, _) in Self.answers + Self.answers6 { _ = try Self.code(table, address) }
      } catch let error as CountryError {
        refused += 1
        #expect(error.description.hasPrefix("cannot read country database \(file.path): "))
        #expect(!error.description.contains("\n"))
      }
    }
    #expect(refused > 20 && refused < whole.count)
  }

  @Test func `a tree that runs in circles is refused`() throws {
    var bytes = Fixture.bytes("country24.mmdb")
    for index in 6..<12 { bytes[index] = index % 3 == 2 ? 1 : 0 }  // both records of node 1 are node 1
    let file = TemporaryFile(bytes)
    #expect(throws: CountryError(path: file.path, got: "a search tree that runs in circles", want: "a sound MaxMind DB file")) {
      try CountryTable(path: file.path)
    }
  }

  @Test(arguments: [
    ("/nonexistent/country.mmdb", "No such file or directory"),
    ("/tmp", "got something else than a file, want a file of 1…1073741824 bytes"),
    ("/dev/zero", "got something else than a file, want a file of 1…1073741824 bytes"),
    ("/proc/self/exe", "want a MaxMind DB file (.mmdb)"),
    (#filePath, "want a MaxMind DB file (.mmdb)"),
  ])
  func `what is no database gives one clear line`(path: String, reason: String) {
    let error = #expect(throws: CountryError.self) { try CountryTable(path: path) }
    #expect(error?.description.hasPrefix("cannot read country database \(path): ") == true)
    #expect(error?.description.hasSuffix(reason) == true, "\(error.debugDescription)")
  }

  @Test func `what a file says of itself is one line`() throws {
    var bytes = Fixture.bytes("country24.mmdb")
    let said = utf8("test ranges")
    let at = try #require(bytes.indices.first { bytes[$0...].starts(with: said) })
    (bytes[at + 4], bytes[at + 5], bytes[at + 6]) = (10, 27, 0xff)
    let file = TemporaryFile(bytes)
    #expect(try CountryTable(path: file.path).attribution == "test  \u{fffd}nges")
  }

  @Test func `a refused file leaves the old table in use`() throws {
    let file = TemporaryFile(Fixture.bytes("country24.mmdb"))
    let lookup = try CountryLookup(path: file.path)
    file.write(utf8("no database"))
    #expect(throws: CountryError.self) { try lookup.replace(path: file.path) }
    #expect(try Self.code(try #require(lookup.current()), "8.8.8.8") == "US")
    file.write(Fixture.bytes("city.mmdb"))
    try lookup.replace(path: file.path)
    #expect(lookup.current()?.databaseType == "City")
  }

  @Test func `a file truncated while in use does not matter`() throws {
    let file = TemporaryFile(Fixture.bytes("country24.mmdb"))
    let table = try CountryTable(path: file.path)
    file.write([])
    #expect(try Self.code(table, "8.8.8.8") == "US")
  }

  @Test func `without a table there is none`() {
    #expect(CountryLookup().current() == nil)
    #expect(CountryLookup.usualPlaces.contains("/var/lib/ballconed/country.mmdb"))
    #expect(CountryLookup.usualPlaces.contains("/usr/share/GeoIP/GeoLite2-Country.mmdb"))
    #expect(CountryLookup.usualPlaces.contains("./share/country.mmdb"))
    #expect(CountryLookup.usualPlaces.allSatisfy { $0.hasSuffix(".mmdb") })
  }
}
