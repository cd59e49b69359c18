import Testing

@testable import Dashboard

@Suite struct JSONWriterTests {
  private func written(_ body: (inout JSONWriter) -> Void) -> String {
    var json = JSONWriter()
    body(&json)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  @Test func `commas come by themselves`() {
    let text = written {
      $0.beginObject()
      $0.member("a", 1)
      $0.key("b")
      $0.beginArray()
      $0.integer(1)
      $0.beginObject()
      $0.endObject()
      $0.beginArray()
      $0.endArray()
      $0.bool(false)
      $0.endArray()
      $0.member("c", "x")
      $0.endObject()
    }
    #expect(text == #"{"a":1,"b":[1,{},[],false],"c":"x"}"#)
  }

  @Test(arguments: [
    ("plain", #""plain""#), ("a\"b\\c", #""a\"b\\c""#), ("\n\r\t\u{1}\u{1f}", #""\n\r\t\u0001\u001f""#),
    ("\u{0}", #""\u0000""#), ("é€😀</script>", #""é€😀</script>""#), ("", #""""#),
  ]) func `strings are escaped as RFC 8259 asks`(text: String, json: String) {
    #expect(written { $0.string(text) } == json)
  }

  @Test func `bytes that are not UTF-8 become U+FFFD`() {
    #expect(written { $0.string(repairing: [0x61, 0xFF, 0xC3]) } == "\"a\u{FFFD}\u{FFFD}\"")
  }

  @Test(arguments: [
    (0.0, "0"), (-0.0, "0"), (12, "12"), (-3, "-3"), (0.5, "0.5"), (0.0081, "0.0081"), (1e15, "1000000000000000"),
    (1e-7, "1e-07"), (Double.nan, "null"), (.infinity, "null"), (0x1p53, "9007199254740992.0"),
    (Double(Int.max) * 4, "3.6893488147419103e+19"),
  ]) func `numbers are whole where they can be`(value: Double, json: String) {
    #expect(written { $0.number(value) } == json)
  }

  @Test func `no value is null, and so is a moment that never was`() {
    #expect(written { $0.number(nil) } == "null")
    #expect(written { $0.time(0) } == "null")
  }

  @Test(arguments: [Int.min, -10, -1, 0, 1, 9, 10, 99, 100, 1_234_567_890, Int.max]) func `integers are written in full`(
    value: Int
  ) {
    #expect(written { $0.integer(value) } == String(value))
  }

  @Test(arguments: [(0.123456789, 0.123457), (1234567.8, 1234568), (0.00012345678, 0.000123457), (0, 0), (-1.5, -1.5), (3, 3)])
  func `six digits are kept`(value: Double, rounded: Double) {
    #expect(value.sixDigits == rounded)
  }
}
