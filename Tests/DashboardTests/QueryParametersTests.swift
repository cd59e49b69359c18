import TSEngine
import Testing

@testable import Dashboard

@Suite struct QueryParametersTests {
  private func read(_ text: String) throws(APIError) -> Query {
    try QueryParameters(Parameters(form: text[...]), allowed: Context.queryParameters, now: fakeNow, days: 30).query()
  }

  @Test func `what is not said has a meaning`() throws {
    let query = try read("service=Blog")
    #expect(query.service == "blog")
    #expect(query.from == fakeNow - fakeNow % 86_400 - 29 * 86_400)
    #expect(query.to == fakeNow - 30 + 60)  // the present minute is whole
    #expect(query.step == .all && query.audience == .all && query.limit == 100 && query.by == nil)
    #expect(query.metrics == [.visitors, .requests] && query.filters.isEmpty && query.timeZone == nil)
    #expect(query.orderBy == nil && !query.ascending)
  }

  @Test func `everything that can be said is heard`() throws {
    let query = try read(
      "service=blog&from=-24h&to=now&step=hour&metrics=duration_p95,bytes,bytes&by=browser_version&f=is,path,/a,/b&f=is_not,country,DE"
        + "&audience=bots&order=requests&limit=7&tz=Europe/Berlin")
    #expect(query.from == fakeNow - 86_400 && query.to == fakeNow)
    #expect(query.step == .hour && query.by == .dimension(.browserVersion) && query.metrics == [.durationP95, .bytes])
    #expect(query.filters == [Filter(.path, .is, ["/a", "/b"]), Filter(.country, .isNot, ["DE"])])
    #expect(query.audience == .bots && query.orderBy == .requests && query.ascending && query.limit == 7)
    #expect(query.timeZone?.offset(at: fakeNow) == 7_200)
    let descending = try read("service=blog&order=-error_rate&by=hour_of_week")
    #expect(descending.orderBy == .errorRate && !descending.ascending && descending.by == .hourOfWeek)
  }

  static let refused: [(String, String)] = [
    ("", "missing_service"), ("service=", "missing_service"), ("service=b&metrics=hits", "unknown_metric"),
    ("service=b&metrics=", "unknown_metric"),
    ("service=b&metrics=visitors,", "unknown_metric"), ("service=b&by=page", "unknown_dimension"),
    ("service=b&by=", "unknown_dimension"),
    ("service=b&step=year", "unknown_step"), ("service=b&step=hour&by=hour_of_week", "unknown_step"),
    ("service=b&audience=humans", "unknown_audience"), ("service=b&from=yesterday", "bad_time"), ("service=b&to=", "bad_time"),
    ("service=b&from=now&to=now", "range"), ("service=b&from=2026-10-02&to=2026-10-01", "range"),
    ("service=b&limit=0", "bad_limit"),
    ("service=b&limit=10001", "bad_limit"), ("service=b&limit=x", "bad_limit"), ("service=b&limit=1.5", "bad_limit"),
    ("service=b&order=hits", "unknown_metric"), ("service=b&order=--requests", "unknown_metric"),
    ("service=b&order=", "unknown_metric"),
    ("service=b&tz=Mars/Base", "unknown_time_zone"), ("service=b&tz=../../etc/passwd", "unknown_time_zone"),
    ("service=b&tz=Europe", "unknown_time_zone"), ("service=b&f=is,path", "bad_filter"), ("service=b&f=", "bad_filter"),
    ("service=b&f=equals,path,/a", "unknown_operator"), ("service=b&f=is,page,/a", "unknown_dimension"),
    ("service=b&metric=requests", "unknown_parameter"), ("service=b&service=c", "repeated_parameter"),
    ("service=b&step=minute&from=-52w", "too_many_rows"), ("service=b&step=hour&by=path&limit=10000", "too_many_rows"),
    ("service=b&from=0&to=253402300799&step=hour", "too_many_rows"),
    ("service=b&" + String(repeating: "f=is,path,a&", count: 17), "bad_filter"),
    ("service=b&f=is,path," + String(repeating: "a,", count: 64), "bad_filter"),
    ("service=b&f=is,path," + String(repeating: "a", count: 1_025), "bad_filter"),
  ]
  @Test(arguments: refused) func `what is not understood is refused by name`(text: String, code: String) {
    let error = #expect(throws: APIError.self) { try read(text) }
    #expect(error?.code == code)
    #expect(error?.status == 400)
    #expect(error?.message.hasPrefix("cannot ") == true)
    #expect((error?.message.utf8.count ?? 0) < 400)
  }

  @Test func `closed dimensions may be asked by the hour`() throws {
    #expect(throws: Never.self) { try read("service=b&step=hour&by=device&limit=10000") }
  }

  static let texts: [(String, [String])] = [
    ("is,path,/a", ["is", "path", "/a"]), (#"is,path,/a\,b,\\,c"#, ["is", "path", "/a,b", #"\"#, "c"]),
    (#"is,path,\x"#, ["is", "path", #"\x"#]),
    (#"is,path,a\"#, ["is", "path", #"a\"#]), ("is,path,", ["is", "path", ""]), ("", [""]),
    ("is,path,é,😀", ["is", "path", "é", "😀"]),
  ]
  @Test(arguments: texts) func `a comma or backslash inside a value is escaped`(text: String, parts: [String]) {
    #expect(FilterText.split(text) == parts)
  }
}
