internal import TSEngine

/// `/sql`: the form, and what a statement gave, as a page, JSON or CSV.
extension Context {
  static let exampleStatements = [
    (
      "Busiest paths of the last day",
      "SELECT path, count(*) AS requests, round(avg(duration), 3) AS seconds\nFROM requests\n"
        + "WHERE time >= unixepoch() - 86400 AND NOT is_bot\nGROUP BY path ORDER BY requests DESC LIMIT 20"
    ),
    (
      "What failed, and where",
      "SELECT service, path, status, count(*) AS requests\nFROM requests\n"
        + "WHERE time >= unixepoch() - 86400 AND status >= 500\nGROUP BY 1, 2, 3 ORDER BY requests DESC LIMIT 50"
    ),
    (
      "Two weeks by day",
      "SELECT service, date(time, 'unixepoch') AS day, visitors, requests, error_rate, duration_p95\nFROM buckets\n"
        + "WHERE audience = 'people' AND time >= unixepoch() - 14 * 86400\nORDER BY service, time"
    ),
    (
      "Bots by the hour",
      "SELECT datetime(time, 'unixepoch') AS hour, requests, bytes\nFROM buckets\n"
        + "WHERE step = 'hour' AND audience = 'bots' AND time >= unixepoch() - 2 * 86400\nORDER BY time"
    ),
  ]

  enum Form: String { case html, json, csv }

  func sqlPage(_ request: Request) -> Outcome {
    guard request.verb == .post else {
      return .response(console(request.query["sql"] ?? Self.exampleStatements[0].1, result: ""))
    }
    let fields = Parameters(form: String(decoding: request.body, as: UTF8.self)[...])
    let form = Self.form(fields["format"] ?? request.query["format"], accept: request[.accept])
    guard let sql = fields["sql"] else {
      return .response(failed(SQLFailure(message: "cannot run nothing: got no field sql, want a SELECT"), "", form))
    }
    return .later(.sql) { [self] in
      do throws(SQLFailure) {
        let answer = try runSQL(sql)
        switch form {
        case .html: return console(sql, result: Self.table(answer))
        case .json: return Self.json(answer)
        case .csv: return Self.csv(answer)
        }
      } catch { return failed(error, sql, form) }
    }
  }

  private func runSQL(_ sql: String) throws(SQLFailure) -> SQLAnswer {
    let budget = SQLBudget(seconds: SQLite.seconds, isStopping: isStopping)
    return try SQLite(tables, budget: budget).run(sql)
  }
  private var tables: [SQLTable] { [.requests(store), .buckets(store, now: clock())] }

  static func form(_ asked: String?, accept: String?) -> Form {
    if let asked, let form = Form(rawValue: asked.asciiLowered) { return form }
    let wishes: [(Form, Double)] = [
      (.html, Negotiation.quality(of: "text/html", in: accept)),
      (.json, Negotiation.quality(of: "application/json", in: accept)),
      (.csv, Negotiation.quality(of: "text/csv", in: accept)),
    ]
    let best = wishes.map(\.1).max() ?? 0
    return wishes.first { $0.1 == best && best > 0 }?.0 ?? .html
  }

  private func failed(_ failure: SQLFailure, _ sql: String, _ form: Form) -> Response {
    guard form == .html else { return APIError(failure.code, failure.message).response }
    return console(sql, result: "<p class=\"error\" role=\"alert\">\(HTML.escaped(failure.message))</p>", status: 400)
  }

  // MARK: The page

  private func console(_ sql: String, result: String, status: Int = 200) -> Response {
    let examples = Self.exampleStatements.map {
      "<button type=\"button\" data-sql=\"\(HTML.escaped($0.1))\">\(HTML.escaped($0.0))</button>"
    }
    let described = tables.map { table in
      let rows = table.columns.map {
        "<tr><th scope=\"row\"><code>\($0.name)</code></th><td>\($0.type.asciiLowered)</td><td>\(HTML.escaped($0.meaning))</td></tr>"
      }
      return "<details><summary><code>\(table.name)</code>: \(HTML.escaped(table.meaning))</summary>"
        + "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Columns of \(table.name)\"><table class=\"plain\"><tbody>"
        + rows.joined() + "</tbody></table></div></details>"
    }
    let body = """
      <section class="card" aria-label="Statement">
      <form method="post" action="\(HTML.escaped(link("/sql")))">
      <label for="sql">One SELECT, read-only, at most a second</label>
      <textarea id="sql" name="sql" rows="8" spellcheck="false" autocapitalize="off" maxlength="10000" required>\
      \(HTML.escaped(sql))</textarea>
      <p class="flex"><button class="primary">Run</button> \
      <button name="format" value="csv">CSV</button> <button name="format" value="json">JSON</button></p>
      </form>
      <p class="flex">\(examples.joined(separator: " "))</p>
      </section>
      \(result.isEmpty ? "" : "<section class=\"card\" aria-label=\"Result\">\(result)</section>")
      <section class="card" aria-label="Tables">\(described.joined(separator: "\n"))</section>
      """
    return tool("SQL", heading: "SQL console", body: body, status: status)
  }

  private static func table(_ answer: SQLAnswer) -> String {
    var out =
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Rows\"><table class=\"plain\"><caption class=\"sr\">"
    out += "\(answer.rows.count) rows</caption><thead><tr>"
    out += answer.columns.map { "<th scope=\"col\">\(HTML.escaped($0))</th>" }.joined() + "</tr></thead><tbody>"
    for row in answer.rows {
      out += "<tr>" + row.map { "<td>\(HTML.escaped($0.text))</td>" }.joined() + "</tr>"
    }
    out += "</tbody></table></div><p><small>\(answer.rows.count) rows\(answer.isCut ? ", cut: there are more" : "")</small></p>"
    return out
  }

  // MARK: Other forms

  /// `{"columns":[…],"rows":[[…]],"cut":false}`
  private static func json(_ answer: SQLAnswer) -> Response {
    var json = JSONWriter(capacity: 256 + answer.rows.count * answer.columns.count * 12)
    json.beginObject()
    json.key("columns")
    json.beginArray()
    for name in answer.columns { json.string(name) }
    json.endArray()
    json.key("rows")
    json.beginArray()
    for row in answer.rows {
      json.beginArray()
      for value in row {
        switch value {
        case .null: json.null()
        case .integer(let value): json.integer(value)
        case .real(let value): json.number(value)
        case .text(let value): json.string(value)
        }
      }
      json.endArray()
    }
    json.endArray()
    json.key("cut")
    json.bool(answer.isCut)
    json.endObject()
    return .json(json)
  }

  /// RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe before it.
  private static func csv(_ answer: SQLAnswer) -> Response {
    func field(_ value: SQLValue) -> String {
      guard case .text(var text) = value else { return value.text }
      if let first = text.utf8.first, "=+-@\t\r".utf8.contains(first) { text = "'" + text }
      guard text.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return text }
      return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
    var out = answer.columns.map { field(.text($0)) }.joined(separator: ",") + "\r\n"
    for row in answer.rows { out += row.map(field).joined(separator: ",") + "\r\n" }
    var response = Response(type: "text/csv; charset=utf-8", Array(out.utf8))
    if answer.isCut { response.set("X-Cut", "1") }
    return response
  }
}
