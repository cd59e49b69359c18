internal import TSEngine

extension Context {
  /// `GET /services/{service}`: `service.js` fills it. Readers without scripts get Ballcone's tables of the last week.
  func servicePage(_ given: String) -> Response {
    guard let service = known(given) else {
      return notFoundPage("No service is called “\(given.shortened)”.")
    }
    let body = """
      <a class="skip" href="#main">Skip to the numbers</a>
      <header class="top"><div class="wrap flex" id="bar"></div></header>
      <main class="wrap" id="main">
        <div class="pills flex" id="pills" aria-live="polite" hidden></div>
        <section class="board" aria-label="Over time">
          <div class="tiles" id="tiles" role="tablist" aria-label="What to measure"></div>
          <div id="board" role="tabpanel">
            <header class="flex"></header>
            <div class="plot" id="chart"></div>
            <div class="plot scroll" id="numbers" tabindex="0" hidden></div>
            <p class="sr" id="summary"></p>
          </div>
        </section>
        <div class="panels" id="panels"></div>
        <noscript><p>The pages need JavaScript from this server. The last week without it; more in \
      <a href="\(HTML.escaped(link("/metrics")))">/metrics</a> and <a href="\(HTML.escaped(link("/sql")))">SQL</a>.</p>\
      \(plainTables(service))</noscript>
      </main>
      <footer class="wrap foot flex" id="foot"></footer>
      """
    return .html(Shell(title: "\(service) · Ballcone", module: "service.js", service: service, body: body).html(self))
  }

  /// Visits and visitors of seven days, and the `--top-limit` most visited paths.
  private func plainTables(_ service: String) -> String {
    let end = (floorDivide(clock(), TimeText.day) + 1) * TimeText.day
    var query = Query(service: service, from: end - 7 * TimeText.day, to: end)
    (query.step, query.audience) = (.day, .people)
    let days = (try? store.query(query))?.rows.reversed() ?? []
    (query.step, query.by, query.limit, query.orderBy) = (.all, .dimension(.path), options.topLimit, .visitors)
    let paths = (try? store.query(query))?.rows ?? []
    func table(_ caption: String, _ head: String, _ rows: [(String, QueryResult.Row)]) -> String {
      let lines = rows.map { name, row in
        "<tr><th scope=\"row\">\(HTML.escaped(name))</th><td>\(Int(row.at(0).rounded()))</td><td>\(Int(row.at(1).rounded()))</td></tr>"
      }
      return
        "<table class=\"plain\"><caption>\(caption)</caption><thead><tr><th scope=\"col\">\(head)</th><th scope=\"col\">Visitors</th>"
        + "<th scope=\"col\">Requests</th></tr></thead><tbody>\(lines.joined())</tbody></table>"
    }
    return table("People, by day", "Date", days.map { (TimeText.date($0.time ?? 0), $0) })
      + table("Most visited paths", "Path", paths.map { ($0.label ?? "", $0) })
  }

  // MARK: Not found

  func notFoundPage(_ what: String = "There is no such page.") -> Response {
    tool(
      "Not found", heading: "Not found",
      body:
        "<section class=\"card\"><p>\(HTML.escaped(what))</p>\n<p><a href=\"\(HTML.escaped(link("/")))\">All services</a></p></section>",
      status: 404)
  }

  /// Programs asking below `/api` get JSON, readers a page.
  func notFound(_ request: Request) -> Response {
    guard request.path.first == "api" else { return notFoundPage() }
    return APIError("not_found", status: 404, "cannot find the route: got “/\(request.path.joined(separator: "/").shortened)”")
      .response
  }
}
