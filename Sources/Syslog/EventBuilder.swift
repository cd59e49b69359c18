package import TSEngine

/// Messages in, events out: takes one message apart, enriches it and adds it to a batch, without allocating.
///
/// One writer. Knows neither sockets nor the accounting; `Ingestor` is what hands batches over.
@safe
package struct EventBuilder: ~Copyable {
  /// No message is longer: a datagram cannot be, a line of a log is cut here.
  static let messageBytes = 1 << 17

  /// Events not yet handed over.
  package var batch = EventBatch()
  /// Of messages without a User-Agent whose client is known all the same; else nil.
  var client: KnownClient?
  private let engine: Engine
  private var enrichment: Enrichment
  private var record = AccessRecord()
  private var times = TimestampReader()
  private let rules: IngestRules
  private let (rewritesPaths, hasExclusions, hasProxies): (Bool, Bool, Bool)
  private var services = ServiceCache()
  private var tags = CampaignTags()
  private let scratch: UnsafeMutablePointer<UInt8>  // `messageBytes`, for undoing escapes; untouched until one comes
  private let pathScratch: UnsafeMutablePointer<UInt8>  // `RequestTarget.pathLimit`, for paths that rules rewrite

  package init(
    engine: Engine, countries: CountryLookup?, visitorIncludesAgent: Bool, rules: IngestRules = IngestRules()
  ) {
    (self.engine, self.rules) = (engine, rules)
    (rewritesPaths, hasExclusions) = (rules.rewritesPaths, !rules.exclusions.isEmpty)
    hasProxies = !rules.trustedProxies.isEmpty
    unsafe pathScratch = .allocate(capacity: RequestTarget.pathLimit)
    enrichment = Enrichment(engine: engine, countries: countries, visitorIncludesAgent: visitorIncludesAgent)
    unsafe scratch = .allocate(capacity: Self.messageBytes)
  }
  deinit {
    unsafe scratch.deallocate()
    unsafe pathScratch.deallocate()
  }

  mutating func refresh() { enrichment.refresh() }

  /// Adds the request that `message` reports; false when the rules leave it out.
  ///
  /// - Parameters:
  ///   - arrival: Unix seconds, for records without a time of their own.
  ///   - service: wins over what the message says.
  /// - Precondition: the batch is not full.
  @inline(__always)
  @discardableResult
  package mutating func add(
    _ message: Span<UInt8>, format: RecordFormat, service: ServiceName?, arrival: Int
  ) throws(Rejection) -> Bool {
    guard message.count <= Self.messageBytes else { throw Rejection(.truncated, "line", at: Self.messageBytes) }
    let header = try SyslogHeader.parse(message)
    record.removeAll()
    let text = message.extracting(header.payload)
    try format.parse(text, into: &record)
    let tag = message.extracting(header.tag)
    if record.hasEscapes {
      return try addUnescaped(text, tag: tag, service, arrival)
    } else {
      return try assemble(text, tag: tag, service, arrival)
    }
  }

  /// The same for a record with escapes: they are undone in a copy.
  @inline(never)
  private mutating func addUnescaped(
    _ text: Span<UInt8>, tag: Span<UInt8>, _ service: ServiceName?, _ arrival: Int
  ) throws(Rejection) -> Bool {
    unsafe text.withUnsafeBufferPointer { from in
      if let base = from.baseAddress { unsafe scratch.update(from: base, count: from.count) }
    }
    var copy = unsafe MutableSpan(_unsafeStart: scratch, count: text.count)  // ≤ messageBytes, as checked in `add`
    record.undoEscapes(in: &copy)
    return try assemble(unsafe Span(_unsafeStart: UnsafePointer(scratch), count: text.count), tag: tag, service, arrival)
  }

  /// Fills an event from the record's ranges of `text`.
  @inline(__always)
  private mutating func assemble(
    _ text: Span<UInt8>, tag: Span<UInt8>, _ service: ServiceName?, _ arrival: Int
  ) throws(Rejection) -> Bool {
    let site = text.extracting(record[.service].range)
    guard service == nil, let known = services.known(site) else {
      return try assembleNamed(text, tag: tag, service, arrival)
    }
    var event = Event()
    let client = try begin(text, arrival, &event)
    guard let id = known.id else { throw Rejection(.undeclared, "service") }
    event.service = id
    return finish(text, client, site, &event)
  }

  /// The same for a site that is named otherwise or new.
  @inline(never)
  private mutating func assembleNamed(
    _ text: Span<UInt8>, tag: Span<UInt8>, _ service: ServiceName?, _ arrival: Int
  ) throws(Rejection) -> Bool {
    let name: ServiceName
    if let service { name = service } else { name = try record.serviceName(in: text, tag: tag) }
    var event = Event()
    let client = try begin(text, arrival, &event)
    guard let id = services.id(of: name, in: engine, rules) else { throw Rejection(.undeclared, "service") }
    event.service = id
    return name.withBytes { name in finish(text, client, name, &event) }
  }

  /// Address and time.
  @inline(__always)
  private mutating func begin(_ text: Span<UInt8>, _ arrival: Int, _ event: inout Event) throws(Rejection) -> Address {
    let client = try address(text)
    event.second = arrival
    if record[.time].isPresent {
      guard let second = times.read(text.extracting(record[.time].range)) else { throw Rejection(.time, "time") }
      event.second = second
    }
    return client
  }

  /// All else. Returns whether the request is counted.
  private mutating func finish(_ text: Span<UInt8>, _ client: Address, _ site: Span<UInt8>, _ event: inout Event) -> Bool {
    addNumbers(text, to: &event)
    guard addTarget(text, client, to: &event) else { return false }
    let agent = text.extracting(record[.agent].range)
    enrichment.client(client, agent: agent, agentIsLogged: record.agentIsLogged, into: &event)
    if self.client != nil { takeKnownClient(&event) }
    if record[.referrer].isPresent || !tags.isEmpty { addReferrer(text.extracting(record[.referrer].range), site, &event) }
    batch.append(event)
    return true
  }

  /// What was known of the client before.
  @inline(never)
  private func takeKnownClient(_ event: inout Event) {
    guard let known = client else { return }
    event.agent = engine.agent(known.agent)
    if let country = known.country { event.country = country }
  }

  /// The client's address: the record's, or whom a trusted proxy spoke for.
  @inline(__always)
  private func address(_ text: Span<UInt8>) throws(Rejection) -> Address {
    guard record[.address].isPresent else { throw Rejection(.address, "no address") }
    guard let address = Address.parse(text.extracting(record[.address].range)) else { throw Rejection(.address, "address") }
    guard hasProxies, record[.forwarded].isPresent, rules.trustedProxies.holds(address) else { return address }
    return Forwarded.client(in: text.extracting(record[.forwarded].range), of: address, trusted: rules.trustedProxies)
  }

  /// Method, protocol, status, length, duration.
  @inline(__always)
  private func addNumbers(_ text: Span<UInt8>, to event: inout Event) {
    if record[.status].isPresent { event.status = Number.status(text.extracting(record[.status].range)) }
    if record[.length].isPresent { event.bytes = Number.integer(text.extracting(record[.length].range)) ?? 0 }
    let duration = record[.duration]
    if duration.isPresent {
      let unit: DurationText.Unit =
        switch duration.rank {
        case FieldKeys.millisecondRank: .milliseconds
        case FieldKeys.microsecondRank: .microseconds
        case FieldKeys.nanosecondRank: .nanoseconds
        default: .seconds
        }
      event.durationMicroseconds =
        DurationText.microseconds(text.extracting(duration.range), in: unit) ?? Event.noDuration
    }
    if record[.method].isPresent { event.method = Method(text.extracting(record[.method].range)) }
    if record[.httpProtocol].isPresent {
      event.httpProtocol = HTTPProtocol(text.extracting(record[.httpProtocol].range))
    }
  }

  /// Path, campaign and host. Returns whether the request is to be counted.
  @inline(__always)
  private mutating func addTarget(_ text: Span<UInt8>, _ client: Address, to event: inout Event) -> Bool {
    var target = record[.target].range
    if record[.request].isPresent {
      let line = RequestLine(text.extracting(record[.request].range))
      let start = Int(record[.request].offset)
      if !record[.target].isPresent { target = start + line.target.lowerBound..<start + line.target.upperBound }
      if !record[.method].isPresent { event.method = line.method }
      if !record[.httpProtocol].isPresent { event.httpProtocol = line.httpProtocol }
    }
    if record[.host].isPresent {
      let host = text.extracting(record[.host].range)
      event.host = batch.store(limit: HostName.limit) { room in HostName.copy(host, into: &room) }
    }
    let targetText = text.extracting(target)
    var query = 0..<0
    if rewritesPaths || hasExclusions {
      guard addByRules(targetText, text, client, &query, &event) else { return false }
    } else {
      event.path = batch.store(limit: RequestTarget.pathLimit) { room in
        let path = RequestTarget.copyPath(targetText, into: &room)
        query = path.query
        return path.count
      }
    }
    tags.removeAll()
    if !query.isEmpty {
      tags.read(targetText.extracting(query))
    } else if record[.query].isPresent {
      tags.read(text.extracting(record[.query].range))
    }
    if !tags.isEmpty { event.campaign = batch.store(tags.campaign) }
    return true
  }

  /// The same for a path that rules look at. Returns whether the request is to be counted.
  @inline(never)
  private mutating func addByRules(
    _ target: Span<UInt8>, _ text: Span<UInt8>, _ client: Address, _ query: inout Range<Int>, _ event: inout Event
  ) -> Bool {
    var room = unsafe MutableSpan(_unsafeStart: pathScratch, count: RequestTarget.pathLimit)
    let asked = RequestTarget.copyPath(target, into: &room)
    query = asked.query
    let path = unsafe Span(_unsafeStart: UnsafePointer(pathScratch), count: asked.count)
    if hasExclusions {
      let agent = text.extracting(record[.agent].range)
      let isExcluded = batch.withBytes(event.host) { host in rules.excludes(client, agent: agent, path: path, host: host) }
      if isExcluded { return false }
    }
    let parameters = query.isEmpty ? text.extracting(record[.query].range) : target.extracting(query)
    event.path = batch.store(limit: RequestTarget.pathLimit) { room in
      rules.write(path, query: parameters, into: &room)
    }
    return true
  }

  /// Referrer, source and channel. A log without hosts is of one site, whose name is its host most often.
  @inline(__always)
  private mutating func addReferrer(_ referrer: Span<UInt8>, _ site: Span<UInt8>, _ event: inout Event) {
    let host =
      if event.host.count > 0 {
        batch.withBytes(event.host) { host in
          enrichment.referrer(referrer, ownHost: host, campaign: tags, into: &event)
        }
      } else {
        enrichment.referrer(referrer, ownHost: site, campaign: tags, into: &event)
      }
    guard !host.isEmpty else { return }
    let text = referrer.extracting(host)
    event.referrer = batch.store(limit: HostName.limit) { room in HostName.copy(text, into: &room) }
  }
}
