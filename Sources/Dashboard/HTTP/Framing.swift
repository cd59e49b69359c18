/// Where one request ends and the next begins must be beyond doubt, else a proxy before us and we may read the same bytes
/// as different requests (RFC 9112 11.2). The library accepts what is refused here.
enum Framing {
  /// The reason to refuse these headers with a 400, or nil.
  static func refusal(of request: Request) -> String? {
    if request.count(of: .host) > 1 { return "cannot read the request: got two Host headers, want one" }
    let lengths = request.count(of: .contentLength)
    if lengths > 1 { return "cannot read the request: got two Content-Length headers, want one" }
    guard let coding = request[.transferEncoding] else { return nil }
    if lengths > 0 { return "cannot read the request: got Content-Length and Transfer-Encoding, want one of them" }
    if !coding.equalsIgnoringCase("chunked") { return "cannot read the request: got another Transfer-Encoding, want chunked" }
    return nil
  }
}

extension StringProtocol {
  /// ASCII case only.
  func equalsIgnoringCase(_ other: some StringProtocol) -> Bool {
    utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { $0.asciiLowered == $1.asciiLowered }
  }
}
extension UInt8 {
  var asciiLowered: UInt8 { self &- 65 < 26 ? self | 32 : self }
}
