/// One tracked site: its dictionaries, what is open, what is closed, its rows.
///
/// Guarded by the engine's lock, like everything it holds.
final class Series {
  /// A packed block of rows of one hour.
  struct Block {
    let hour: Int  // Unix hour
    let count: Int
    let blob: BlobRef
  }

  /// Of what all services may hold together.
  struct Shares {
    let codes: CommonLimit.Share, sketchBytes: CommonLimit.Share
  }

  let id: ServiceID
  let name: String
  let labels: Labels
  let pool: PagePool

  var paths: LabelDictionary, referrers: LabelDictionary, hosts: LabelDictionary, campaigns: LabelDictionary
  var pathIsStatic: Column<UInt8>  // by path code
  var referrerHosts: LabelDictionary  // several referrers share a host
  var referrerHost: Column<UInt32>  // by referrer code: the code of its host

  var batches: [OpenBatch] = []  // the newest used first
  let minute: OpenMinute, hour: OpenHour, day: OpenDay

  var minutes: BucketIndex, hours: BucketIndex, days: BucketIndex
  var minuteBlobs: BlobLog, spanBlobs: BlobLog, rowBlobs: BlobLog
  var blocks: [Block] = []  // by hour
  var blockRows = 0
  /// Unix minute, hour, day from which rows and rings are complete: what is missing at or after them never was.
  var rowsFrom = 0  // Unix hour
  var minutesFrom = 0, hoursFrom = 0, daysFrom = 0

  var firstSecond = Int.max, lastSecond = 0
  var lastCall = -1  // of `EngineState.ingest`, that brought an event
  var takenBackHour = 0, thinning = 0  // when codes were last taken back, and how much closed tables were thinned for it
  let totals: RunTotals

  init(id: ServiceID, name: String, labels: Labels, pool: PagePool, options: EngineOptions, shares: Shares) {
    (self.id, self.name, self.labels, self.pool) = (id, name, labels, pool)
    func dictionary(_ codes: Int, _ bytes: Int) -> LabelDictionary {
      LabelDictionary(maxCodes: codes, maxBytes: bytes, share: shares.codes, takesBack: true, pool: pool)
    }
    paths = dictionary(Limits.pathCodes, Limits.pathBytes)
    referrers = dictionary(Limits.referrerCodes, Limits.referrerBytes)
    hosts = dictionary(Limits.hostCodes, Limits.hostBytes)
    campaigns = dictionary(Limits.campaignCodes, Limits.campaignBytes)
    referrerHosts = dictionary(Limits.referrerCodes, Limits.referrerBytes)
    pathIsStatic = Column(capacity: Limits.pathCodes, count: 2, keepsPlaces: true, pool: pool)
    referrerHost = Column(capacity: Limits.referrerCodes, count: 2, keepsPlaces: true, pool: pool)
    referrerHost[1] = 1
    minute = OpenMinute(pool: pool)
    hour = OpenHour(pool: pool)
    day = OpenDay(pool: pool, sketches: shares.sketchBytes)
    minutes = BucketIndex(capacity: options.keepMinutes, pool: pool)
    hours = BucketIndex(capacity: options.keepHours, pool: pool)
    days = BucketIndex(capacity: Self.mostDays, pool: pool)
    minuteBlobs = BlobLog(pool: pool)
    spanBlobs = BlobLog(pool: pool)
    rowBlobs = BlobLog(pool: pool)
    totals = RunTotals(pool: pool)
  }

  static let mostDays = 40_000  // of which an index has room: a century

  /// Names a service may have: `[a-z0-9._-]{1,64}`.
  static func isValid(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 64
      && name.utf8.allSatisfy { $0 &- 97 < 26 || $0 &- 48 < 10 || $0 == 46 || $0 == 95 || $0 == 45 }
  }

  // MARK: Codes of one event

  @inline(__always)
  @unsafe func pathCode(_ start: UnsafePointer<UInt8>, count: Int, hash: UInt64, isMissing: Bool = false) -> UInt32 {
    if isMissing, paths.isCrowded { return unsafe missingCode(start, count) }
    let (code, isNew) = unsafe paths.code(start, count: count, extra: 0, hash: hash)
    if isNew { unsafe notePath(code, start, count) }
    return code
  }

  /// Of a path that was answered with 4xx: once paths are crowded, what scanners invent is one value and takes no room from
  /// pages that exist. A path that was met before keeps its name.
  @inline(never) @unsafe private func missingCode(_ start: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
    if let known = unsafe paths.known(start, count: count) { return known }
    var name = Self.notFound
    return name.withUTF8 { bytes in
      unsafe withPadded(bytes) { start, count in
        unsafe pathCode(start, count: count, hash: LabelDictionary.hash(start, count: count))
      }
    }
  }
  static let notFound = "~not-found"

  @inline(never) @unsafe func notePath(_ code: UInt32, _ start: UnsafePointer<UInt8>, _ count: Int) {
    pathIsStatic.grow(to: Int(code) + 1)
    pathIsStatic[Int(code)] = unsafe Labels.isStatic(UnsafeBufferPointer(start: start, count: count)) ? 1 : 0
  }

  /// A referrer is its host, source and channel together: `extra` carries the latter two.
  @inline(__always)
  @unsafe func referrerCode(_ start: UnsafePointer<UInt8>, count: Int, source: NameID, channel: Channel) -> UInt32 {
    let extra = Self.referrerExtra(source: source, channel: channel)
    let (code, isNew) = unsafe referrers.code(start, count: count, extra: extra)
    if isNew { unsafe noteReferrer(code, start, count) }
    return code
  }

  static func referrerExtra(source: NameID, channel: Channel) -> UInt32 {
    UInt32(source.rawValue) << 8 | UInt32(channel.rawValue)
  }

  @inline(never) @unsafe func noteReferrer(_ code: UInt32, _ start: UnsafePointer<UInt8>, _ count: Int) {
    referrerHost.grow(to: Int(code) + 1)
    referrerHost[Int(code)] = unsafe referrerHosts.code(start, count: count, extra: 0).code
  }

  func setHost(_ host: UInt32, ofReferrer code: UInt32) {
    referrerHost.grow(to: Int(code) + 1)
    referrerHost[Int(code)] = host
  }

  /// Lets every dictionary tell of the codes it gives.
  func tell(_ list: NewCodes) {
    paths.news = .init(list: list, kind: .paths, service: id.rawValue)
    referrers.news = .init(list: list, kind: .referrers, service: id.rawValue)
    referrerHosts.news = .init(list: list, kind: .referrerHosts, service: id.rawValue)
    hosts.news = .init(list: list, kind: .hosts, service: id.rawValue)
    campaigns.news = .init(list: list, kind: .campaigns, service: id.rawValue)
  }

  /// Makes counters as wide as the dictionaries have become; before a fold or a close.
  func widen() {
    for span in [hour, day] as [OpenSpan] {
      for column in Physical.allCases { span.counters[column.rawValue].grow(codes: codes(of: column)) }
    }
  }

  /// Codes a column has at present.
  func codes(of column: Physical) -> Int {
    switch column {
    case .path, .entry: paths.count
    case .referrer: referrers.count
    case .agent: labels.agents.count
    case .host: hosts.count
    case .campaign: campaigns.count
    case .country, .verb, .status: column.codes
    }
  }

  /// Codes a dimension has at present.
  func codes(of dimension: Dimension) -> Int {
    switch dimension {
    case .path, .entry: paths.count
    case .referrer: referrerHosts.count
    case .host: hosts.count
    case .campaign: campaigns.count
    case .source, .browser, .browserVersion, .platform, .platformVersion, .bot: labels.names.count
    case .channel, .country, .device, .status, .method, .httpProtocol, .asset: dimension.codes
    }
  }
}

/// Sums since the process started, for counters that may never go down.
final class RunTotals {
  let requests: Column<UInt64>  // method × status class: 16 × 6
  let latency: Column<UInt32>  // LatencyHistogram.count
  var bytes = 0, bots = 0, microseconds = 0

  init(pool: PagePool) {
    requests = Column(capacity: 96, count: 96, pool: pool)
    latency = Column(capacity: LatencyHistogram.count, count: LatencyHistogram.count, pool: pool)
  }

  func clear() {
    requests.clear()
    latency.clear()
    (bytes, bots, microseconds) = (0, 0, 0)
  }
}
