package import TSEngine

/// How one message is understood, for people: what was found in it and what became of it, or why it is refused and where.
package struct LineExplanation: Sendable {
  package struct Row: Equatable, Sendable {
    package let name: String
    package let value: String
    package let origin: String  // the key or the place it came from; may be empty
  }
  package enum Verdict: Equatable, Sendable {
    case counted, excluded
    case rejected(RejectReason, place: String)
  }
  package private(set) var verdict = Verdict.counted
  package private(set) var rows: [Row] = []
  /// Where the trouble is: some text around it, and how many characters of that stand before it.
  package private(set) var excerpt: (text: String, column: Int)?

  /// - Parameters:
  ///   - engine: any; an empty one does. Nothing is counted in it.
  ///   - arrival: Unix seconds, the time of a line that has none.
  package init(_ message: [UInt8], options: IngestOptions, engine: Engine, arrival: Int) {
    let service = options.service.flatMap { name in
      let bytes = Array(name.utf8)
      return ServiceName(bytes.span)
    }
    var builder = EventBuilder(
      engine: engine, countries: options.countries, visitorIncludesAgent: options.visitorIncludesAgent,
      rules: options.rules)
    var payload = 0
    do throws(Rejection) {
      let header = try SyslogHeader.parse(message.span)
      payload = header.payload.lowerBound
      describe(header, message)
      var text = Array(message[header.payload])
      let record = try describe(&text, as: options.format)
      let isCounted = try builder.add(message.span, format: options.format, service: service, arrival: arrival)
      guard isCounted else {
        verdict = .excluded
        return
      }
      let event = builder.batch[0]
      describe(event, record, text, engine)
      for (name, range) in [
        ("path", event.path), ("host", event.host), ("referrer", event.referrer), ("campaign", event.campaign),
      ] where range.count > 0 { add(name, builder.batch.withBytes(range) { Self.text($0) }) }
      addOutcome(event, record, text, options, engine)
      if event.second > arrival + Limits.futureSeconds { verdict = .rejected(.future, place: "time: ahead of the clock") }
    } catch {
      verdict = .rejected(error.reason, place: error.description)
      if error.offset >= 0 {
        excerpt = Self.excerpt(message, around: error.reason == .header ? error.offset : payload + error.offset)
      }
    }
  }

  private mutating func add(_ name: String, _ value: String, _ origin: String = "") {
    rows.append(Row(name: name, value: value, origin: origin))
  }

  private mutating func describe(_ header: SyslogHeader, _ message: [UInt8]) {
    func text(_ range: Range<Int>) -> String { Self.text(message.span.extracting(range)) }
    guard header.payload.lowerBound > 0 else { return add("header", "none") }
    let parts = [("tag", header.tag), ("host", header.hostname)].filter { !$0.1.isEmpty }
    add("header", (["syslog"] + parts.map { "\($0.0) \(text($0.1))" }).joined(separator: ", "))
  }

  /// The record's ranges, as they were found and with their escapes undone in `text`.
  private mutating func describe(_ text: inout [UInt8], as format: RecordFormat) throws(Rejection) -> AccessRecord {
    var record = AccessRecord()
    try format.parse(text.span, into: &record)
    let start = text.span.skipSpaces(from: 0)
    let isObject = text[start] == UInt8(ascii: "{")
    add("format", isObject ? "JSON" : record[.agent].isPresent || record[.referrer].isPresent ? "combined" : "common")
    var span = text.mutableSpan
    record.undoEscapes(in: &span)
    for (field, keys) in FieldKeys.names where record[field].isPresent {
      let found = record[field]
      let origin = isObject && Int(found.rank) < keys.count ? "\"\(keys[Int(found.rank)])\"" : ""
      add("· \(field)", Self.text(text.span.extracting(found.range)), origin)
    }
    return record
  }

  /// What the numbers mean.
  private mutating func describe(_ event: Event, _ record: AccessRecord, _ text: [UInt8], _ engine: Engine) {
    add("service", engine.services()[Int(event.service.rawValue)])
    add("time", Timestamp.text(event.second), record[.time].isPresent ? "" : "time of arrival")
    add("method", event.method.name)
    add("protocol", event.httpProtocol.name)
    add("status", event.status == 0 ? "000" : "\(event.status)")
    add("bytes", "\(event.bytes)")
    if event.durationMicroseconds != Event.noDuration { add("duration", Self.seconds(event.durationMicroseconds)) }
    if record[.upstream].isPresent, let sum = DurationText.sum(text.span.extracting(record[.upstream].range)) {
      add("upstream", Self.seconds(sum), "in all")
    }
  }

  /// Who asked, and from where.
  private mutating func addOutcome(
    _ event: Event, _ record: AccessRecord, _ text: [UInt8], _ options: IngestOptions, _ engine: Engine
  ) {
    let source = engine.text(of: event.source)
    if !source.isEmpty { add("source", source) }
    add("channel", event.channel.name)
    add("country", event.country.code)
    let proxies = options.rules.trustedProxies
    if record[.forwarded].isPresent, let proxy = Address.parse(text.span.extracting(record[.address].range)) {
      add("client", proxies.holds(proxy) ? "the one a trusted proxy names" : "the sender itself: no --trusted-proxy of ours")
    }
    guard record.agentIsLogged else { return add("agent", "not in the log") }
    let bytes = text.span.extracting(record[.agent].range)
    let agent = bytes.extracting(0..<min(bytes.count, UserAgent.maxBytes))
    let result = UserAgent.classify(agent)
    let words = UserAgent.agentClass(of: result, agent)
    if words.isBot { return add("bot", "\(words.bot) (\(result.kind))") }
    for (name, value) in [
      ("browser", words.browserVersion), ("platform", words.platformVersion), ("device", words.device.name),
    ] where !value.isEmpty { add(name, value) }
  }

  private static func seconds(_ microseconds: UInt32) -> String {
    let fraction = String(microseconds % 1_000_000 + 1_000_000).dropFirst()
    return "\(microseconds / 1_000_000).\(fraction) s"
  }

  private static func text(_ bytes: Span<UInt8>) -> String { String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }

  /// Up to forty characters on either side, control characters and broken ones as a question mark.
  private static func excerpt(_ message: [UInt8], around index: Int) -> (text: String, column: Int) {
    let at = min(max(0, index), message.count)
    func plain(_ range: Range<Int>) -> String {
      String(message[range].map { (0x20..<0x7f).contains($0) ? Character(Unicode.Scalar($0)) : "?" })
    }
    let before = plain(max(0, at - 40)..<at)
    return (before + plain(at..<min(message.count, at + 40)), before.count)
  }
}
