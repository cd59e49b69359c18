import TSEngine
import Testing

@testable import Syslog

@Suite struct NumberTests {
  @Test(arguments: [
    ("200", 200), ("009", 0), ("000", 0), ("99", 0), ("100", 100), ("599", 599), ("600", 0), ("444", 444), ("499", 499),
    ("", 0),
    ("abc", 0), ("-200", 0), ("99999999999999999999", 0), ("200.0", 200),
  ]) func `a status is 100 to 599, else 0`(text: String, status: UInt16) {
    #expect(Number.status(utf8(text).span) == status)
  }

  @Test(
    arguments: [
      ("0", 0), ("009", 9), ("6", 6), ("4294967295", .max), ("4294967296", .max), ("99999999999999999999999", .max), ("6.0", 6),
    ] as [(String, UInt32)]) func `an integer is clamped to 32 bits`(text: String, value: UInt32)
  {
    #expect(Number.integer(utf8(text).span) == value)
  }
  @Test(arguments: ["", "x", "-1"]) func `what begins without a digit is no integer`(text: String) {
    #expect(Number.integer(utf8(text).span) == nil)
  }

  @Test(
    arguments: [
      ("0.004", 4_000), ("0", 0), ("0.000", 0), ("1", 1_000_000), ("1.", 1_000_000), (".5", 500_000), ("0.0000005", 1),
      ("0.0000004", 0), ("12.345678", 12_345_678), ("0.000080219", 80), ("1.5e-05", 15), ("1E2", 100_000_000),
      ("1e+1", 10_000_000), ("4294.967294", 4_294_967_294), ("4294.967295", 4_294_967_294), ("1e999", 4_294_967_294),
      ("1e-999", 0), ("00000000000000000000.001", 1_000), ("0.00000000000000000000000000001", 0),
      ("99999999999999999999999999", 4_294_967_294), ("123456789012345678901234567890.5", 4_294_967_294),
    ] as [(String, UInt32)]) func `seconds become whole microseconds`(text: String, value: UInt32)
  {
    #expect(DurationText.microseconds(utf8(text).span) == value)
  }
  @Test func `milliseconds and microseconds in their units`() {
    #expect(DurationText.microseconds(utf8("12.5").span, in: .milliseconds) == 12_500)
    #expect(DurationText.microseconds(utf8("2296").span, in: .microseconds) == 2_296)
    #expect(DurationText.microseconds(utf8("0.6").span, in: .microseconds) == 1)
  }
  @Test(arguments: ["", "-", ".", "-1", "x", "1x", "1e", "1e+", "1e1000", "1.2.3", "1 2", "0x10"])
  func `what is no duration is nil`(text: String) { #expect(DurationText.microseconds(utf8(text).span) == nil) }

  @Test(
    arguments: [
      ("0.004", 4_000), ("0.004, 0.012 : 0.1", 116_000), ("-", nil), ("502, -", 502_000_000), ("-, -", nil), ("", nil),
      ("0.001,0.002", 3_000), ("0.1 : -", 100_000), (", : ,", nil), ("4294, 4294", 4_294_967_294),
    ] as [(String, UInt32?)]) func `an upstream list is the sum of its parts`(text: String, value: UInt32?)
  {
    #expect(DurationText.sum(utf8(text).span) == value)
  }
}
