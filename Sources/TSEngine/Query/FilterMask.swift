internal import Glibc

/// A query's filters and audience as look-up tables: one byte for each code of a stored column, evaluated once over the
/// dictionaries, so that a row costs one look-up a column and no string is compared again.
///
/// Conditions on one column are joined in its table; columns are joined by AND while scanning. A condition on `entry` also
/// asks for a referrer that is not the site itself: requests without an entry match none, whatever the operator.
@safe
struct FilterMask {
  /// Columns with a table, cheapest to read first.
  private(set) var columns: [RowBlock.Column] = []
  /// Set when a scan counts both audiences and tells them apart itself.
  private(set) var audienceApart: Audience?
  private let series: Series
  private let scratch: QueryScratch

  private static let order: [RowBlock.Column] = [.host, .verb, .campaign, .country, .status, .referrer, .agent, .path]

  /// - Parameter keepsAudienceApart: for `bot_share`, which counts both whatever the audience.
  init(_ filters: [Filter], audience: Audience, keepsAudienceApart: Bool, _ series: Series, _ scratch: QueryScratch) {
    (self.series, self.scratch) = (series, scratch)
    for filter in filters { add(filter) }
    if audience != .all {
      if keepsAudienceApart {
        audienceApart = audience
      } else {
        restrict(.agent) { [labels = series.labels] code in (labels.agents.rows[code].isBot != 0) == (audience == .bots) }
      }
    }
  }

  var isEmpty: Bool { columns.isEmpty }

  /// The table of a column in `columns`: 1 for codes that pass.
  @unsafe @inline(__always) func lookup(_ column: RowBlock.Column) -> UnsafePointer<UInt8> {
    unsafe UnsafePointer(scratch.lookup(column, .filter))
  }

  /// Keeps of a column what passes.
  mutating func restrict(_ column: RowBlock.Column, _ passes: (Int) -> Bool) {
    let table = unsafe begin(column)
    for code in 0..<series.codes(of: column) where unsafe table[code] != 0 && !passes(code) { unsafe table[code] = 0 }
  }

  /// Leaves only rows that have a value of the dimension at all.
  mutating func restrict(toRowsWith dimension: Dimension) {
    switch dimension {
    case .entry:
      let inner = UInt32(Channel.internal.rawValue)
      restrict(.referrer) { [series] code in series.referrers.extra(UInt32(code)) & 0xff != inner }
    case .bot: restrict(.agent) { [labels = series.labels] code in labels.agents.rows[code].isBot != 0 }
    default: break
    }
  }

  private mutating func add(_ filter: Filter) {
    let dimension = filter.dimension, matches = unsafe scratch.matches
    Self.evaluate(filter, series, into: scratch)
    if dimension == .entry { restrict(toRowsWith: .entry) }
    switch dimension {
    case .path, .entry, .host, .campaign, .country, .status:  // their own codes: 5 µs for all paths, instead of 200
      let table = unsafe begin(dimension.column)
      for code in 0..<series.codes(of: dimension.column) { unsafe table[code] &= matches[code] }
    default: restrict(dimension.column) { [series] code in unsafe matches[series.code(of: dimension, column: code)] != 0 }
    }
  }

  /// The table of a column; new columns start with everything.
  @unsafe private mutating func begin(_ column: RowBlock.Column) -> UnsafeMutablePointer<UInt8> {
    let table = unsafe scratch.lookup(column, .filter)
    if !columns.contains(column) {
      unsafe memset(table, 1, series.codes(of: column))
      columns = Self.order.filter { $0 == column || columns.contains($0) }
    }
    return unsafe table
  }

  // MARK: Over a dictionary

  /// `scratch.matches[code]` = 1 for every code of the dimension that passes.
  static func evaluate(_ filter: Filter, _ series: Series, into scratch: QueryScratch) {
    let count = series.codes(of: filter.dimension), matches = unsafe scratch.matches
    let isNegated = filter.op == .isNot || filter.op == .containsNot
    let isExact = filter.op == .is || filter.op == .isNot
    unsafe memset(matches, isNegated ? 1 : 0, count)
    let hit: UInt8 = isNegated ? 0 : 1
    if isExact {
      for value in filter.values {
        for code in series.codes(filter.dimension, labelled: value) { unsafe matches[code] = hit }
      }
    } else {
      let wanted = filter.values.map { Array($0.utf8.map(lowered)) }
      for code in 0..<count {
        let passes = unsafe series.withLabel(filter.dimension, code) { text in
          wanted.contains { unsafe contains(text, $0) }
        }
        if passes { unsafe matches[code] = hit }
      }
    }
  }

  @inline(__always) private static func lowered(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 32 : byte }

  /// Whether `text` contains `part`, ASCII letters of either case; `part` is lower case.
  @unsafe private static func contains(_ text: UnsafeBufferPointer<UInt8>, _ part: [UInt8]) -> Bool {
    guard let first = part.first else { return true }
    guard part.count <= text.count else { return false }
    for start in 0...(text.count - part.count) where unsafe lowered(text[start]) == first {
      var index = 1
      while index < part.count, unsafe lowered(text[start + index]) == part[index] { index += 1 }
      if index == part.count { return true }
    }
    return false
  }
}

extension Dimension {
  /// The stored column this dimension is a function of.
  var column: RowBlock.Column {
    switch self {
    case .path, .entry, .asset: .path
    case .referrer, .source, .channel: .referrer
    case .campaign: .campaign
    case .host: .host
    case .country: .country
    case .browser, .browserVersion, .platform, .platformVersion, .device, .bot: .agent
    case .status: .status
    case .method, .httpProtocol: .verb
    }
  }
}

extension Series {
  /// Codes a stored column has at present.
  func codes(of column: RowBlock.Column) -> Int {
    switch column {
    case .path: paths.count
    case .agent: labels.agents.count
    case .referrer: referrers.count
    case .host: hosts.count
    case .campaign: campaigns.count
    case .country, .verb: 256
    case .status: Limits.statusCodes
    case .token, .bytes, .duration: 0
    }
  }

  /// The bytes of a label, without making a string where a dictionary has them.
  @unsafe func withLabel<R>(_ dimension: Dimension, _ code: Int, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    switch dimension {
    case .path, .entry: return unsafe paths.withBytes(UInt32(code), body)
    case .referrer: return unsafe referrerHosts.withBytes(UInt32(code), body)
    case .host: return unsafe hosts.withBytes(UInt32(code), body)
    case .campaign: return unsafe campaigns.withBytes(UInt32(code), body)
    case .source, .browser, .browserVersion, .platform, .platformVersion, .bot:
      return unsafe labels.names.withBytes(UInt32(code), body)
    case .channel, .country, .device, .status, .method, .httpProtocol, .asset:
      var text = label(dimension, code)
      return text.withUTF8(body)
    }
  }

  /// The codes of a dimension that carry a label: one, or none; of closed lists several may be `~other`.
  func codes(_ dimension: Dimension, labelled text: String) -> [Int] {
    switch dimension {
    case .path, .entry: paths.find(text, extra: 0).map { [Int($0)] } ?? []
    case .referrer: referrerHosts.find(text, extra: 0).map { [Int($0)] } ?? []
    case .host: hosts.find(text, extra: 0).map { [Int($0)] } ?? []
    case .campaign: campaigns.find(text, extra: 0).map { [Int($0)] } ?? []
    case .source, .browser, .browserVersion, .platform, .platformVersion, .bot:
      labels.names.find(text, extra: 0).map { [Int($0)] } ?? []
    case .channel, .country, .device, .status, .method, .httpProtocol, .asset:
      (0..<dimension.codes).filter { label(dimension, $0) == text }
    }
  }
}
