/// `Accept` and `Accept-Encoding` with their q values, RFC 9110 12.4.2 and 12.5.
enum Negotiation {
  struct Item {
    var value: Substring  // lower case not guaranteed; parameters are apart
    var parameters: [(name: Substring, value: Substring)] = []
    var quality = 1.0

    func parameter(_ name: String) -> Substring? {
      parameters.first { $0.name.equalsIgnoringCase(name) }?.value
    }
  }

  /// Items as they stand, at most 32; a q that is no number counts as 0.
  static func items(_ header: String) -> [Item] {
    header.split(separator: ",").prefix(32).map { text in
      var parts = text.split(separator: ";").map { $0.trimmed }[...]
      var item = Item(value: parts.popFirst() ?? "")
      for part in parts {
        let equals = part.firstIndex(of: "=") ?? part.endIndex
        let name = part[..<equals].trimmed
        let value = part[equals...].dropFirst().trimmed.trimming(UInt8(ascii: "\""))
        if name.equalsIgnoringCase("q") {
          item.quality = min(1, max(0, Double(value) ?? 0))
        } else {
          item.parameters.append((name, value))
        }
      }
      return item
    }
  }

  /// How much `type`, such as `text/html`, is wanted: the most specific range decides. Without a header everything is.
  static func quality(of type: String, in header: String?) -> Double {
    guard let header else { return 1 }
    let family = type.prefix { $0 != "/" }
    var best = (rank: -1, quality: 0.0)
    for item in items(header) {
      let rank =
        item.value.equalsIgnoringCase(type)
        ? 2 : item.value.equalsIgnoringCase("\(family)/*") ? 1 : item.value == "*/*" ? 0 : -1
      if rank > best.rank { best = (rank, item.quality) }
    }
    return best.quality
  }

  /// Whether `gzip` may be sent. Without a header it may not: not every program unpacks what it did not ask for.
  static func allowsGzip(_ header: String?) -> Bool {
    guard let header else { return false }
    var any = 0.0
    for item in items(header) {
      if item.value.equalsIgnoringCase("gzip") || item.value.equalsIgnoringCase("x-gzip") { return item.quality > 0 }
      if item.value == "*" { any = item.quality }
    }
    return any > 0
  }
}

extension Substring {
  /// What follows the first `://`; nil without one.
  var afterScheme: Substring? {
    guard let colon = utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let rest = self[utf8.index(after: colon)...]
    return rest.hasPrefix("//") ? rest.dropFirst(2) : nil
  }
  /// Without blanks and tabs at its ends.
  var trimmed: Substring { trimming(UInt8(ascii: " "), UInt8(ascii: "\t")) }
  func trimming(_ bytes: UInt8...) -> Substring {
    var view = utf8
    while let first = view.first, bytes.contains(first) { view.removeFirst() }
    while let last = view.last, bytes.contains(last) { view.removeLast() }
    return Substring(view)
  }
}
