internal import TSEngine

/// Numbers as logs write them. None of these trap: what is no number is nil or zero, what is too large is clamped.
enum Number {
  /// Leading digits of `text` (`009`, `200`, `6.0`), clamped to 32 bits; nil when it begins with none.
  @inline(__always)
  static func integer(_ text: Span<UInt8>) -> UInt32? {
    var value: UInt64 = 0, i = 0
    let end = min(text.count, 64)  // more digits change nothing
    while i < end, text[i].isDigit {
      value = min(value &* 10 &+ UInt64(text[i] &- UInt8(ascii: "0")), UInt64(UInt32.max))  // ≤ 2^36 before the clamp
      i &+= 1
    }
    return i == 0 ? nil : UInt32(truncatingIfNeeded: value)
  }

  /// 100…599, else 0.
  @inline(__always)
  static func status(_ text: Span<UInt8>) -> UInt16 {
    guard let value = integer(text), value >= 100, value <= 599 else { return 0 }
    return UInt16(truncatingIfNeeded: value)
  }
}

/// Durations as logs write them.
enum DurationText {
  /// The power of ten from a unit to microseconds.
  enum Unit: Int { case nanoseconds = -3, microseconds = 0, milliseconds = 3, seconds = 6 }

  /// `0.004`, `12`, `1.5e-05` as whole microseconds, rounded, clamped below `Event.noDuration`; nil when it is no number or
  /// negative.
  @inline(__always)
  static func microseconds(_ text: Span<UInt8>, in unit: Unit = .seconds) -> UInt32? {
    guard text.count <= 64 else { return nil }
    var value: UInt64 = 0, digits = 0, scale = unit.rawValue, i = 0, isFraction = false
    while i < text.count {
      let byte = text[i]
      if byte.isDigit {
        if digits < 17 {  // more would not change a microsecond, or is clamped anyway
          value = value &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
          if isFraction { scale &-= 1 }
        } else if !isFraction {
          scale &+= 1
        }
        digits &+= value > 0 ? 1 : 0
      } else if byte == UInt8(ascii: "."), !isFraction {
        isFraction = true
      } else {
        break
      }
      i &+= 1
    }
    guard i > (isFraction ? 1 : 0) else { return nil }
    if i < text.count {
      guard text[i] | 0x20 == UInt8(ascii: "e"), let exponent = exponent(text, from: i &+ 1) else { return nil }
      scale &+= exponent
    }
    return clamped(value, scale)
  }

  /// The sum of a list as nginx writes `$upstream_response_time`: `0.004, 0.012 : 0.1`; `-` is no part; nil when none is.
  static func sum(_ list: Span<UInt8>) -> UInt32? {
    var total: UInt64 = 0, isAny = false, start = 0
    for i in 0...list.count {
      let isEnd = i == list.count || list[i] == UInt8(ascii: ",") || list[i] == UInt8(ascii: ":")
      guard isEnd || list[i] == UInt8(ascii: " ") else { continue }
      if i > start, let part = microseconds(list.extracting(start..<i)) {
        total += UInt64(part)  // at most 2^32 parts of 2^32
        isAny = true
      }
      start = i + 1
    }
    return isAny ? UInt32(min(total, UInt64(Event.noDuration) - 1)) : nil
  }

  private static func exponent(_ text: Span<UInt8>, from start: Int) -> Int? {
    guard start < text.count else { return nil }
    let isNegative = text[start] == UInt8(ascii: "-")
    let first = isNegative || text[start] == UInt8(ascii: "+") ? start + 1 : start
    guard first < text.count, text.count - first <= 3 else { return nil }
    var value = 0
    for i in first..<text.count {
      guard text[i].isDigit else { return nil }
      value = value * 10 + Int(text[i] - UInt8(ascii: "0"))
    }
    return isNegative ? -value : value
  }

  /// `value` · 10^`scale`, rounded.
  @inline(__always)
  private static func clamped(_ value: UInt64, _ scale: Int) -> UInt32 {
    let limit = UInt64(Event.noDuration) - 1
    var value = value, scale = scale
    while scale > 0, value > 0, value <= limit {
      value &*= 10  // ≤ 2^36
      scale &-= 1
    }
    if scale < 0 {
      if scale < -17 { return 0 }
      while scale < -1 {
        value /= 10
        scale &+= 1
      }
      value = (value &+ 5) / 10  // ≤ 10^17
    }
    return UInt32(truncatingIfNeeded: min(value, limit))
  }
}
