internal import CSQLite

/// Our tables as SQLite sees them: an eponymous, read-only virtual table that hands `service = …`, `step = …`,
/// `audience = …` and ranges of `time` down to the engine.
///
/// The plan is a text, one letter for each argument: `s` service, `p` step, `a` audience, `=` `<` `{` `>` `}` time
/// (`{` is ≤, `}` is ≥). Every constraint is still checked by SQLite, so a plan can only leave rows out that would go anyway.
enum EngineTable {
  /// Registers `table` and declares it, which the authorizer would deny later.
  @unsafe static func register(_ table: SQLTable, budget: SQLBudget, in database: OpaquePointer) -> Bool {
    let context = unsafe Unmanaged.passRetained(TableContext(table, budget)).toOpaque()
    let registered = unsafe sqlite3_create_module_v2(database, table.name, module, context) {
      unsafe Unmanaged<TableContext>.fromOpaque($0!).release()
    }
    guard registered == SQLITE_OK else { return false }
    return unsafe sqlite3_exec(database, "SELECT 1 FROM \(table.name) LIMIT 0", nil, nil, nil) == SQLITE_OK
  }
}

private final class TableContext {
  let table: SQLTable
  let budget: SQLBudget
  init(_ table: SQLTable, _ budget: SQLBudget) { (self.table, self.budget) = (table, budget) }
}

// The library's part comes first in ours: it holds pointers to it.
@unsafe private struct Table {
  var base = unsafe sqlite3_vtab()
  var context: TableContext
}
@unsafe private struct Cursor {
  var base = unsafe sqlite3_vtab_cursor()
  var context: TableContext
  var rows: (any SQLRows)?
  var isAtEnd = true
  var row: Int64 = 0
}

private func table(_ pointer: UnsafeMutablePointer<sqlite3_vtab>?) -> UnsafeMutablePointer<Table> {
  unsafe UnsafeMutableRawPointer(pointer!).assumingMemoryBound(to: Table.self)
}
private func cursor(_ pointer: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> UnsafeMutablePointer<Cursor> {
  unsafe UnsafeMutableRawPointer(pointer!).assumingMemoryBound(to: Cursor.self)
}

/// Lives as long as the process: the library keeps the pointer. No xCreate: eponymous only. No xUpdate: read-only.
nonisolated(unsafe) private let module = unsafe makeModule()

private func makeModule() -> UnsafeMutablePointer<sqlite3_module> {
  var module = sqlite3_module()
  unsafe module.xConnect = { database, context, _, _, out, _ in unsafe connect(database, context, out) }
  unsafe module.xDisconnect = { unsafe disconnect(table($0)) }
  unsafe module.xBestIndex = { unsafe plan(table($0).pointee.context.table, $1!) }
  unsafe module.xOpen = { unsafe open(table($0), $1!) }
  unsafe module.xClose = { unsafe close(cursor($0)) }
  unsafe module.xFilter = { unsafe filter(cursor($0), $2, $3, $4) }
  unsafe module.xNext = { unsafe advance(cursor($0)) }
  unsafe module.xEof = { unsafe cursor($0).pointee.isAtEnd ? 1 : 0 }
  unsafe module.xColumn = { unsafe write(cursor($0).pointee.rows!.value(Int($2)), to: $1) }
  unsafe module.xRowid = {
    unsafe $1!.pointee = cursor($0).pointee.row
    return SQLITE_OK
  }
  let pointer = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
  unsafe pointer.initialize(to: module)
  return unsafe pointer
}

private func connect(
  _ database: OpaquePointer?, _ context: UnsafeMutableRawPointer?,
  _ out: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab>?>?
) -> CInt {
  let context = unsafe Unmanaged<TableContext>.fromOpaque(context!).takeUnretainedValue()
  let declared = unsafe sqlite3_declare_vtab(database, context.table.declaration)
  guard declared == SQLITE_OK else { return declared }
  unsafe ballcone_vtab_directonly(database)
  let made = UnsafeMutablePointer<Table>.allocate(capacity: 1)
  unsafe made.initialize(to: Table(context: context))
  unsafe out!.pointee = UnsafeMutableRawPointer(made).assumingMemoryBound(to: sqlite3_vtab.self)
  return SQLITE_OK
}

private func disconnect(_ table: UnsafeMutablePointer<Table>) -> CInt {
  unsafe table.deinitialize(count: 1)
  unsafe table.deallocate()
  return SQLITE_OK
}

private func open(
  _ table: UnsafeMutablePointer<Table>, _ out: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab_cursor>?>
) -> CInt {
  let made = UnsafeMutablePointer<Cursor>.allocate(capacity: 1)
  unsafe made.initialize(to: Cursor(context: table.pointee.context))
  unsafe out.pointee = UnsafeMutableRawPointer(made).assumingMemoryBound(to: sqlite3_vtab_cursor.self)
  return SQLITE_OK
}

private func close(_ cursor: UnsafeMutablePointer<Cursor>) -> CInt {
  unsafe cursor.deinitialize(count: 1)
  unsafe cursor.deallocate()
  return SQLITE_OK
}

// MARK: Plans

private func plan(_ table: SQLTable, _ info: UnsafeMutablePointer<sqlite3_index_info>) -> CInt {
  var letters: [UInt8] = []
  var cost = 1_000_000.0
  for index in unsafe 0..<Int(info.pointee.nConstraint) {
    let constraint = unsafe info.pointee.aConstraint[index]
    guard constraint.usable != 0, constraint.iColumn >= 0,
      let letter = letter(table.columns[Int(constraint.iColumn)].name, CInt(constraint.op)), !letters.contains(letter)
    else { continue }
    letters.append(letter)
    unsafe info.pointee.aConstraintUsage[index].argvIndex = CInt(letters.count)
    cost /= 10
  }
  guard let text = unsafe sqlite3_malloc(CInt(letters.count + 1)) else { return SQLITE_NOMEM }
  let plan = unsafe text.assumingMemoryBound(to: CChar.self)
  for (index, letter) in letters.enumerated() { unsafe plan[index] = CChar(letter) }
  unsafe plan[letters.count] = 0
  unsafe info.pointee.idxStr = unsafe plan
  unsafe info.pointee.needToFreeIdxStr = 1
  unsafe info.pointee.estimatedCost = cost
  unsafe info.pointee.estimatedRows = Int64(cost)
  return SQLITE_OK
}

private func letter(_ column: String, _ op: CInt) -> UInt8? {
  switch (column, op) {
  case ("service", SQLITE_INDEX_CONSTRAINT_EQ): UInt8(ascii: "s")
  case ("step", SQLITE_INDEX_CONSTRAINT_EQ): UInt8(ascii: "p")
  case ("audience", SQLITE_INDEX_CONSTRAINT_EQ): UInt8(ascii: "a")
  case ("time", SQLITE_INDEX_CONSTRAINT_EQ): UInt8(ascii: "=")
  case ("time", SQLITE_INDEX_CONSTRAINT_LT): UInt8(ascii: "<")
  case ("time", SQLITE_INDEX_CONSTRAINT_LE): UInt8(ascii: "{")
  case ("time", SQLITE_INDEX_CONSTRAINT_GT): UInt8(ascii: ">")
  case ("time", SQLITE_INDEX_CONSTRAINT_GE): UInt8(ascii: "}")
  default: nil
  }
}

private func filter(
  _ cursor: UnsafeMutablePointer<Cursor>, _ plan: UnsafePointer<CChar>?, _ count: CInt,
  _ values: UnsafeMutablePointer<OpaquePointer?>?
) -> CInt {
  var range = SQLRange()
  for index in 0..<Int(count) {
    let value = unsafe values![index]
    switch unsafe UInt8(bitPattern: plan![index]) {
    case UInt8(ascii: "s"): range.service = unsafe text(value)
    case UInt8(ascii: "p"): range.step = unsafe text(value)
    case UInt8(ascii: "a"): range.audience = unsafe text(value)
    case let comparison: unsafe narrow(&range, comparison, value)
    }
  }
  unsafe cursor.pointee.rows = unsafe cursor.pointee.context.table.rows(range)
  unsafe cursor.pointee.row = 0
  return unsafe advance(cursor)
}

/// Only numbers narrow; whatever else somebody compares with time SQLite decides row by row.
private func narrow(_ range: inout SQLRange, _ comparison: UInt8, _ value: OpaquePointer?) {
  let type = unsafe sqlite3_value_type(value)
  guard type == SQLITE_INTEGER || type == SQLITE_FLOAT else { return }
  let number = unsafe min(max(sqlite3_value_double(value), -1e12), 1e12)
  let below = Int(number.rounded(.down)), above = Int(number.rounded(.up))
  switch comparison {
  case UInt8(ascii: "="): (range.from, range.to) = (max(range.from, below), min(range.to, above + 1))
  case UInt8(ascii: "<"): range.to = min(range.to, above)
  case UInt8(ascii: "{"): range.to = min(range.to, below + 1)
  case UInt8(ascii: ">"): range.from = max(range.from, below + 1)
  default: range.from = max(range.from, above)
  }
}

private func text(_ value: OpaquePointer?) -> String? {
  guard let bytes = unsafe sqlite3_value_text(value) else { return nil }
  let count = unsafe Int(sqlite3_value_bytes(value))
  return unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
}

private func advance(_ cursor: UnsafeMutablePointer<Cursor>) -> CInt {
  unsafe cursor.pointee.row += 1
  // Rows can cost much more than the virtual machine's steps, which the progress handler counts.
  if unsafe cursor.pointee.row % 256 == 0, unsafe cursor.pointee.context.budget.isSpent { return SQLITE_INTERRUPT }
  unsafe cursor.pointee.isAtEnd = !cursor.pointee.rows!.next()
  return SQLITE_OK
}

private func write(_ value: SQLValue, to out: OpaquePointer?) -> CInt {
  switch value {
  case .null: unsafe sqlite3_result_null(out)
  case .integer(let value): unsafe sqlite3_result_int64(out, Int64(value))
  case .real(let value): unsafe sqlite3_result_double(out, value)
  case .text(""): unsafe ballcone_result_text(out, "", 0)  // an empty text is not NULL
  case .text(var value):
    value.withUTF8 { utf8 in
      unsafe UnsafeRawBufferPointer(utf8).withMemoryRebound(to: CChar.self) {
        unsafe ballcone_result_text(out, $0.baseAddress, CInt($0.count))
      }
    }
  }
  return SQLITE_OK
}
