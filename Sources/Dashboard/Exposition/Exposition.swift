internal import TSEngine

extension Context {
  /// `GET /metrics`: made from live state at each scrape, so what is gone is gone.
  func exposition(accept: String?) -> Response {
    var text = ExpositionText(.init(accept: accept))
    let status = store.status(), now = clock()
    writeSelf(&text)
    writeSites(store.counters().sorted { $0.service < $1.service }, status, &text)
    writeMessages(&text)
    writeStore(status, &text)
    writeSnapshots(status, now, &text)
    writeWeb(&text)
    writeProcess(ProcessFigures.now(), &text)
    return Response(type: text.format.contentType, text.finish())
  }

  private func writeSelf(_ text: inout ExpositionText) {
    text.begin(.buildInfo)
    text.sample(
      .buildInfo,
      [
        ("version", options.version), ("revision", options.revision), ("swift_version", Build.swift), ("os", "linux"),
        ("arch", Build.arch),
      ], 1)
    text.single(.previousShutdownUnclean, options.previousShutdownUnclean ? 1 : 0)
  }

  private func writeSites(_ sites: [ServiceCounters], _ status: EngineStatus, _ text: inout ExpositionText) {
    text.begin(.httpRequests)
    for site in sites {
      for (method, statusClass, count) in site.requests {
        let code = 1...5 ~= statusClass ? "\(statusClass)xx" : "other"
        text.sample(.httpRequests, [("site", site.service), ("method", method.label), ("status", code)], Double(count))
      }
    }
    text.begin(.httpResponseBytes)
    for site in sites { text.sample(.httpResponseBytes, [("site", site.service)], Double(site.responseBytes)) }
    text.begin(.httpDuration)
    for site in sites { writeHistogram(site, &text) }
    text.begin(.botRequests)
    for site in sites { text.sample(.botRequests, [("site", site.service)], Double(site.botRequests)) }
    text.begin(.uniqueVisitors)
    for site in sites {
      for (window, value) in [("5m", site.visitors5m), ("1h", site.visitors1h), ("1d", site.visitors1d)] {
        text.sample(.uniqueVisitors, [("site", site.service), ("window", window)], value.rounded())
      }
    }
    text.begin(.lastEvent)
    for (service, second) in status.lastEvent.sorted(by: { $0.service < $1.service }) {
      text.sample(.lastEvent, [("site", service)], Double(second))
    }
  }

  /// Cumulative by bound; a site without any duration has no buckets to show yet.
  private func writeHistogram(_ site: ServiceCounters, _ text: inout ExpositionText) {
    let bounds = ServiceCounters.durationBounds
    guard site.durationCounts.count == bounds.count + 1 else { return }
    for (bound, count) in zip(bounds.map(\.description) + ["+Inf"], site.durationCounts) {
      text.sample("\(MetricFamily.httpDuration.name)_bucket", [("site", site.service), ("le", bound)], Double(count))
    }
    text.sample("\(MetricFamily.httpDuration.name)_sum", [("site", site.service)], site.durationSum)
    text.sample("\(MetricFamily.httpDuration.name)_count", [("site", site.service)], Double(site.durationCounts[bounds.count]))
  }

  private func writeMessages(_ text: inout ExpositionText) {
    text.begin(.received)
    for input in MessageInput.allCases {
      text.sample(.received, [("input", input.name)], Double(accounting.received(by: input)))
    }
    text.single(.counted, Double(accounting.counted))
    text.begin(.rejected)
    for reason in RejectReason.allCases {
      text.sample(.rejected, [("reason", reason.name)], Double(accounting.rejected(for: reason)))
    }
    text.single(.excluded, Double(accounting.excluded))
    text.single(.dropped, Double(accounting.dropped))
  }

  private func writeStore(_ status: EngineStatus, _ text: inout ExpositionText) {
    text.single(.sites, Double(status.services))
    text.begin(.memory)
    if status.memoryByKind.isEmpty { text.sample(.memory, [("kind", "all")], Double(status.memoryUsed)) }
    for (kind, bytes) in status.memoryByKind { text.sample(.memory, [("kind", kind)], Double(bytes)) }
    text.single(.memoryLimit, Double(status.memoryLimit))
    if status.rowsFrom > 0 { text.single(.oldestRow, Double(status.rowsFrom)) }
    text.begin(.dimensionValues)
    for entry in status.dimensionValues {
      text.sample(.dimensionValues, [("site", entry.service), ("dimension", entry.dimension)], Double(entry.values))
    }
    text.begin(.dimensionOverflow)
    for entry in status.dimensionOverflow {
      text.sample(.dimensionOverflow, [("site", entry.service), ("dimension", entry.dimension)], Double(entry.count))
    }
  }

  private func writeSnapshots(_ status: EngineStatus, _ now: Int, _ text: inout ExpositionText) {
    if status.snapshotAt > 0 {
      text.single(.snapshotAge, Double(max(0, now - status.snapshotAt)))
      text.single(.snapshotAt, Double(status.snapshotAt))
      text.single(.snapshotBytes, Double(status.snapshotBytes))
      text.single(.snapshotDuration, status.snapshotSeconds)
    }
    text.single(.snapshotFailures, Double(status.snapshotFailures))
    text.single(.loadFallbacks, Double(status.loadFallbacks))
    text.single(.journalBytes, Double(status.journalBytes))
    text.single(.journalFailures, Double(status.journalFailures))
    text.single(.journalOverruns, Double(status.journalOverruns))
    text.single(.fsyncFailures, Double(status.fsyncFailures))
  }

  private func writeWeb(_ text: inout ExpositionText) {
    text.begin(.webRequests)
    for (route, status, count) in counters.all() {
      text.sample(.webRequests, [("route", route.template), ("code", String(status))], Double(count))
    }
  }

  private func writeProcess(_ figures: ProcessFigures, _ text: inout ExpositionText) {
    text.single(.processCPU, figures.cpuSeconds)
    if let count = figures.openDescriptors { text.single(.processOpenDescriptors, Double(count)) }
    text.single(.processMaxDescriptors, figures.maxDescriptors)
    if let bytes = figures.virtualBytes { text.single(.processVirtual, Double(bytes)) }
    if let bytes = figures.residentBytes { text.single(.processResident, Double(bytes)) }
    if options.started > 0 { text.single(.processStart, Double(options.started)) }
  }
}

extension Method {
  var label: String { self == .other ? "other" : name }
}

/// What the compiler knows of this build.
private enum Build {
  #if compiler(>=6.4)
    static let swift = "6.4"
  #elseif compiler(>=6.3)
    static let swift = "6.3"
  #else
    static let swift = "6.2"
  #endif
  #if arch(x86_64)
    static let arch = "x86_64"
  #elseif arch(arm64)
    static let arch = "arm64"
  #else
    static let arch = "other"
  #endif
}
