import TSEngine
import Testing

@testable import Dashboard

@Suite struct ExpositionTests {
  /// Families that depend on the machine end the output and are left out.
  private func scrape(_ events: [FakeStore.Event] = fakeEvents(), accept: String? = nil) -> String {
    makeContext(events).exposition(accept: accept).text
  }
  private func stable(_ text: String) -> String {
    String(text.split(separator: "# HELP process_", maxSplits: 1, omittingEmptySubsequences: false)[0])
      .replacing(#/swift_version="[0-9.]+",os="linux",arch="[a-z0-9_]+"/#, with: "…")
  }

  @Test func `the exposition stands as written`() {
    #expect(stable(scrape()) == golden)
  }

  @Test func `promtool finds nothing to say`() throws {
    guard let promtool = program("promtool") else {
      #expect(Environment.isCI == false, "promtool is missing: apt-get install prometheus")
      print("skipped: promtool is missing (apt-get install prometheus)")
      return
    }
    var events = fakeEvents()
    for (index, name) in ["a\"b", "c\\d", "e\nf", "g{h=\"1\"} 2", "ü€😀", "\u{1}\u{7f}"].enumerated() {
      events.append(events[0])
      events[events.count - 1].service = name
      events[events.count - 1].second += index
    }
    for text in [scrape(), scrape([]), scrape(events)] {
      let (status, output) = try run(promtool, ["check", "metrics"], input: Array(text.utf8))
      #expect(status == 0 && output.isEmpty, "\(String(decoding: output, as: UTF8.self))")
    }
  }

  @Test func `OpenMetrics has its own rules`() {
    let text = scrape(accept: "application/openmetrics-text; version=1.0.0")
    #expect(text.hasSuffix("\n# EOF\n"))
    #expect(
      text.contains(
        """

        # TYPE ballconed_http_response_bytes counter
        # UNIT ballconed_http_response_bytes bytes
        # HELP ballconed_http_response_bytes Bytes of responses, as the web server logged them.
        ballconed_http_response_bytes_total{site="blog"} 707

        """))
    #expect(
      text.contains(
        "# TYPE ballconed_http_request_duration_seconds histogram\n# UNIT ballconed_http_request_duration_seconds seconds\n"))
    for line in text.split(separator: "\n") where line.hasPrefix("# TYPE") { #expect(!line.contains("_total")) }
  }

  static let accepts: [(String?, ExpositionText.Format)] = [
    (nil, .text), ("", .text), ("*/*", .text), ("text/plain", .text), ("application/json", .text),
    ("application/openmetrics-text", .openMetrics), ("application/openmetrics-text; version=1.0.0", .openMetrics),
    ("application/openmetrics-text;version=0.0.1", .openMetrics),
    ("application/openmetrics-text;version=2.0.0, text/plain;q=0.1", .text),
    (
      "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      .openMetrics
    ),
    ("application/openmetrics-text;q=0.2, text/plain;q=0.9", .text), ("application/openmetrics-text;q=0, */*", .text),
    (
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,text/plain;version=0.0.4;q=0.5",
      .text
    ),
  ]
  @Test(arguments: accepts) func `the format is negotiated by q`(accept: String?, format: ExpositionText.Format) {
    #expect(ExpositionText.Format(accept: accept) == format)
    #expect(makeContext().exposition(accept: accept)["Content-Type"] == format.contentType)
  }

  @Test(arguments: [
    ("plain", "plain"), ("a\\b", "a\\\\b"), ("a\"b", "a\\\"b"), ("a\nb", "a\\nb"), ("} 1\nx 2", "} 1\\nx 2"),
    ("\u{FFFD}é", "\u{FFFD}é"),
  ]) func `no label can forge a sample`(value: String, escaped: String) {
    var text = ExpositionText(.text)
    text.sample("x", [("l", value)], 1)
    #expect(String(decoding: text.bytes, as: UTF8.self) == "x{l=\"\(escaped)\"} 1\n")
  }

  @Test(arguments: [
    (0.0, "0"), (12, "12"), (0.001, "0.001"), (Double.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1e21, "1e+21"),
  ]) func `values are written as both formats read them`(value: Double, text: String) {
    #expect(ExpositionText.number(value) == text)
  }

  @Test func `names and help keep the rules of promlint`() {
    for family in MetricFamily.allCases {
      #expect(family.name.utf8.allSatisfy { $0 == UInt8(ascii: "_") || $0 &- 97 < 26 || $0 &- 48 < 10 }, "\(family.name)")
      #expect(family.help.hasSuffix("."), "\(family.name)")
      #expect((family.kind == .counter) == family.name.hasSuffix("_total"))
      for word in family.name.split(separator: "_") {
        #expect(
          !["ms", "us", "ns", "sec", "kb", "mb", "minutes", "hours", "counter", "gauge", "histogram"].contains(word),
          "\(family.name)")
      }
    }
  }

  @Test func `a histogram is cumulative and ends with all`() {
    let lines = scrape().split(separator: "\n").filter { $0.hasPrefix("ballconed_http_request_duration_seconds_bucket") }
    let counts = lines.compactMap { Int($0.split(separator: " ").last ?? "") }
    #expect(counts == counts.sorted() && counts.count == ServiceCounters.durationBounds.count + 1)
    #expect(lines.last?.contains("le=\"+Inf\"} 5") == true)
  }
}

private let golden = """
  # HELP ballconed_build_info What is running; the value is always 1.
  # TYPE ballconed_build_info gauge
  ballconed_build_info{version="1.2.3",revision="abcdef",…} 1
  # HELP ballconed_prev_shutdown_unclean 1 when the run before this one ended without saving.
  # TYPE ballconed_prev_shutdown_unclean gauge
  ballconed_prev_shutdown_unclean 0
  # HELP ballconed_http_requests_total Requests counted since the start, people and bots, by status class.
  # TYPE ballconed_http_requests_total counter
  ballconed_http_requests_total{site="blog",method="GET",status="2xx"} 4
  ballconed_http_requests_total{site="blog",method="other",status="other"} 1
  # HELP ballconed_http_response_bytes_total Bytes of responses, as the web server logged them.
  # TYPE ballconed_http_response_bytes_total counter
  ballconed_http_response_bytes_total{site="blog"} 707
  # HELP ballconed_http_request_duration_seconds How long requests took, where the log says it.
  # TYPE ballconed_http_request_duration_seconds histogram
  ballconed_http_request_duration_seconds_bucket{site="blog",le="0.001"} 0
  ballconed_http_request_duration_seconds_bucket{site="blog",le="0.002"} 1
  ballconed_http_request_duration_seconds_bucket{site="blog",le="0.004"} 3
  ballconed_http_request_duration_seconds_bucket{site="blog",le="0.008"} 3
  ballconed_http_request_duration_seconds_bucket{site="blog",le="0.016"} 3
  ballconed_http_request_duration_seconds_bucket{site="blog",le="0.032"} 3
  ballconed_http_request_duration_seconds_bucket{site="blog",le="0.064"} 3
  ballconed_http_request_duration_seconds_bucket{site="blog",le="0.128"} 3
  ballconed_http_request_duration_seconds_bucket{site="blog",le="0.256"} 3
  ballconed_http_request_duration_seconds_bucket{site="blog",le="0.512"} 3
  ballconed_http_request_duration_seconds_bucket{site="blog",le="1.024"} 3
  ballconed_http_request_duration_seconds_bucket{site="blog",le="2.048"} 4
  ballconed_http_request_duration_seconds_bucket{site="blog",le="4.096"} 4
  ballconed_http_request_duration_seconds_bucket{site="blog",le="8.192"} 4
  ballconed_http_request_duration_seconds_bucket{site="blog",le="16.384"} 4
  ballconed_http_request_duration_seconds_bucket{site="blog",le="32.768"} 4
  ballconed_http_request_duration_seconds_bucket{site="blog",le="+Inf"} 5
  ballconed_http_request_duration_seconds_sum{site="blog"} 1.51
  ballconed_http_request_duration_seconds_count{site="blog"} 5
  # HELP ballconed_bot_requests_total Requests of known bots; also part of ballconed_http_requests_total.
  # TYPE ballconed_bot_requests_total counter
  ballconed_bot_requests_total{site="blog"} 1
  # HELP ballconed_unique_visitors People of the last 5 minutes, hour or day; an estimate within 1 percent. Do not sum over windows.
  # TYPE ballconed_unique_visitors gauge
  ballconed_unique_visitors{site="blog",window="5m"} 1
  ballconed_unique_visitors{site="blog",window="1h"} 2
  ballconed_unique_visitors{site="blog",window="1d"} 4
  # HELP ballconed_last_event_timestamp_seconds Time of the newest event.
  # TYPE ballconed_last_event_timestamp_seconds gauge
  ballconed_last_event_timestamp_seconds{site="blog"} 1790942410
  # HELP ballconed_messages_received_total Messages that came in; equals counted + rejected + excluded.
  # TYPE ballconed_messages_received_total counter
  ballconed_messages_received_total{input="udp"} 7
  ballconed_messages_received_total{input="unix"} 0
  ballconed_messages_received_total{input="tcp"} 0
  ballconed_messages_received_total{input="file"} 0
  ballconed_messages_received_total{input="http"} 0
  # HELP ballconed_messages_counted_total Messages that were counted.
  # TYPE ballconed_messages_counted_total counter
  ballconed_messages_counted_total 5
  # HELP ballconed_messages_rejected_total Messages that were refused, by reason.
  # TYPE ballconed_messages_rejected_total counter
  ballconed_messages_rejected_total{reason="empty"} 0
  ballconed_messages_rejected_total{reason="truncated"} 0
  ballconed_messages_rejected_total{reason="header"} 0
  ballconed_messages_rejected_total{reason="format"} 1
  ballconed_messages_rejected_total{reason="service"} 0
  ballconed_messages_rejected_total{reason="address"} 0
  ballconed_messages_rejected_total{reason="time"} 0
  ballconed_messages_rejected_total{reason="late"} 0
  ballconed_messages_rejected_total{reason="future"} 0
  ballconed_messages_rejected_total{reason="sender"} 0
  ballconed_messages_rejected_total{reason="undeclared"} 0
  ballconed_messages_rejected_total{reason="connection"} 0
  # HELP ballconed_messages_excluded_total Messages left out because the configuration says so.
  # TYPE ballconed_messages_excluded_total counter
  ballconed_messages_excluded_total 1
  # HELP ballconed_messages_dropped_total Datagrams the kernel dropped before they could be read.
  # TYPE ballconed_messages_dropped_total counter
  ballconed_messages_dropped_total 0
  # HELP ballconed_sites Sites there is data of.
  # TYPE ballconed_sites gauge
  ballconed_sites 1
  # HELP ballconed_memory_bytes Memory of the engine, by what holds it.
  # TYPE ballconed_memory_bytes gauge
  ballconed_memory_bytes{kind="rows"} 1000000
  ballconed_memory_bytes{kind="tables"} 48576
  # HELP ballconed_memory_limit_bytes What --memory allows.
  # TYPE ballconed_memory_limit_bytes gauge
  ballconed_memory_limit_bytes 67108864
  # HELP ballconed_rows_oldest_timestamp_seconds Time of the oldest detail row: how far back any filter reaches.
  # TYPE ballconed_rows_oldest_timestamp_seconds gauge
  ballconed_rows_oldest_timestamp_seconds 1790855970
  # HELP ballconed_dimension_values Distinct values known by name.
  # TYPE ballconed_dimension_values gauge
  ballconed_dimension_values{site="blog",dimension="path"} 2
  # HELP ballconed_dimension_overflow_total Requests whose value was counted as ~other.
  # TYPE ballconed_dimension_overflow_total counter
  ballconed_dimension_overflow_total{site="blog",dimension="path"} 0
  # HELP ballconed_snapshot_age_seconds Time since all that had been counted was safely on disk.
  # TYPE ballconed_snapshot_age_seconds gauge
  ballconed_snapshot_age_seconds 3
  # HELP ballconed_snapshot_last_success_timestamp_seconds When all that had been counted was safely on disk.
  # TYPE ballconed_snapshot_last_success_timestamp_seconds gauge
  ballconed_snapshot_last_success_timestamp_seconds 1790942427
  # HELP ballconed_snapshot_bytes Size of the last snapshot.
  # TYPE ballconed_snapshot_bytes gauge
  ballconed_snapshot_bytes 4096
  # HELP ballconed_snapshot_duration_seconds How long the last snapshot took to write.
  # TYPE ballconed_snapshot_duration_seconds gauge
  ballconed_snapshot_duration_seconds 0.012
  # HELP ballconed_snapshot_failures_total Snapshots that could not be written.
  # TYPE ballconed_snapshot_failures_total counter
  ballconed_snapshot_failures_total 0
  # HELP ballconed_load_fallbacks_total Damaged snapshots set aside while loading.
  # TYPE ballconed_load_fallbacks_total counter
  ballconed_load_fallbacks_total 0
  # HELP ballconed_journal_bytes Size of the journal: what was counted since the last snapshot.
  # TYPE ballconed_journal_bytes gauge
  ballconed_journal_bytes 0
  # HELP ballconed_journal_failures_total Journals that could not be written; a snapshot took their place.
  # TYPE ballconed_journal_failures_total counter
  ballconed_journal_failures_total 0
  # HELP ballconed_journal_overruns_total Times that events came faster than the disk took them; a snapshot made up for it.
  # TYPE ballconed_journal_overruns_total counter
  ballconed_journal_overruns_total 0
  # HELP ballconed_fsync_failures_total Writes the disk did not confirm, of snapshots and journals.
  # TYPE ballconed_fsync_failures_total counter
  ballconed_fsync_failures_total 0
  # HELP ballconed_web_requests_total Requests to this dashboard, by route and status code.
  # TYPE ballconed_web_requests_total counter

  """
