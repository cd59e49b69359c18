/// Every family of `/metrics`, as data: documentation, output and checks come from this one list.
///
/// Names follow METRICS.md: `site` instead of the clashing `service`, base units, no path, referrer, address or agent ever.
enum MetricFamily: String, CaseIterable {
  case buildInfo = "ballconed_build_info"
  case previousShutdownUnclean = "ballconed_prev_shutdown_unclean"
  case httpRequests = "ballconed_http_requests_total"
  case httpResponseBytes = "ballconed_http_response_bytes_total"
  case httpDuration = "ballconed_http_request_duration_seconds"
  case botRequests = "ballconed_bot_requests_total"
  case uniqueVisitors = "ballconed_unique_visitors"
  case lastEvent = "ballconed_last_event_timestamp_seconds"
  case received = "ballconed_messages_received_total"
  case counted = "ballconed_messages_counted_total"
  case rejected = "ballconed_messages_rejected_total"
  case excluded = "ballconed_messages_excluded_total"
  case dropped = "ballconed_messages_dropped_total"
  case sites = "ballconed_sites"
  case memory = "ballconed_memory_bytes"
  case memoryLimit = "ballconed_memory_limit_bytes"
  case oldestRow = "ballconed_rows_oldest_timestamp_seconds"
  case dimensionValues = "ballconed_dimension_values"
  case dimensionOverflow = "ballconed_dimension_overflow_total"
  case snapshotAge = "ballconed_snapshot_age_seconds"
  case snapshotAt = "ballconed_snapshot_last_success_timestamp_seconds"
  case snapshotBytes = "ballconed_snapshot_bytes"
  case snapshotDuration = "ballconed_snapshot_duration_seconds"
  case snapshotFailures = "ballconed_snapshot_failures_total"
  case loadFallbacks = "ballconed_load_fallbacks_total"
  case journalBytes = "ballconed_journal_bytes"
  case journalFailures = "ballconed_journal_failures_total"
  case journalOverruns = "ballconed_journal_overruns_total"
  case fsyncFailures = "ballconed_fsync_failures_total"
  case webRequests = "ballconed_web_requests_total"
  case processCPU = "process_cpu_seconds_total"
  case processOpenDescriptors = "process_open_fds"
  case processMaxDescriptors = "process_max_fds"
  case processVirtual = "process_virtual_memory_bytes"
  case processResident = "process_resident_memory_bytes"
  case processStart = "process_start_time_seconds"

  enum Kind: String { case counter, gauge, histogram }

  var name: String { rawValue }

  var kind: Kind {
    if self == .httpDuration { return .histogram }
    return name.hasSuffix("_total") ? .counter : .gauge
  }

  /// The unit the name ends in, before `_total`.
  var unit: String? {
    let stem = name.hasSuffix("_total") ? String(name.dropLast(6)) : name
    return ["seconds", "bytes"].first { stem.hasSuffix("_" + $0) }
  }

  var help: String {
    switch self {
    case .buildInfo: "What is running; the value is always 1."
    case .previousShutdownUnclean: "1 when the run before this one ended without saving."
    case .httpRequests: "Requests counted since the start, people and bots, by status class."
    case .httpResponseBytes: "Bytes of responses, as the web server logged them."
    case .httpDuration: "How long requests took, where the log says it."
    case .botRequests: "Requests of known bots; also part of ballconed_http_requests_total."
    case .uniqueVisitors: "People of the last 5 minutes, hour or day; an estimate within 1 percent. Do not sum over windows."
    case .lastEvent: "Time of the newest event."
    case .received: "Messages that came in; equals counted + rejected + excluded."
    case .counted: "Messages that were counted."
    case .rejected: "Messages that were refused, by reason."
    case .excluded: "Messages left out because the configuration says so."
    case .dropped: "Datagrams the kernel dropped before they could be read."
    case .sites: "Sites there is data of."
    case .memory: "Memory of the engine, by what holds it."
    case .memoryLimit: "What --memory allows."
    case .oldestRow: "Time of the oldest detail row: how far back any filter reaches."
    case .dimensionValues: "Distinct values known by name."
    case .dimensionOverflow: "Requests whose value was counted as ~other."
    case .snapshotAge: "Time since all that had been counted was safely on disk."
    case .snapshotAt: "When all that had been counted was safely on disk."
    case .snapshotBytes: "Size of the last snapshot."
    case .snapshotDuration: "How long the last snapshot took to write."
    case .snapshotFailures: "Snapshots that could not be written."
    case .loadFallbacks: "Damaged snapshots set aside while loading."
    case .journalBytes: "Size of the journal: what was counted since the last snapshot."
    case .journalFailures: "Journals that could not be written; a snapshot took their place."
    case .journalOverruns: "Times that events came faster than the disk took them; a snapshot made up for it."
    case .fsyncFailures: "Writes the disk did not confirm, of snapshots and journals."
    case .webRequests: "Requests to this dashboard, by route and status code."
    case .processCPU: "Total user and system CPU time spent in seconds."
    case .processOpenDescriptors: "Number of open file descriptors."
    case .processMaxDescriptors: "Maximum number of open file descriptors."
    case .processVirtual: "Virtual memory size in bytes."
    case .processResident: "Resident memory size in bytes."
    case .processStart: "Start time of the process since unix epoch in seconds."
    }
  }
}
