extension Context {
  /// `GET /nginx?service=&address=` or `ip=` as in Ballcone, and `sender=` for other programs: the lines stand in the page
  /// itself, before any script.
  func nginxPage(_ given: Parameters) -> Response {
    let service = given["service"].flatMap { $0.isEmpty ? nil : $0 }
    let address = (given["address"] ?? given["ip"]).flatMap { $0.isEmpty ? nil : $0 } ?? options.syslogAddress
    let name = given["sender"].flatMap { $0.isEmpty ? nil : $0 } ?? Sender.nginx.rawValue
    let sender = Sender(rawValue: name) ?? .nginx
    var lines = "", failure = ""
    do { lines = try SenderConfiguration(sender, service: service, address: address).text } catch {
      failure = error.description
    }
    if sender.rawValue != name {
      failure =
        "cannot print the lines: got “\(name.shortened)”, want \(Sender.allCases.map(\.rawValue).joined(separator: ", "))"
    }
    let query =
      "&service=" + PercentCoding.encode(service ?? "") + "&address=" + PercentCoding.encode(address)
    let tabs = Sender.allCases.map { each in
      let current = each == sender ? " aria-current=\"page\"" : ""
      return
        "<a class=\"button\" href=\"\(HTML.escaped(link("/nginx") + "?sender=\(each.rawValue)" + query))\"\(current)>\(each.title)</a>"
    }
    let result =
      failure.isEmpty
      ? "<div class=\"snippet\"><pre id=\"lines\" tabindex=\"0\">\(HTML.escaped(lines))</pre></div>\n"
        + "<p>Then <code>\(HTML.escaped(sender.check))</code>. The query of an address travels so that campaigns "
        + "can be read; the daemon drops the rest of it.</p>"
      : "<p class=\"error\" role=\"alert\">\(HTML.escaped(failure))</p>"
    let body = """
      <section class="card" aria-label="Lines for \(sender.title)">
      <nav class="flex" aria-label="Web server">\(tabs.joined(separator: "\n"))</nav>
      <form method="get" action="\(HTML.escaped(link("/nginx")))" data-auto>
      <input type="hidden" name="sender" value="\(sender.rawValue)">
      <div class="fields">
      <label>Service <input id="service" name="service" value="\(HTML.escaped(service ?? ""))" pattern="[A-Za-z0-9._\\-]{1,64}" \
      placeholder="\(sender == .nginx ? "$server_name" : "of its own")" spellcheck="false" autocapitalize="off"></label>
      <label>This server, as \(sender.title) sees it <input id="address" name="address" value="\(HTML.escaped(address))" \
      spellcheck="false" autocapitalize="off"></label>
      </div>
      <p class="flex"><button class="primary" accesskey="e">Make the lines</button></p>
      </form>
      \(result)
      </section>
      """
    return tool("nginx", heading: "Lines for \(sender.title)", body: body, status: failure.isEmpty ? 200 : 400)
  }
}
