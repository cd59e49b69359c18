/// The lines to paste into nginx: bounded fields, always valid JSON once repaired, at most some 4.8 KB a request (WIRE.md).
///
/// The same text for the page `/nginx` and for `ballconed nginx`.
package struct NginxConfiguration: Sendable {
  package let service: String?
  package let address: String  // as nginx wants it: an IPv6 address in brackets

  package struct Invalid: Error, CustomStringConvertible {
    package let description: String
  }

  /// - Parameters:
  ///   - service: a name to stand in the line; nil lets nginx send its `server_name`.
  ///   - address: `127.0.0.1:65140`, `127.0.0.1`, `[::1]:65140`, `::1`, `unix:/path`, or a host name with or without a port.
  /// - Throws: `Invalid` naming what is wrong: nothing else may reach a configuration file.
  package init(service: String? = nil, address: String = "127.0.0.1:65140") throws(Invalid) {
    if let service {
      let name = service.trimmedWhole.asciiLowered
      guard ServiceName.isValid(name) else {
        throw Invalid(description: "cannot use the service name: got “\(service.shortened)”, want \(ServiceName.form)")
      }
      self.service = name
    } else {
      self.service = nil
    }
    guard let place = Self.place(address.trimmedWhole) else {
      throw Invalid(
        description: "cannot use the address: got “\(address.shortened)”, want an IP address, with or without a port")
    }
    self.address = place
  }

  private static func place(_ text: String) -> String? {
    if text.hasPrefix("unix:") {
      let path = text.dropFirst(5)
      let allowed = path.utf8.allSatisfy { $0.isAddressByte || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "_") }
      return path.hasPrefix("/") && path.utf8.count <= 107 && allowed ? text : nil
    }
    var host = text[...]
    var port = "65140"
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      let rest = text[text.index(after: end)...]
      host = text[text.index(after: text.startIndex)..<end]
      guard host.contains(":"), rest.isEmpty || rest.hasPrefix(":") else { return nil }
      if !rest.isEmpty { port = String(rest.dropFirst()) }
    } else if text.utf8.filter({ $0 == UInt8(ascii: ":") }).count == 1, let colon = text.firstIndex(of: ":") {
      (host, port) = (text[..<colon], String(text[text.index(after: colon)...]))
    }
    guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }),
      let number = Int(port), 1...65_535 ~= number
    else { return nil }
    if host.contains(":") { return Listener.isIPv6(String(host)) ? "[\(host)]:\(number)" : nil }
    let isNumeric = host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || $0 &- UInt8(ascii: "0") < 10 }
    if isNumeric { return Access.isAddress(String(host)) ? "\(host):\(number)" : nil }
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    guard host.utf8.count <= 253, host.utf8.allSatisfy(\.isAddressByte),
      labels.allSatisfy({ (1...63).contains($0.utf8.count) && $0.first != "-" && $0.last != "-" })
    else { return nil }
    return "\(host):\(number)"
  }

  /// For the `http` block; ends with a line feed.
  package var text: String {
    """
    # In the http block:
    map $http_user_agent $bc_ua  { "~^(?<bc1>.{0,256})" $bc1; default ""; }
    map $http_referer    $bc_ref { "~^(?<bc2>.{0,512})" $bc2; default ""; }
    map $request_uri     $bc_uri { "~^(?<bc3>.{0,1024})" $bc3; default ""; }
    log_format ballcone\(suffix) escape=json '{"v":1,"t":"$msec","s":"\(service ?? "$server_name")","a":"$remote_addr",'
      '"m":"$request_method","u":"$bc_uri","c":"$status","b":"$bytes_sent","d":"$request_time",'
      '"ud":"$upstream_response_time","r":"$bc_ref","ua":"$bc_ua","p":"$server_protocol"}';

    # In the http block or in one server block:
    access_log syslog:server=\(address),tag=ballcone,nohostname ballcone\(suffix);

    """
  }

  /// A format of its own for each named service, so that the lines of several can stand in one file.
  private var suffix: String { service.map { "_" + $0 } ?? "" }
}

extension UInt8 {
  /// Letters, digits, dot and dash.
  fileprivate var isAddressByte: Bool {
    asciiLowered &- UInt8(ascii: "a") < 26 || self &- UInt8(ascii: "0") < 10 || self == UInt8(ascii: ".")
      || self == UInt8(ascii: "-")
  }
}
extension String {
  var trimmedWhole: String { String(self[...].trimmed) }
}
