/// One bucket a range is put together from, by its Unix number.
enum Piece: Hashable {
  case minute(Int), hour(Int), day(Int)

  /// Seconds of its span.
  var range: Range<Int> {
    switch self {
    case .minute(let number): number * 60..<(number + 1) * 60
    case .hour(let number): number * 3_600..<(number + 1) * 3_600
    case .day(let number): number * 86_400..<(number + 1) * 86_400
    }
  }
}
