import TSEngine
import Testing

@testable import Syslog

@Suite struct AddressTests {
  private static func parse(_ text: String) -> Address? { Address.parse(Array(text.utf8).span) }

  @Test(arguments: [
    ("1.2.3.4", Address.Kind.v4(0x0102_0304)),
    ("255.1.2.3", .local),
    ("8.8.8.8:53211", .v4(0x0808_0808)),
    ("::ffff:8.8.4.4", .v4(0x0808_0404)),
    ("::FFFF:808:404", .v4(0x0808_0404)),
    ("[::ffff:8.8.4.4]:443", .v4(0x0808_0404)),
    ("64:ff9b::8.8.4.4", .v4(0x0808_0404)),
    ("64:ff9b::808:404", .v4(0x0808_0404)),
    ("2002:808:404::1", .v4(0x0808_0404)),
    ("2002:0a00:0001::1", .local),
    ("2001:0:4136:e378:8000:63bf:f7f7:fbfb", .v4(0x0808_0404)),
    ("2001:1::1", .v6(0x2001_0001_0000_0000)),
    ("2a00:1450:4001:81b::200e", .v6(0x2a00_1450_4001_081b)),
    ("2a00:1450:4001:81b:1:2:3:4", .v6(0x2a00_1450_4001_081b)),
    ("2A00:1450:4001:081B::", .v6(0x2a00_1450_4001_081b)),
    ("[2a00:1450::1]", .v6(0x2a00_1450_0000_0000)),
    ("[2a00:1450::1]:8080", .v6(0x2a00_1450_0000_0000)),
    ("2600::", .v6(0x2600_0000_0000_0000)),
    ("1:2:3:4:5:6:7::", .v6(0x0001_0002_0003_0004)),
    ("::2:3:4:5:6:7:8", .v6(0x0000_0002_0003_0004)),
    ("1:2:3:4:5:6:1.2.3.4", .v6(0x0001_0002_0003_0004)),
    ("fe80::1%eth0", .local), ("fe80::1", .local), ("febf::1", .local), ("fec0::1", .v6(0xfec0_0000_0000_0000)),
    ("[fe80::1%25eth0]:80", .local),
    ("fc00::1", .local), ("fdff::1", .local), ("ff02::1", .local), ("::1", .local), ("::", .local), ("::1.2.3.4", .local),
    ("2001:db8::1", .local), ("2001:db9::1", .v6(0x2001_0db9_0000_0000)), ("3fff:0123::1", .local),
    ("64:ff9b:1::1", .local), ("64:ff9b:1:1::1", .v6(0x0064_ff9b_0001_0001)),
    ("unix:", .local), ("unix:/run/nginx.sock", .local),
    ("10.0.0.1", .local), ("127.0.0.1", .local), ("0.0.0.0", .local), ("192.168.1.1", .local),
    ("192.169.1.1", .v4(0xc0a9_0101)),
    ("172.16.0.1", .local), ("172.31.255.255", .local), ("172.32.0.0", .v4(0xac20_0000)), ("172.15.0.0", .v4(0xac0f_0000)),
    ("100.64.0.1", .local), ("100.127.255.255", .local), ("100.128.0.0", .v4(0x6480_0000)), ("169.254.1.1", .local),
    ("192.0.2.1", .local), ("198.51.100.7", .local), ("203.0.113.9", .local), ("198.18.0.1", .local),
    ("198.20.0.0", .v4(0xc614_0000)),
    ("224.0.0.1", .local), ("223.255.255.255", .v4(0xdfff_ffff)),
  ])
  func `an address is what it is to a country table`(text: String, kind: Address.Kind) {
    #expect(Self.parse(text)?.kind == kind)
    #expect(Self.parse(text)?.isLocal == (kind == .local))
  }

  @Test(arguments: [
    "", "-", "1", "localhost", "example.org", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.-4", "01.2.3.4", "1.2.3.004", "1..3.4",
    "1.2.3.4:", "1.2.3.4:port", "1.2.3.4:123456", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4, 5.6.7.8", "1.2.3.4%eth0", "0x1.2.3.4",
    ":", ":::", ":1", "1:", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::", "::g", "::1.2.3",
    "::1.2.3.4.5", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3.4:5", "[::1", "[::1]x", "[::1]:", "[]", "[1.2.3.4]", "::1]", "unixx",
    "unix",
    "fe80::1%", "%eth0",
  ])
  func `what is no address is refused`(text: String) {
    // A zone may be empty; everything else here is nothing.
    if text == "fe80::1%" { #expect(Self.parse(text)?.isLocal == true) } else { #expect(Self.parse(text) == nil) }
  }

  @Test func `a visitor is an IPv4 address or the sixty-fourth of IPv6`() throws {
    func words(_ text: String) throws -> [UInt64] {
      let words = try #require(Self.parse(text)).visitorWords()
      return [words.0, words.1]
    }
    #expect(try words("1.2.3.4") == [0, 0xffff_0102_0304])
    #expect(try words("1.2.3.4") == words("::ffff:1.2.3.4"))
    #expect(try words("1.2.3.4") == words("64:ff9b::1.2.3.4"))
    #expect(try words("2a00:1:2:3:4:5:6:7") == words("2a00:1:2:3::"))
    #expect(try words("2a00:1:2:3::1") != words("2a00:1:2:4::1"))
    #expect(try words("1.2.3.4") != words("1.2.3.5"))
    #expect(try words("::1") != words("unix:"))
  }

  @Test func `any bytes are an address or none, and never trap`() {
    var random = SplitMix(seed: 7)
    let alphabet = Array("0123456789abcdefABCDEF:.[]%/ unix-".utf8)
    for _ in 0..<20_000 {
      let length = Int(random.next() % 80)
      let bytes = (0..<length).map { _ in
        random.next() % 16 == 0
          ? UInt8(truncatingIfNeeded: random.next()) : alphabet[Int(random.next() % UInt64(alphabet.count))]
      }
      _ = Address.parse(bytes.span)?.kind
    }
  }
}
