internal import TSEngine

/// Reads a question from a query string; whatever is not understood is refused by name, nothing is guessed.
struct QueryParameters {
  let given: Parameters
  let now: Int
  let days: Int  // the range when `from` is not given
  private(set) var zone: TimeZone?

  static let defaultLimit = 100, maximumLimit = 10_000
  /// Rows of one answer: a month by minutes fits, a decade does not.
  static let maximumRows = 100_000

  /// - Parameter allowed: names this route knows; all but `f` may come once.
  init(_ given: Parameters, allowed: [String], now: Int, days: Int) throws(APIError) {
    (self.given, self.now, self.days) = (given, now, days)
    for (index, pair) in given.pairs.enumerated() {
      guard allowed.contains(pair.name) else {
        throw APIError("unknown_parameter", cannot: "read a parameter", got: pair.name, want: allowed.joined(separator: ", "))
      }
      guard pair.name == "f" || !given.pairs[..<index].contains(where: { $0.name == pair.name }) else {
        throw APIError("repeated_parameter", cannot: "read \(pair.name)", got: "it twice", want: "it once")
      }
    }
    if let name = given["tz"] {
      do { zone = try TimeZone(named: name) } catch {
        throw APIError("unknown_time_zone", cannot: "read tz", got: name, want: "a zone such as Europe/Berlin")
      }
    }
  }

  func service() throws(APIError) -> String {
    guard let name = given["service"], !name.isEmpty else {
      throw APIError("missing_service", "cannot answer: got no service, want service=NAME")
    }
    return name.asciiLowered
  }

  /// Half open, Unix seconds. Without `from` the last `days` UTC days, without `to` the end of the present minute.
  func range() throws(APIError) -> (from: Int, to: Int) {
    let from = try moment("from") ?? now - now % TimeText.day - (days - 1) * TimeText.day
    let to = try moment("to") ?? now - now % 60 + 60
    guard from < to else {
      throw APIError(
        "range", cannot: "answer for that range", got: "\(Timestamp.text(from)) to \(Timestamp.text(to))",
        want: "from before to")
    }
    return (from, to)
  }
  func moment(_ name: String) throws(APIError) -> Int? {
    guard let text = given[name] else { return nil }
    guard let second = TimeText.parse(text, now: now, zone: zone) else {
      throw APIError("bad_time", cannot: "read \(name)", got: text, want: "RFC 3339, Unix seconds, or -90m -24h -7d -4w")
    }
    return second
  }

  func filters() throws(APIError) -> [Filter] {
    let texts = given.all("f")
    guard texts.count <= FilterText.limit else {
      throw APIError("bad_filter", cannot: "read f", got: "\(texts.count) filters", want: "at most \(FilterText.limit)")
    }
    var filters: [Filter] = []
    for text in texts { filters.append(try FilterText.parse(text)) }
    return filters
  }

  func audience() throws(APIError) -> Audience {
    guard let name = given["audience"] else { return .all }
    guard let audience = Audience.allCases.first(where: { $0.name == name }) else {
      throw APIError("unknown_audience", cannot: "read audience", got: name, want: "people, bots, all")
    }
    return audience
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws(APIError) -> Int? {
    guard let text = given[name] else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw APIError(
        "bad_\(name)", cannot: "read \(name)", got: text, want: "a whole number \(range.lowerBound)…\(range.upperBound)")
    }
    return value
  }

  private func metric(_ name: some StringProtocol, of parameter: String) throws(APIError) -> Metric {
    guard let metric = Metric(name: name) else {
      let known = Metric.allCases.map(\.name).joined(separator: ", ")
      throw APIError("unknown_metric", cannot: "read \(parameter)", got: String(name), want: known)
    }
    return metric
  }

  /// The whole question of `GET /api/v1/query`.
  func query() throws(APIError) -> Query {
    let (from, to) = try range()
    var query = Query(service: try service(), from: from, to: to)
    if let name = given["step"] {
      guard let step = Step.allCases.first(where: { $0.name == name }) else {
        throw APIError("unknown_step", cannot: "read step", got: name, want: "minute, hour, day, week, month, all")
      }
      query.step = step
    }
    if let names = given["metrics"] {
      query.metrics = []
      for name in names.split(separator: ",", omittingEmptySubsequences: false) {
        let metric = try metric(name, of: "metrics")
        if !query.metrics.contains(metric) { query.metrics.append(metric) }
      }
    }
    if let name = given["by"] { query.by = try grouping(name, query.step) }
    if let order = given["order"] {
      query.ascending = !order.hasPrefix("-")
      query.orderBy = try metric(order.hasPrefix("-") ? order.dropFirst() : order[...], of: "order")
    }
    query.limit = try integer("limit", in: 1...Self.maximumLimit) ?? Self.defaultLimit
    query.filters = try filters()
    query.audience = try audience()
    query.timeZone = zone
    try checkSize(of: query)
    return query
  }

  private func grouping(_ name: String, _ step: Step) throws(APIError) -> Grouping {
    if name == Grouping.hourOfWeek.name {
      guard step == .all else {
        throw APIError("unknown_step", cannot: "group by hour_of_week", got: "step=\(step.name)", want: "step=all")
      }
      return .hourOfWeek
    }
    guard let dimension = Dimension(name: name) else {
      throw APIError("unknown_dimension", cannot: "read by", got: name, want: FilterText.dimensionNames + ", hour_of_week")
    }
    return .dimension(dimension)
  }

  private func checkSize(of query: Query) throws(APIError) {
    let buckets = query.step.buckets(from: query.from, to: query.to)
    let values = query.by.map { min(query.limit, $0.mostValues) } ?? 1
    guard buckets * values <= Self.maximumRows else {
      throw APIError(
        "too_many_rows", cannot: "answer at once", got: "\(buckets) buckets of \(values) values",
        want: "at most \(Self.maximumRows) rows: a longer step, a shorter range or a smaller limit")
    }
  }
}

extension Step {
  /// How many buckets a range touches at most.
  func buckets(from: Int, to: Int) -> Int {
    let length: Int
    switch self {
    case .minute: length = 60
    case .hour: length = 3_600
    case .day: length = TimeText.day
    case .week: length = 7 * TimeText.day
    case .month: length = 28 * TimeText.day
    case .all: return 1
    }
    return (to - from) / length + 2
  }
}

extension Grouping {
  /// Values there can be; open dimensions have no end.
  var mostValues: Int {
    switch self {
    case .hourOfWeek: 168
    case .dimension(let dimension):
      switch dimension {
      case .method: Method.allCases.count
      case .httpProtocol: HTTPProtocol.allCases.count
      case .device: Device.allCases.count
      case .channel: Channel.allCases.count
      case .country: Country.codes.count
      case .asset: 2
      case .status: 501
      default: Int.max
      }
    }
  }
}

extension String {
  var asciiLowered: String { String(decoding: utf8.map(\.asciiLowered), as: UTF8.self) }
}
