import TSEngine
import Testing

@testable import Dashboard

@Suite struct BallconeRoutesTests {
  private let router = Router.fake()
  private func get(_ rest: String) -> String { router.get("/services/blog/\(rest)").text }

  private func counted(_ field: String, _ first: Int, _ second: Int) -> String {
    #"{"table":"blog","field":"\#(field)","distinct":true,"ascending":null,"group":null,"elements":["#
      + #"{"date":"2026-10-01","group":null,"count":\#(first)},{"date":"2026-10-02","group":null,"count":\#(second)}]}"#
  }
  static let counts = [
    ("ip", 3, 2), ("path", 3, 1), ("status", 2, 1), ("country_iso_code", 1, 1), ("is_robot", 2, 1), ("browser_name", 1, 1),
    ("datetime", 2, 2),
    ("host", 1, 1),
  ]
  @Test(arguments: counts) func `values of a field are counted by day`(field: String, first: Int, second: Int) {
    var events = fakeEvents()
    for index in events.indices { events[index].record.host = "blog.example" }
    #expect(Router.fake(events).get("/services/blog/count/\(field)").text == counted(field, first, second))
  }

  @Test func `averages have their sum and count`() {
    #expect(
      get("average/length") == #"{"table":"blog","field":"length","elements":["#
        + #"{"date":"2026-10-01","avg":135.66666666666666,"sum":407,"count":3},{"date":"2026-10-02","avg":150,"sum":300,"count":2}]}"#
    )
    #expect(get("average/status").contains(#"{"date":"2026-10-01","avg":301,"sum":903,"count":3}"#))
    #expect(get("average/generation_time").contains(#"{"date":"2026-10-02","avg":0.002,"sum":0.004,"count":2}"#))
  }

  @Test func `groups are listed by day, largest first`() {
    #expect(
      get("count_group/path") == #"{"table":"blog","field":null,"distinct":false,"ascending":false,"group":"path","elements":["#
        + #"{"date":"2026-10-01","group":"/<b>&\"'","count":1},{"date":"2026-10-01","group":"/a","count":1},"#
        + #"{"date":"2026-10-01","group":"/b","count":1},{"date":"2026-10-02","group":"/a","count":2}]}"#)
    #expect(
      get("count_group/browser_name?limit=1&distinct=ip")
        == #"{"table":"blog","field":"ip","distinct":true,"ascending":false,"group":"browser_name","elements":["#
        + #"{"date":"2026-10-01","group":"Firefox","count":2},{"date":"2026-10-02","group":"Firefox","count":2}]}"#)
    #expect(get("count_group/browser_name?ascending=1&limit=1").contains(#"[{"date":"2026-10-01","group":null,"count":1}"#))
    #expect(get("count_group/path?limit=0").hasSuffix(#""elements":[]}"#))
  }

  @Test func `values keep their natural types`() {
    #expect(get("count_group/status").contains(#""group":503,"#))
    #expect(
      get("count_group/is_robot").contains(#""group":true,"count":1}"#)
        && get("count_group/is_robot").contains(#""group":false,"#))
    #expect(get("count_group/country_iso_code").contains(#""group":null,"#))
  }

  @Test(arguments: ["0", "false", "no", "off", "", "nonsense", "2"]) func `only what says yes is yes`(text: String) {
    #expect(get("count_group/path?ascending=\(text)").contains(#""ascending":false"#))
  }
  @Test(arguments: ["1", "true", "yes", "on", "TRUE"]) func `yes is understood`(text: String) {
    #expect(get("count_group/path?ascending=\(text)").contains(#""ascending":true"#))
    #expect(get("count_group/path?distinct=\(text)").contains(#""field":"ip","distinct":true"#))
  }

  static let refused = [
    ("count_group/ip", 400, "field_not_kept"), ("count_group/length", 400, "field_not_kept"),
    ("count_group/datetime", 400, "field_not_kept"),
    ("count_group/generation_time", 400, "field_not_kept"), ("count/length", 400, "field_not_kept"),
    ("average/ip", 400, "field_not_kept"),
    ("count_group/path?distinct=status", 400, "field_not_kept"), ("count_group/nothing", 404, "unknown_field"),
    ("count/x", 404, "unknown_field"),
    ("average/", 404, ""), ("count_group/path?limit=1.5", 400, "bad_limit"), ("count_group/path?limit=-1", 400, "bad_limit"),
    ("count_group/path?distinct=whatever", 404, "unknown_field"),
  ]
  @Test(arguments: refused) func `what cannot be answered is refused by name`(rest: String, status: Int, code: String) {
    let response = router.get("/services/blog/\(rest)")
    #expect(response.status == status)
    #expect(response.text.contains(code))
  }
}
