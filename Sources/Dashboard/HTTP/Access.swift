/// Who may ask what, decided from the request's head alone (RELIABILITY S11, S12).
struct Access: Sendable {
  let publicHosts: [String]  // lower case, without a port
  let password: PasswordFile?
  private let guesses = GuessLimit()

  init(publicHosts: [String], password: PasswordFile?) {
    self.publicHosts = publicHosts.map { Self.hostName($0.asciiLowered) }
    self.password = password
  }

  /// A refusal, or nil. Health checks need no password.
  func refusal(of request: Request, open: Bool) -> Response? {
    if let reason = Framing.refusal(of: request) { return .text(reason + "\n", status: 400) }
    // Without a Host there is no browser, hence no rebinding: HTTP/1.0 probes send none.
    if let host = request[.host], !allows(host: host) {
      return .text(
        "cannot answer for this host: got “\(host.shortened)”, want an address, localhost or a name of --public-host\n",
        status: 421)
    }
    if request.verb == .post, let reason = foreignOrigin(of: request) { return .text(reason + "\n", status: 403) }
    guard let password, !open else { return nil }
    guard guesses.areLeft else {
      return .text("cannot answer now: got too many wrong passwords, want a second of patience\n", status: 429)
    }
    if password.admits(request[.authorization]) { return nil }
    if request[.authorization] != nil { guesses.failed() }  // browsers ask once without
    var response = Response.text("cannot answer: want a name and password of --password-file\n", status: 401)
    response.set("WWW-Authenticate", "Basic realm=\"ballconed\", charset=\"UTF-8\"")
    return response
  }

  /// DNS rebinding makes a browser send a foreign *name*; an address cannot be rebound.
  func allows(host: String) -> Bool {
    let name = Self.hostName(host.asciiLowered)
    return name == "localhost" || publicHosts.contains(name) || Self.isAddress(name)
  }

  /// A page of another site must not be able to post, whatever it can make a browser send.
  private func foreignOrigin(of request: Request) -> String? {
    if let site = request[.secFetchSite], site != "same-origin", site != "none" {
      return "cannot take a POST from another site: got Sec-Fetch-Site \(site.shortened), want same-origin"
    }
    guard let origin = request[.origin] else { return nil }
    let authority = origin[...].afterScheme
    // A proxy may end TLS before us, so the scheme and its default port are not compared.
    if let authority, let host = request[.host],
      Self.withoutDefaultPort(String(authority).asciiLowered) == Self.withoutDefaultPort(host.asciiLowered)
    {
      return nil
    }
    return "cannot take a POST from another site: got Origin \(origin.shortened), want this one"
  }

  private static func withoutDefaultPort(_ authority: String) -> String {
    for port in [":80", ":443"] where authority.hasSuffix(port) { return String(authority.dropLast(port.count)) }
    return authority
  }

  /// `example.org:8080` → `example.org`, `[::1]:80` → `[::1]`; a dot at the end goes.
  static func hostName(_ host: String) -> String {
    if host.hasPrefix("["), let end = host.firstIndex(of: "]") { return String(host[...end]) }
    let name = host.prefix { $0 != ":" }
    return String(name.hasSuffix(".") ? name.dropLast() : name)
  }

  /// Dotted IPv4, or anything of address letters in brackets: a browser resolves neither.
  static func isAddress(_ name: String) -> Bool {
    if name.hasPrefix("["), name.hasSuffix("]"), name.contains(":") {
      return name.dropFirst().dropLast().utf8.allSatisfy { "0123456789abcdef:.".utf8.contains($0) }
    }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        (1...3).contains(part.utf8.count) && part.utf8.allSatisfy { $0 &- UInt8(ascii: "0") < 10 } && Int(part)! < 256
      }
  }

  /// On every answer. `same-origin` keeps the Origin of our own forms, which `no-referrer` would replace by `null`.
  static let securityHeaders: [(name: String, value: String)] = [
    (
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
  ]
}
