import TSEngine
import Testing

@testable import Dashboard

@Suite struct QueryRouteTests {
  private let router = Router.fake()

  @Test func `an answer without a grouping has every bucket, zeros included`() {
    let day = "from=2026-09-30&to=2026-10-03&step=day&metrics=visitors,requests,bytes,duration_avg,error_rate"
    #expect(
      router.get("/api/v1/query?service=blog&\(day)").text
        == #"{"service":"blog","from":"2026-09-30T00:00:00Z","to":"2026-10-03T00:00:00Z","#
        + #""step":"day","by":null,"rows":["#
        + #"{"time":"2026-09-30T00:00:00Z","visitors":0,"requests":0,"bytes":0,"duration_avg":null,"error_rate":null},"#
        + #"{"time":"2026-10-01T00:00:00Z","visitors":3,"requests":3,"bytes":407,"duration_avg":0.502667,"error_rate":0.333333},"#
        + #"{"time":"2026-10-02T00:00:00Z","visitors":2,"requests":2,"bytes":300,"duration_avg":0.002,"error_rate":0}],"#
        + #""totals":{"visitors":4,"requests":5,"bytes":707,"duration_avg":0.3775,"error_rate":0.2},"#
        + #""coverage":{"from":"2026-10-01T11:59:30Z","source":"buckets"},"error":{"visitors":0.0081}}"#)
  }

  @Test func `a grouping names its key, and the largest come first`() {
    let answer = router.get("/api/v1/query?service=blog&by=path&metrics=requests&from=-7d&audience=people&limit=1").text
    #expect(answer.contains(#""by":"path","rows":[{"path":"/a","requests":3}],"totals":{"requests":4}"#), "\(answer)")
    let rising = router.get("/api/v1/query?service=blog&by=path&metrics=requests&from=-7d&order=bytes&limit=1").text
    #expect(rising.contains(#""rows":[{"path":"/<b>&\"'","requests":1}]"#), "\(rising)")
  }

  @Test func `hours of the week are numbers`() {
    let answer = router.get("/api/v1/query?service=blog&by=hour_of_week&metrics=requests&from=-7d&audience=bots").text
    #expect(answer.contains(#""by":"hour_of_week","rows":[{"hour_of_week":84,"requests":1}]"#), "\(answer)")
  }

  @Test func `filters decide, and answers from rows say so`() {
    let answer = router.get("/api/v1/query?service=blog&metrics=requests&from=-7d&f=is_not,path,/a&f=contains,country,d").text
    #expect(answer.contains(#""totals":{"requests":1}"#) && answer.contains(#""source":"rows""#), "\(answer)")
  }

  @Test func `the histogram, the overview and the status have their keys`() {
    #expect(
      router.get("/api/v1/latency?service=blog").text
        == #"{"upper":[0.001,0.002],"requests":[3,1],"p50":0.0005,"p95":0.0019,"p99":null}"#)
    #expect(
      router.get("/api/v1/services").text
        == #"[{"service":"blog","first":"2026-10-01T11:59:30Z","last":"2026-10-02T12:00:10Z","now":0,"requests":5,"visitors_today":4,"#
        + #""requests_today":5,"error_rate_today":0.333333,"duration_p95_today":null,"visitors_change":null,"visitors_by_day":[1,2]}]"#
    )
    #expect(
      router.get("/api/v1/status").text
        == #"{"version":"1.2.3","started":"2026-10-02T11:58:50Z","listening":"127.0.0.1:65140/udp","services":1,"received":7,"counted":5,"#
        + #""rejected":{"empty":0,"truncated":0,"header":0,"format":1,"service":0,"address":0,"time":0,"late":0,"future":0,"sender":0,"undeclared":0,"connection":0},"#
        + #""last_reject":{"reason":"format","at":"2026-10-02T12:00:21Z","where":"byte 3"},"excluded":1,"dropped":0,"#
        + #""memory":{"used":1048576,"limit":67108864},"snapshot":{"at":"2026-10-02T12:00:27Z","bytes":4096,"seconds":0.012},"#
        + #""rows_from":"2026-10-01T11:59:30Z","attribution":"","previous_shutdown_unclean":false,"warning":null}"#)
    #expect(Router.fake([]).get("/api/v1/services").text == "[]")
  }

  @Test func `trouble with the disk is told on every page`() {
    func warning(_ options: DashboardOptions, _ change: @escaping @Sendable (inout EngineStatus) -> Void = { _ in }) -> String {
      let text = Router.fake(options: options, status: change).get("/api/v1/status").text
      return String(text.split(separator: ",").last ?? "")
    }
    var options = fakeOptions()
    #expect(warning(options) { $0.snapshotAt = 0 } == #""warning":null}"#, "nothing is kept")
    options.savePeriodSeconds = 5
    #expect(warning(options) == #""warning":null}"#)
    #expect(warning(options) { $0.snapshotAt = fakeNow - 40 } == #""warning":"nothing was saved for 40 seconds"}"#)
    #expect(warning(options) { $0.snapshotAt = 0 } == #""warning":"nothing was saved for 100 seconds"}"#)
    #expect(warning(options) { $0.journalFailures = 1 } == #""warning":"1 write to the disk failed"}"#)
    #expect(
      warning(options) { ($0.journalFailures, $0.snapshotFailures) = (1, 2) } == #""warning":"3 writes to the disk failed"}"#)
    #expect(warning(options) { $0.loadFallbacks = 1 } == #""warning":"damaged files were set aside at the start"}"#)
  }

  @Test func `new and returning visitors are told apart, and noise is null`() {
    let day = "from=2026-10-02T00:00:00Z&to=2026-10-03T00:00:00Z"
    #expect(
      router.get("/api/v1/returning?service=blog&\(day)").text
        == #"{"service":"blog","since":"2026-10-01T00:00:00Z","from":"2026-10-02T00:00:00Z","to":"2026-10-03T00:00:00Z","#
        + #""visitors_before":3,"visitors":2,"new":1,"returning":1,"coverage":{"from":"2026-10-01T00:00:00Z"},"#
        + #""error":{"sigma":0.65}}"#)
    let apart = router.get("/api/v1/returning?service=blog&\(day)&since=2026-10-01T23:00:00Z&audience=people").text
    #expect(apart.contains(#""returning":null"#), "\(apart)")
    #expect(router.get("/api/v1/returning?service=nobody").status == 404)
    #expect(router.get("/api/v1/returning?service=blog&\(day)&since=2026-10-02T00:00:00Z").text.contains(#""code":"range""#))
  }

  @Test func `an error says what was wanted`() {
    #expect(
      router.get("/api/v1/query?service=blog&step=year").text
        == #"{"error":{"code":"unknown_step","message":"cannot read step: got “year”, want minute, hour, day, week, month, all"}}"#
    )
  }

  @Test func `an answer can be had without a socket`() {
    let dashboard = Dashboard(
      fakeOptions(), store: FakeStore(fakeEvents()), accounting: Accounting(), importer: FakeImport(), clock: { fakeNow })
    let (status, body) = dashboard.respond(to: "/api/v1/query?service=blog&metrics=requests&from=-7d&f=is,path,/b")
    #expect(status == 200 && String(decoding: body, as: UTF8.self).contains(#""totals":{"requests":1}"#))
    #expect(dashboard.respond(to: "/-/ready").status == 503)
    dashboard.markReady()
    #expect(dashboard.respond(to: "/-/ready").status == 200)
  }
}
