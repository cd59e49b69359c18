internal import CSQLite

/// Why a statement was not run to its end, in words for whoever typed it.
struct SQLFailure: Error {
  var code = "sql"
  let message: String
}

struct SQLAnswer: Sendable {
  var columns: [String] = []
  var rows: [[SQLValue]] = []
  var isCut = false  // more rows or bytes than are shown
}

/// One in-memory connection that can only read our virtual tables (RELIABILITY S17). Opened for a statement, closed after
/// it: idle, the console costs nothing. One thread at a time.
@safe struct SQLite: ~Copyable {
  static let rowLimit = 10_000, byteLimit = 4 << 20, heapBytes: Int64 = 16 << 20
  static let seconds = 1.0

  private let database: OpaquePointer  // closed once, in deinit
  private let budget: SQLBudget  // also held by SQLite, as long as the connection lives

  init(_ tables: [SQLTable], budget: SQLBudget) throws(SQLFailure) {
    let opened = unsafe try Self.open(tables, budget)
    self.budget = budget
    unsafe database = opened  // last: a throw after it would run deinit
  }

  @unsafe private static func open(_ tables: [SQLTable], _ budget: SQLBudget) throws(SQLFailure) -> OpaquePointer {
    sqlite3_hard_heap_limit64(Self.heapBytes)  // of the process, where only we use SQLite
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE
    let opened = unsafe sqlite3_open_v2(":memory:", &handle, flags, nil)
    guard opened == SQLITE_OK, let handle = unsafe handle else {
      unsafe sqlite3_close_v2(handle)
      throw SQLFailure(message: "cannot open the console: out of memory")
    }
    unsafe restrict(handle)
    // Debian's default would spill a sort into a file.
    unsafe sqlite3_exec(handle, "PRAGMA temp_store=MEMORY", nil, nil, nil)
    for table in tables {
      guard unsafe EngineTable.register(table, budget: budget, in: handle) else {
        unsafe sqlite3_close_v2(handle)
        throw SQLFailure(message: "cannot open the console: out of memory")
      }
    }
    unsafe sqlite3_set_authorizer(handle, authorize, nil)
    unsafe sqlite3_progress_handler(
      handle, 1_000, { unsafe Unmanaged<SQLBudget>.fromOpaque($0!).takeUnretainedValue().isSpent ? 1 : 0 },
      Unmanaged.passUnretained(budget).toOpaque())
    return unsafe handle
  }

  deinit {
    unsafe sqlite3_close_v2(database)
    if sqlite3_memory_highwater(1) > 1 << 20 { ballcone_trim() }
  }

  @unsafe private static func restrict(_ database: OpaquePointer) {
    let switches: [(CInt, CInt)] = [
      (SQLITE_DBCONFIG_DEFENSIVE, 1), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0), (SQLITE_DBCONFIG_ENABLE_TRIGGER, 0),
      (SQLITE_DBCONFIG_ENABLE_VIEW, 0), (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
    ]
    for (option, value) in switches { unsafe ballcone_db_config(database, option, value) }
    let limits: [(CInt, CInt)] = [
      (SQLITE_LIMIT_LENGTH, 1_000_000), (SQLITE_LIMIT_SQL_LENGTH, 10_000), (SQLITE_LIMIT_COLUMN, 100),
      (SQLITE_LIMIT_EXPR_DEPTH, 20),
      (SQLITE_LIMIT_COMPOUND_SELECT, 3), (SQLITE_LIMIT_VDBE_OP, 25_000), (SQLITE_LIMIT_FUNCTION_ARG, 8),
      (SQLITE_LIMIT_ATTACHED, 0),
      (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50), (SQLITE_LIMIT_VARIABLE_NUMBER, 10), (SQLITE_LIMIT_TRIGGER_DEPTH, 10),
      (SQLITE_LIMIT_WORKER_THREADS, 0),
    ]
    for (limit, value) in limits { unsafe sqlite3_limit(database, limit, value) }
  }

  /// Runs one SELECT.
  func run(_ sql: String) throws(SQLFailure) -> SQLAnswer {
    guard let statement = unsafe try prepare(sql) else {
      throw SQLFailure(message: "cannot run nothing: got an empty text, want a SELECT")
    }
    defer { unsafe sqlite3_finalize(statement) }
    guard unsafe sqlite3_stmt_readonly(statement) != 0, unsafe sqlite3_column_count(statement) > 0 else {
      throw SQLFailure(message: "cannot change anything: want a SELECT")
    }
    var answer = SQLAnswer()
    let count = unsafe sqlite3_column_count(statement)
    answer.columns = (0..<count).map { unsafe String(cString: sqlite3_column_name(statement, $0)) }
    var bytes = 0
    while true {
      switch unsafe sqlite3_step(statement) {
      case SQLITE_ROW:
        guard answer.rows.count < Self.rowLimit, bytes <= Self.byteLimit else {
          answer.isCut = true
          return answer
        }
        let row = (0..<count).map { unsafe value(statement, $0) }
        bytes += row.reduce(0) { $0 + 16 + $1.byteCount }
        answer.rows.append(row)
      case SQLITE_DONE: return answer
      default: throw failure()
      }
    }
  }

  /// Nil for blanks and comments. Whatever follows the first statement must be nothing.
  @unsafe private func prepare(_ sql: String) throws(SQLFailure) -> OpaquePointer? {
    guard !sql.utf8.contains(0) else { throw SQLFailure(message: "cannot read the statement: got a NUL byte in it") }
    var statement: OpaquePointer?
    var rest = ""
    let code = unsafe sql.withCString { text in
      var tail: UnsafePointer<CChar>?
      let code = unsafe sqlite3_prepare_v2(database, text, -1, &statement, &tail)
      if let tail = unsafe tail { rest = unsafe String(cString: tail) }
      return code
    }
    guard code == SQLITE_OK else { throw failure() }
    guard let statement = unsafe statement, !rest.utf8.allSatisfy({ " \t\r\n;".utf8.contains($0) }) else {
      return unsafe statement
    }
    do {
      guard let second = unsafe try prepare(rest) else { return unsafe statement }
      unsafe sqlite3_finalize(second)
    } catch {}
    unsafe sqlite3_finalize(statement)
    throw SQLFailure(message: "cannot run two statements: want one SELECT")
  }

  private func failure() -> SQLFailure {
    switch unsafe sqlite3_errcode(database) & 0xFF {
    case SQLITE_INTERRUPT:
      SQLFailure(
        code: "sql_too_long",
        message: "cannot finish the statement within \(Int(Self.seconds)) s: want a shorter range of time or a LIMIT")
    case SQLITE_NOMEM, SQLITE_FULL, SQLITE_TOOBIG:
      SQLFailure(
        code: "sql_too_big",
        message: "cannot finish the statement within \(Self.heapBytes >> 20) MiB: want fewer rows to sort or group")
    default: unsafe SQLFailure(message: "cannot run the statement: " + String(cString: sqlite3_errmsg(database)))
    }
  }
}

@unsafe private func value(_ statement: OpaquePointer, _ column: CInt) -> SQLValue {
  switch unsafe sqlite3_column_type(statement, column) {
  case SQLITE_NULL: return .null
  case SQLITE_INTEGER: return unsafe .integer(Int(sqlite3_column_int64(statement, column)))
  case SQLITE_FLOAT: return unsafe .real(sqlite3_column_double(statement, column))
  default:  // a blob is shown as the text it may be
    guard let bytes = unsafe sqlite3_column_blob(statement, column) else { return .text("") }
    let count = unsafe Int(sqlite3_column_bytes(statement, column))
    return unsafe .text(String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self))
  }
}

extension SQLValue {
  fileprivate var byteCount: Int { if case .text(let text) = self { text.utf8.count } else { 8 } }
}

/// Functions that read nothing but their arguments.
private let functions: Set<String> = [
  "count", "sum", "total", "avg", "min", "max", "group_concat", "abs", "round", "sign", "length", "lower", "upper", "substr",
  "substring",
  "trim", "ltrim", "rtrim", "replace", "instr", "coalesce", "ifnull", "nullif", "iif", "like", "glob", "typeof",
  "date", "time", "datetime", "julianday", "strftime", "unixepoch",
  "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead", "first_value", "last_value",
  "nth_value",
]

/// Only SELECT over tables and the listed functions; no ATTACH, no PRAGMA, no writing of any kind.
private func authorize(
  _: UnsafeMutableRawPointer?, _ action: CInt, _: UnsafePointer<CChar>?, _ name: UnsafePointer<CChar>?,
  _: UnsafePointer<CChar>?,
  _: UnsafePointer<CChar>?
) -> CInt {
  switch action {
  case SQLITE_SELECT, SQLITE_READ, SQLITE_RECURSIVE: return SQLITE_OK
  case SQLITE_FUNCTION:
    guard let name = unsafe name else { return SQLITE_DENY }
    return functions.contains(unsafe String(cString: name).asciiLowered) ? SQLITE_OK : SQLITE_DENY
  default: return SQLITE_DENY
  }
}
