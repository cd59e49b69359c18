internal import TSEngine

/// `is,path,/a,/b`: operator, dimension, values. A comma or backslash inside a value is written `\,` `\\`.
enum FilterText {
  static let limit = 16  // filters of one question
  static let valueLimit = 64
  static let valueBytes = 1_024  // as long as a kept path

  static func parse(_ text: String) throws(APIError) -> Filter {
    let parts = split(text)
    guard parts.count >= 3 else {
      throw APIError("bad_filter", cannot: "read the filter f", got: text, want: "operator,dimension,value and more values")
    }
    guard let op = Filter.Operator(rawValue: parts[0]) else {
      let known = Filter.Operator.allCases.map(\.rawValue).joined(separator: ", ")
      throw APIError("unknown_operator", cannot: "read the operator of f", got: parts[0], want: known)
    }
    guard let dimension = Dimension(name: parts[1]) else {
      throw APIError("unknown_dimension", cannot: "read the dimension of f", got: parts[1], want: dimensionNames)
    }
    let values = Array(parts[2...])
    guard values.count <= valueLimit, values.allSatisfy({ $0.utf8.count <= valueBytes }) else {
      throw APIError(
        "bad_filter", cannot: "read the values of f", got: "\(values.count) values",
        want: "at most \(valueLimit) of at most \(valueBytes) bytes")
    }
    return Filter(dimension, op, values)
  }

  /// A backslash before anything else, or at the end, stands for itself.
  static func split(_ text: String) -> [String] {
    var parts: [[UInt8]] = [[]]
    var escaped = false
    for byte in text.utf8 {
      if escaped {
        if byte != UInt8(ascii: ","), byte != UInt8(ascii: "\\") { parts[parts.count - 1].append(UInt8(ascii: "\\")) }
        parts[parts.count - 1].append(byte)
        escaped = false
      } else if byte == UInt8(ascii: "\\") {
        escaped = true
      } else if byte == UInt8(ascii: ",") {
        parts.append([])
      } else {
        parts[parts.count - 1].append(byte)
      }
    }
    if escaped { parts[parts.count - 1].append(UInt8(ascii: "\\")) }
    return parts.map { String(decoding: $0, as: UTF8.self) }
  }

  static var dimensionNames: String { Dimension.allCases.map(\.name).joined(separator: ", ") }
}
