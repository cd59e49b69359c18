internal import TSEngine

/// A question that cannot be answered, as the caller will read it: never our own fault, so never a 5xx but `busy`.
package struct APIError: Error, Equatable {
  package var status = 400
  package var code: String
  package var message: String

  init(_ code: String, status: Int = 400, _ message: String) {
    (self.status, self.code, self.message) = (status, code, message)
  }
  /// `cannot read step: got “year”, want minute, hour, …`
  init(_ code: String, cannot what: String, got: String, want: String) {
    self.init(code, "cannot \(what): got “\(got.shortened)”, want \(want)")
  }
  static func unknownService(_ name: String) -> APIError {
    APIError(
      "unknown_service", status: 404, "cannot find the service: got “\(name.shortened)”, want one that has sent a request")
  }

  init(_ error: QueryError) {
    switch error {
    case .unknownService(let name): self = .unknownService(name)
    case .range(let text): self.init("range", text.hasPrefix("cannot") ? text : "cannot answer for that range: \(text)")
    }
  }

  package var response: Response {
    var json = JSONWriter()
    json.beginObject()
    json.key("error")
    json.beginObject()
    json.member("code", code)
    json.member("message", message)
    json.endObject()
    json.endObject()
    return .json(json, status: status)
  }
}

extension String {
  /// At most 64 characters of what somebody sent, for a message.
  var shortened: String { shortened(to: 64) }
  func shortened(to limit: Int) -> String { utf8.count <= limit ? self : String(prefix(limit)) + "…" }
}

extension QueryStore {
  /// The store's errors as answers.
  func answer(_ query: Query) throws(APIError) -> QueryResult {
    do { return try self.query(query) } catch { throw APIError(error) }
  }
}
