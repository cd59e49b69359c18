extension Context {
  /// `GET /nginx?service=&address=` or `ip=` as in Ballcone: the lines stand in the page itself, before any script.
  func nginxPage(_ given: Parameters) -> Response {
    let service = given["service"].flatMap { $0.isEmpty ? nil : $0 }
    let address = (given["address"] ?? given["ip"]).flatMap { $0.isEmpty ? nil : $0 } ?? options.syslogAddress
    var lines = "", failure = ""
    do { lines = try NginxConfiguration(service: service, address: address).text } catch { failure = error.description }
    let result =
      failure.isEmpty
      ? "<div class=\"snippet\"><pre id=\"lines\" tabindex=\"0\">\(HTML.escaped(lines))</pre></div>\n"
        + "<p>Then <code>nginx -t &amp;&amp; systemctl reload nginx</code>. The query of an address travels so that campaigns "
        + "can be read; the daemon drops the rest of it.</p>"
      : "<p class=\"error\" role=\"alert\">\(HTML.escaped(failure))</p>"
    let body = """
      <section class="card" aria-label="Lines for nginx">
      <form method="get" action="\(HTML.escaped(link("/nginx")))" data-auto>
      <div class="fields">
      <label>Service <input id="service" name="service" value="\(HTML.escaped(service ?? ""))" pattern="[A-Za-z0-9._\\-]{1,64}" \
      placeholder="$server_name" spellcheck="false" autocapitalize="off"></label>
      <label>This server, as nginx sees it <input id="address" name="address" value="\(HTML.escaped(address))" spellcheck="false" \
      autocapitalize="off"></label>
      </div>
      <p class="flex"><button class="primary" accesskey="e">Make the lines</button></p>
      </form>
      \(result)
      </section>
      """
    return tool("nginx", heading: "Lines for nginx", body: body, status: failure.isEmpty ? 200 : 400)
  }
}
