/// The decoded pairs of a query string or of a posted form, in their order.
package struct Parameters: Sendable {
  package private(set) var pairs: [(name: String, value: String)] = []

  package init() {}

  /// `a=1&b=%20`; a name without `=` has the empty value, empty pairs vanish.
  package init(form text: Substring) {
    for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
      let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      let value = equals < pair.endIndex ? pair[pair.index(after: equals)...] : pair[equals...]
      pairs.append(
        (PercentCoding.decode(pair[..<equals], plusIsSpace: true), PercentCoding.decode(value, plusIsSpace: true)))
    }
  }

  /// The first value of that name.
  package subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }
  package func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }
}
