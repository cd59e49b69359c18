/// Text in HTML. Whatever comes from a log or an address passes `escaped` and nothing else (RELIABILITY S1).
enum HTML {
  /// Safe as text and inside quoted attributes.
  static func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: { "&<>\"'".utf8.contains($0) }) else { return text }
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}

/// The frame of every page: head, landmarks, what the modules read from `<html data-…>`. No inline script or style.
struct Shell {
  var title: String
  var module: String?  // of Web/
  var service: String?
  var isPeoplePage = true  // dashboards colour the page by audience
  var body: String  // escaped already

  /// - Parameter context: for links; assets carry the version of them all in their path, so that they may be cached for ever.
  func html(_ context: Context) -> String {
    func asset(_ name: String) -> String { HTML.escaped(context.link("/assets/\(context.assets.version)/\(name)")) }
    let options = context.options
    var data = " data-base=\"\(HTML.escaped(options.basePath))\" data-version=\"\(HTML.escaped(options.version))\""
    data += " data-address=\"\(HTML.escaped(options.syslogAddress))\" data-days=\"\(options.days)\""
    if let service { data += " data-service=\"\(HTML.escaped(service))\"" }
    let script = module.map { "\n<script type=\"module\" src=\"\(asset($0))\"></script>" } ?? ""
    return """
      <!doctype html>
      <html lang="en"\(data)>
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(HTML.escaped(title))</title>
      <link rel="icon" href="\(asset("logo.svg"))" type="image/svg+xml">
      <link rel="stylesheet" href="\(asset("app.css"))">
      <script src="\(asset("theme.js"))"></script>\(script)
      </head>
      <body\(isPeoplePage ? " data-audience=\"people\"" : "")>
      \(body)
      </body>
      </html>

      """
  }
}

extension Context {
  /// Pages without figures: their text is written here, `tools.js` only makes them handier.
  func tool(_ title: String, heading: String, body: String, status: Int = 200) -> Response {
    let attribution = options.geoipAttribution.isEmpty ? "" : "<span>\(HTML.escaped(options.geoipAttribution))</span>"
    let frame = """
      <a class="skip" href="#main">Skip to the page</a>
      <header class="top"><div class="wrap flex" id="bar"><a class="mark" href="\(HTML.escaped(link("/")))">Ballcone</a><h1>\
      \(HTML.escaped(heading))</h1></div></header>
      <main class="wrap tool" id="main">
      \(body)
      </main>
      <footer class="wrap foot flex" id="foot"><span>ballconed \(HTML.escaped(options.version))</span>\(attribution)\
      \(footLinks)</footer>
      """
    return .html(
      Shell(title: "\(title) · Ballcone", module: "tools.js", isPeoplePage: false, body: frame).html(self), status: status)
  }

  var footLinks: String {
    [("/", "All services"), ("/metrics", "/metrics"), ("/api/v1/status", "API"), ("/sql", "SQL"), ("/nginx", "nginx")]
      .map { "<a href=\"\(HTML.escaped(link($0.0)))\">\($0.1)</a>" }.joined()
  }
}
