/// The headers we act upon; all others are left where they are.
package enum HeaderName: UInt8, CaseIterable, Sendable {
  case host, origin, secFetchSite, accept, acceptEncoding, authorization, ifNoneMatch, contentType, contentLength
  case transferEncoding
  package var name: String {
    switch self {
    case .host: "host"
    case .origin: "origin"
    case .secFetchSite: "sec-fetch-site"
    case .accept: "accept"
    case .acceptEncoding: "accept-encoding"
    case .authorization: "authorization"
    case .ifNoneMatch: "if-none-match"
    case .contentType: "content-type"
    case .contentLength: "content-length"
    case .transferEncoding: "transfer-encoding"
    }
  }
}

/// What a request asks, as values: nothing of the connection it came by.
package struct Request: Sendable {
  package enum Verb: Sendable { case get, head, post, other }

  package var verb: Verb
  package var path: [String]  // decoded segments: `/services/a%2Fb` is ["services", "a/b"]
  package var endsWithSlash: Bool
  package var query: Parameters
  package private(set) var headers: [(name: HeaderName, value: String)]
  package var body: [UInt8] = []

  /// - Parameter target: path and query as sent; the absolute form a proxy sends is understood.
  package init(_ verb: Verb, _ target: String, headers: [(name: HeaderName, value: String)] = []) {
    var rest = target[...]
    if !rest.hasPrefix("/"), let authority = rest.afterScheme {
      rest = authority[(authority.firstIndex { $0 == "/" || $0 == "?" } ?? authority.endIndex)...]
    }
    let mark = rest.firstIndex(of: "?") ?? rest.endIndex
    let path = rest[..<mark]
    (self.verb, self.headers) = (verb, headers)
    self.path = path.utf8.split(separator: UInt8(ascii: "/")).map { PercentCoding.decode($0, plusIsSpace: false) }
    endsWithSlash = path.utf8.last == UInt8(ascii: "/")
    query = mark < rest.endIndex ? Parameters(form: rest[rest.index(after: mark)...]) : Parameters()
  }

  /// The value of a header; of several the values joined by commas, as RFC 9110 5.3 reads them.
  package subscript(name: HeaderName) -> String? {
    var found: String?
    for header in headers where header.name == name { found = found.map { "\($0), \(header.value)" } ?? header.value }
    return found
  }
  package func count(of name: HeaderName) -> Int { headers.reduce(0) { $0 + ($1.name == name ? 1 : 0) } }
}

extension HeaderName {
  /// The header of that name in any case; nil for one we do not act upon.
  @unsafe init?(_ name: UnsafeRawBufferPointer) {
    let match = Self.allCases.first { known in
      unsafe known.name.utf8.count == name.count && zip(known.name.utf8, name).allSatisfy { $0 == $1.asciiLowered }
    }
    guard let match else { return nil }
    self = match
  }
}
