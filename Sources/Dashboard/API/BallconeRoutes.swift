internal import TSEngine

/// Ballcone's three JSON routes, key for key: per UTC day, the last `--days` days, days without a request left out.
extension Context {
  private static let groupable =
    "a field that is a list of values: "
    + BallconeField.allCases.filter { $0.dimension != nil || $0 == .isRobot }.map(\.rawValue).joined(separator: " ")

  private func days(of service: String) throws(APIError) -> Query {
    guard let name = known(service) else { throw APIError.unknownService(service) }
    let end = (floorDivide(clock(), TimeText.day) + 1) * TimeText.day
    var query = Query(service: name, from: end - options.days * TimeText.day, to: end)
    query.step = .day
    return query
  }

  // MARK: count

  /// `GET /services/{service}/count/{field}`: distinct values of a field per day. Of addresses an estimate from sketches.
  func count(_ service: String, field name: String) throws(APIError) -> Outcome {
    var query = try days(of: service)
    let field = try BallconeField(named: name)
    var counts: [(day: Int, count: Int)] = []
    switch field {
    case .ip:
      query.metrics = [.visitors, .requests]
      for row in try store.answer(query).rows where row.at(1) > 0 { counts.append((row.time ?? 0, Int(row.at(0).rounded()))) }
    case .isRobot:
      for audience in [Audience.people, .bots] {
        (query.metrics, query.audience) = ([.requests], audience)
        for row in try store.answer(query).rows where row.at(0) > 0 { counts.append((row.time ?? 0, 1)) }
      }
      counts = Self.summed(counts)
    case .datetime:  // moments are kept by the minute
      (query.metrics, query.step) = ([.requests], .minute)
      for row in try store.answer(query).rows where row.at(0) > 0 {
        counts.append((floorDivide(row.time ?? 0, TimeText.day) * TimeText.day, 1))
      }
      counts = Self.summed(counts)
    default:
      guard let dimension = field.dimension else {
        throw field.notKept(for: "count the values", want: Self.groupable + " ip datetime")
      }
      (query.metrics, query.by, query.limit) = ([.requests], .dimension(dimension), QueryParameters.maximumLimit)
      for row in try store.answer(query).rows where row.at(0) > 0 && !field.isNull(row.label ?? "") {
        counts.append((row.time ?? 0, 1))
      }
      counts = Self.summed(counts)
    }
    var json = Self.head(query.service, field: field.rawValue, distinct: true, ascending: nil, group: nil)
    for (day, count) in counts {
      json.beginObject()
      json.member("date", TimeText.date(day))
      json.key("group")
      json.null()
      json.member("count", count)
      json.endObject()
    }
    return .response(Self.closed(json))
  }

  private static func summed(_ counts: [(day: Int, count: Int)]) -> [(day: Int, count: Int)] {
    Dictionary(counts.map { ($0.day, $0.count) }, uniquingKeysWith: +).map { (day: $0.key, count: $0.value) }.sorted {
      $0.day < $1.day
    }
  }

  // MARK: average

  /// `GET /services/{service}/average/{field}` of `length` (bytes), `generation_time` (seconds), `status`.
  func average(_ service: String, field name: String) throws(APIError) -> Outcome {
    var query = try days(of: service)
    let field = try BallconeField(named: name)
    var days: [(day: Int, sum: Double, count: Int)] = []
    switch field {
    case .length, .generationTime:
      query.metrics = [.requests, field == .length ? .bytes : .durationAverage]
      for row in try store.answer(query).rows where row.at(0) > 0 {
        guard let value = row.values[1] else { continue }
        days.append((row.time ?? 0, field == .length ? value : value * row.at(0), Int(row.at(0))))
      }
    case .status:
      (query.metrics, query.by, query.limit) = ([.requests], .dimension(.status), QueryParameters.maximumLimit)
      var sums: [Int: (sum: Double, count: Int)] = [:]
      for row in try store.answer(query).rows {
        guard let code = Int(row.label ?? ""), row.at(0) > 0 else { continue }
        let old = sums[row.time ?? 0] ?? (0, 0)
        sums[row.time ?? 0] = (old.sum + Double(code) * row.at(0), old.count + Int(row.at(0)))
      }
      days = sums.map { (day: $0.key, sum: $0.value.sum, count: $0.value.count) }.sorted { $0.day < $1.day }
    default:
      throw field.notKept(for: "average", want: "a number: length generation_time status")
    }
    var json = JSONWriter()
    json.beginObject()
    json.member("table", query.service)
    json.member("field", field.rawValue)
    json.key("elements")
    json.beginArray()
    for (day, sum, count) in days {
      json.beginObject()
      json.member("date", TimeText.date(day))
      json.member("avg", number: sum / Double(count))
      json.member("sum", number: sum)
      json.member("count", count)
      json.endObject()
    }
    return .response(Self.closed(json))
  }

  // MARK: count_group

  /// `GET /services/{service}/count_group/{group}?distinct=&ascending=&limit=`: requests, or with `distinct=ip` visitors,
  /// of each value, `limit` values a day.
  func countGroup(_ service: String, group name: String, _ given: Parameters) throws(APIError) -> Outcome {
    var query = try days(of: service)
    let group = try BallconeField(named: name)
    let limit = try QueryParameters(given, allowed: ["distinct", "ascending", "limit"], now: clock(), days: options.days)
      .integer("limit", in: 0...QueryParameters.maximumLimit)
    let isAscending = given["ascending"].isYes
    let distinct = try Self.distinctField(given["distinct"])
    guard group.dimension != nil || group == .isRobot else { throw group.notKept(for: "group", want: Self.groupable) }
    query.metrics = [distinct == nil ? .requests : .visitors]
    var rows: [(day: Int, label: String, count: Int)] = []
    if let dimension = group.dimension {
      (query.by, query.limit) = (.dimension(dimension), QueryParameters.maximumLimit)
      rows = try store.answer(query).rows.map { ($0.time ?? 0, $0.label ?? "", Int($0.at(0).rounded())) }
    } else {
      for (audience, label) in [(Audience.people, "false"), (.bots, "true")] {
        query.audience = audience
        rows += try store.answer(query).rows.map { ($0.time ?? 0, label, Int($0.at(0).rounded())) }
      }
    }
    rows = rows.filter { $0.count > 0 }.sorted {
      ($0.day, isAscending ? $0.count : -$0.count, $0.label) < ($1.day, isAscending ? $1.count : -$1.count, $1.label)
    }
    var json = Self.head(
      query.service, field: distinct?.rawValue, distinct: distinct != nil, ascending: isAscending, group: group.rawValue)
    var day = Int.min, ofDay = 0
    for row in rows {
      ofDay = row.day == day ? ofDay + 1 : 1
      day = row.day
      guard ofDay <= limit ?? .max else { continue }
      json.beginObject()
      json.member("date", TimeText.date(row.day))
      json.key("group")
      if group == .isRobot { json.bool(row.label == "true") } else { group.write(row.label, to: &json) }
      json.member("count", row.count)
      json.endObject()
    }
    return .response(Self.closed(json))
  }

  /// `distinct=ip`, or a plain yes for the same; no, empty or absent counts requests. Other pairs of fields are not kept.
  private static func distinctField(_ text: String?) throws(APIError) -> BallconeField? {
    guard let text, !["", "0", "false", "no", "off", "n", "f"].contains(text.asciiLowered) else { return nil }
    if Optional(text).isYes { return .ip }
    let field = try BallconeField(named: text)
    guard field == .ip else { throw field.notKept(for: "count distinct values in groups", want: "distinct=ip") }
    return field
  }

  // MARK: JSON

  private static func head(
    _ service: String, field: String?, distinct: Bool, ascending: Bool?, group: String?
  ) -> JSONWriter {
    var json = JSONWriter()
    json.beginObject()
    json.member("table", service)
    json.key("field")
    if let field { json.string(field) } else { json.null() }
    json.key("distinct")
    json.bool(distinct)
    json.key("ascending")
    if let ascending { json.bool(ascending) } else { json.null() }
    json.key("group")
    if let group { json.string(group) } else { json.null() }
    json.key("elements")
    json.beginArray()
    return json
  }
  private static func closed(_ json: JSONWriter) -> Response {
    var json = json
    json.endArray()
    json.endObject()
    return .json(json)
  }
}

extension QueryResult.Row {
  /// The value of that metric, 0 without one.
  func at(_ index: Int) -> Double { index < values.count ? values[index] ?? 0 : 0 }
}
