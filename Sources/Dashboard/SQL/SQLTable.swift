/// A cell, as SQLite knows them.
enum SQLValue: Equatable, Sendable {
  case null
  case integer(Int)
  case real(Double)
  case text(String)

  init(_ value: Double?) { self = value.map { .real($0) } ?? .null }

  /// As text for pages and CSV; nothing for NULL.
  var text: String {
    switch self {
    case .null: ""
    case .integer(let value): String(value)
    case .real(let value): value == value.rounded() && abs(value) < 0x1p53 ? String(Int(value)) : value.description
    case .text(let value): value
    }
  }
}

/// What a statement lets the engine leave out: equalities and the range of time.
struct SQLRange: Equatable, Sendable {
  var service: String?, step: String?, audience: String?
  var from = Int.min, to = Int.max  // half open, Unix seconds
}

/// One table of the console: its columns and where its rows come from. Knows nothing of SQLite.
struct SQLTable: Sendable {
  struct Column: Sendable {
    let name: String, type: String, meaning: String
    var isHidden = false  // a parameter: `SELECT *` leaves it out
  }
  let name: String
  let meaning: String
  let columns: [Column]
  /// A cursor over the rows of a range; SQLite checks every row once more, so too many rows are no error.
  let rows: @Sendable (SQLRange) -> any SQLRows

  var declaration: String {
    "CREATE TABLE x(" + columns.map { "\($0.name) \($0.type)\($0.isHidden ? " HIDDEN" : "")" }.joined(separator: ", ") + ")"
  }
  func index(of column: String) -> Int? { columns.firstIndex { $0.name == column } }
}

/// A walk over rows; begins before the first.
protocol SQLRows: AnyObject {
  /// Goes to the next row; false at the end.
  func next() -> Bool
  /// A cell of the present row.
  func value(_ column: Int) -> SQLValue
}

/// When a statement has to give up: the clock, and the daemon's end.
final class SQLBudget: Sendable {
  let deadline: ContinuousClock.Instant
  private let isStopping: @Sendable () -> Bool
  init(seconds: Double, isStopping: @escaping @Sendable () -> Bool) {
    deadline = .now + .seconds(seconds)
    self.isStopping = isStopping
  }
  var isSpent: Bool { isStopping() || ContinuousClock.now >= deadline }
}
