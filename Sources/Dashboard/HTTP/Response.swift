/// What goes back, complete: the server adds nothing but the date and the connection's own headers.
package struct Response: Sendable {
  package enum Body: Sendable {
    case bytes([UInt8])
    case asset(Asset)  // compiled in: sent from where it lies
  }

  package var status: Int
  package var headers: [(name: String, value: String)] = []
  package var body: Body

  package init(_ status: Int = 200, type: String, _ bytes: [UInt8]) {
    (self.status, body) = (status, .bytes(bytes))
    headers.append(("Content-Type", type))
  }
  package init(asset: Asset) {
    (status, body) = (200, .asset(asset))
    headers.append(("Content-Type", asset.type))
  }

  package static func text(_ text: String, status: Int = 200) -> Response {
    Response(status, type: "text/plain; charset=utf-8", Array(text.utf8))
  }
  package static func html(_ text: String, status: Int = 200) -> Response {
    Response(status, type: "text/html; charset=utf-8", Array(text.utf8))
  }
  package static func json(_ writer: JSONWriter, status: Int = 200) -> Response {
    Response(status, type: "application/json", writer.bytes)
  }
  /// - Parameter location: a path below the base path, already encoded.
  package static func redirect(to location: String) -> Response {
    var response = Response.text("See \(location)\n", status: 302)
    response.headers.append(("Location", location))
    return response
  }

  package subscript(name: String) -> String? { headers.first { $0.name == name }?.value }
  package mutating func set(_ name: String, _ value: String) {
    headers.removeAll { $0.name == name }
    headers.append((name, value))
  }
}
