import Testing

@testable import Dashboard

@Suite struct FuzzTests {
  private static let words = [
    "service", "from", "to", "step", "metrics", "by", "f", "audience", "order", "limit", "tz", "days", "distinct", "ascending",
    "blog", "nobody",
    "-24h", "-7d", "now", "2026-10-02", "2026-10-02T12:00:00Z", "1790942430", "minute", "hour", "day", "week", "month", "all",
    "visitors",
    "requests", "duration_p95", "path", "entry", "country", "hour_of_week", "is", "is_not", "contains", "contains_not",
    "people", "bots",
    "-requests", "100", "-1", "0", "99999999999999999999", "Europe/Berlin", "UTC", "is,path,/a", "\\", ",", "%", "%00", "%ff",
    "%2", "+", "=",
    "&", "?", "/", "..", "é", "\u{0}", "'", "\"", "<", "{", "-9223372036854775808", "9223372036854775807", "1e308", "NaN",
    "address", "ip", "[::1]",
  ]
  private static let routes = [
    "/", "/api/v1/query", "/api/v1/latency", "/api/v1/returning", "/api/v1/services", "/api/v1/status", "/api/v1/live",
    "/services/blog/count/",
    "/services/blog/average/",
    "/services/blog/count_group/path", "/services/", "/nginx", "/sql", "/metrics", "/assets/", "/api/v1/query?service=blog&",
    "/services/blog/count_group/", "/api/v1/latency?service=blog&",
  ]

  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func `no query string is answered by 5xx, nor stops the daemon`(seed: UInt64) {
    let router = Router.fake()
    var dice = Dice(state: seed)
    for _ in 0..<2_000 {
      var target = Self.routes.randomElement(using: &dice)!
      if Bool.random(using: &dice) { target += Self.words.randomElement(using: &dice)! }
      if !target.contains("?") { target += "?" }
      for _ in 0..<Int.random(in: 0...6, using: &dice) {
        target +=
          Self.words.randomElement(using: &dice)! + ["=", "=", ",", ""].randomElement(using: &dice)!
          + Self.words.randomElement(using: &dice)! + ["&", "&", ""].randomElement(using: &dice)!
      }
      let response = router.get(target)
      #expect(response.status < 500, "\(target) (seed \(seed))")
    }
  }

  @Test(arguments: [5, 6] as [UInt64]) func `no bytes of a head are answered by 5xx`(seed: UInt64) {
    let router = Router.fake()
    var dice = Dice(state: seed)
    for _ in 0..<2_000 {
      func noise() -> String {
        String(
          decoding: (0..<Int.random(in: 0...40, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) },
          as: UTF8.self)
      }
      let headers = (0..<Int.random(in: 0...4, using: &dice)).map { _ in
        (name: HeaderName.allCases.randomElement(using: &dice)!, value: noise())
      }
      var request = Request([.get, .head, .post, .other].randomElement(using: &dice)!, "/" + noise(), headers: headers)
      request.body = Array(noise().utf8)
      #expect(router.respond(to: request).status < 500, "seed \(seed)")
    }
  }

  @Test func `no statement stops the console`() {
    let router = Router.fake()
    let words = [
      "SELECT", "*", "FROM", "requests", "buckets", "WHERE", "time", ">=", "<", "=", "service", "'blog'", "step", "'hour'",
      "GROUP BY", "ORDER BY",
      "LIMIT", "1", "-1", "(", ")", ",", "count", "(*)", "AND", "OR", "NOT", "path", "LIKE", "'%'", "JOIN", "ON", "AS", "x",
      "UNION", "WITH", "NULL",
      "IN", "BETWEEN", ";", "--", "9223372036854775807", "1e308", "''", "\"", "DISTINCT", "avg", "duration", "HAVING", "OFFSET",
      "CASE", "END",
    ]
    var dice = Dice(state: 7)
    for _ in 0..<2_000 {
      let sql =
        "SELECT "
        + (0..<Int.random(in: 0...14, using: &dice)).map { _ in words.randomElement(using: &dice)! }.joined(separator: " ")
      let response = router.post("/sql", "format=json&sql=\(PercentCoding.encode(sql))")
      #expect(response.status == 200 || response.status == 400, "\(sql)")
    }
  }
}
