extension Engine {
  /// Erases from memory; the store then writes a snapshot without it and removes all others (`Store.replaceAll`). Only for a
  /// program that does nothing else: it holds the gate, and identifiers of services mean nothing afterwards.
  package func forget(_ what: Forgetting) -> ForgetReport {
    withState { state in
      state.foldAll()
      return state.forget(what)
    }
  }
}

extension EngineState {
  fileprivate func forget(_ what: Forgetting) -> ForgetReport {
    var report = ForgetReport()
    let buffers = ScanBuffers()
    for series in series {
      let forgotten: ForgetReport.Service?
      switch what {
      case .service(let name): forgotten = series.name == name ? series.forgetAll() : nil
      case .before(let second, let only):
        forgotten = only ?? series.name == series.name ? series.forget(beforeDay: second / 86_400, fold, closing) : nil
      case .paths(let paths, let only):
        forgotten = only ?? series.name == series.name ? series.forget(paths: paths) : nil
      }
      guard var forgotten else { continue }
      if !forgotten.isGone { _ = UsedCodes(series, buffers).takeBackOthers(of: series) }
      forgotten.names.sort()
      report.services.append(forgotten)
    }
    remove(Set(report.services.lazy.filter(\.isGone).map(\.name)))
    forgetNames()
    return report
  }

  /// Names that all services share are codes in whatever there is, so what nothing refers to is called otherwise. Those of
  /// agents stay: they say nothing of a site.
  private func forgetNames() {
    var used = Set<Int>([0, 1])
    for code in 0..<labels.agents.count {
      let row = labels.agents.rows[code]
      for name in [row.browser, row.browserVersion, row.platform, row.platformVersion, row.bot] { used.insert(Int(name)) }
    }
    for series in series {
      series.referrers.forEachUse { code, _ in used.insert(Int(series.referrers.extra(UInt32(code)) >> 8)) }
      unsafe series.forEachSpan { span in
        for dimension in [Dimension.source, .browser, .browserVersion, .platform, .platformVersion, .bot] {
          let table = unsafe span.section(.table(dimension))
          unsafe TopTable.forEachKey(table.start, count: table.count) { used.insert($0 >> 1) }
        }
      }
    }
    for code in 2..<max(2, labels.names.count) where !used.contains(code) {
      _ = labels.names.rename(code, to: "~forgotten-\(code)")
    }
  }
}

extension Series {
  private var requests: Int {
    let sums = TallyAccumulator()
    for position in 0..<days.count {
      addTally(.day(days.at(position).number), people: true, bots: true, into: sums, wanting: [])
    }
    for number in Set([day.number, hour.number / 24]) where number >= 0 && days.find(number) == nil {
      addTally(.day(number), people: true, bots: true, into: sums, wanting: [])
    }
    return sums.requests
  }
  private var rows: Int { blockRows + batches.reduce(0) { $0 + $1.count } }

  fileprivate func forgetAll() -> ForgetReport.Service {
    ForgetReport.Service(name: name, requests: requests, rows: rows, days: days.count, isGone: true)
  }

  fileprivate func forget(beforeDay first: Int, _ fold: Fold, _ closing: Closing) -> ForgetReport.Service? {
    guard firstSecond < first * 86_400 else { return nil }
    if lastSecond < first * 86_400 { return forgetAll() }
    var service = ForgetReport.Service(name: name)
    let before = (requests, rows, days.count)
    if day.number >= 0 && day.number < first || batches.contains(where: { $0.count > 0 && $0.hour < first * 24 }) {
      closeAll(fold, closing)
    }
    dropMinutes(before: first * 1_440)
    dropHours(before: first * 24)
    dropDays(before: first)
    dropRows(before: first * 24)
    firstSecond = first * 86_400
    service.requests = before.0 - requests
    (service.rows, service.days) = (before.1 - rows, before.2 - days.count)
    return service
  }

  /// The code stays what it is in tables and rows, under another name: so every total, and what is static, stays true.
  fileprivate func forget(paths names: [String]) -> ForgetReport.Service? {
    var service = ForgetReport.Service(name: self.name)
    for name in names {
      guard let code = paths.find(name, extra: 0), code > 1 else { continue }
      let ending = pathIsStatic[Int(code)] != 0 ? name.split(separator: ".").last.map { "." + $0.lowercased() } ?? "" : ""
      var number = 1
      while !paths.rename(Int(code), to: number == 1 ? "~forgotten\(ending)" : "~forgotten-\(number)\(ending)") {
        number += 1
        precondition(number <= Limits.pathCodes + 1, "no name is free")
      }
      service.names.append(name)
      let table = TableAccumulator()
      for position in 0..<days.count {
        addTable(.day(days.at(position).number), .path, people: true, bots: true, into: table)
      }
      for number in Set([day.number, hour.number / 24]) where number >= 0 && days.find(number) == nil {
        addTable(.day(number), .path, people: true, bots: true, into: table)
      }
      unsafe service.requests += table.sums[Int(code)].requests
    }
    return service.names.isEmpty ? nil : service
  }
}
