internal import TSEngine

extension Context {
  /// `GET /`: `overview.js` fills it; without any service it becomes the set-up card.
  func overviewPage() -> Response {
    let names = store.services().sorted()
    let links = names.map { "<li>\(serviceLink($0))</li>" }.joined()
    let without =
      names.isEmpty
      ? "<p>Nothing has been counted yet. <a href=\"\(HTML.escaped(link("/nginx")))\">Lines for nginx</a></p>"
      : "<ul>\(links)</ul>"
    let body = """
      <a class="skip" href="#main">Skip to the services</a>
      <header class="top"><div class="wrap flex" id="bar"></div></header>
      <main class="wrap" id="main">
        <dl class="glance flex" id="glance"></dl>
        <ol class="cards" id="cards"></ol>
        <p class="message" id="none" hidden></p>
        <noscript><p>The pages need JavaScript from this server. Numbers without it: \
      <a href="\(HTML.escaped(link("/metrics")))">/metrics</a>, <a href="\(HTML.escaped(link("/sql")))">SQL</a>.</p>\(without)</noscript>
      </main>
      <footer class="wrap foot flex" id="foot"></footer>
      """
    return .html(Shell(title: "All services · Ballcone", module: "overview.js", body: body).html(self))
  }

  func serviceLink(_ name: String) -> String {
    "<a href=\"\(HTML.escaped(link("/services/" + PercentCoding.encode(name))))\">\(HTML.escaped(name))</a>"
  }
}
