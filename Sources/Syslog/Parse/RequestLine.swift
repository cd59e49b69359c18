internal import TSEngine

/// The request line inside its quotes: `GET /path?query HTTP/1.1`.
struct RequestLine: Equatable, Sendable {
  var method = Method.other
  /// The target's bytes; empty when the line is no request (a TLS hello sent to a plain port, a scanner's noise).
  var target = 0..<0
  var httpProtocol = HTTPProtocol.other

  init() {}

  /// Takes `line` apart. A target may hold spaces: the method ends at the first one, the version begins after the last.
  @inline(__always)
  init(_ line: Span<UInt8>) {
    let methodEnd = line.index(of: UInt8(ascii: " "))
    guard methodEnd > 0, methodEnd < line.count else { return }
    let start = methodEnd &+ 1
    // " HTTP/1.1" is the last nine bytes nearly always; " HTTP/2" seven.
    for length in stride(from: 9, through: 7, by: -2) where line.count &- length >= start {
      let version = line.count &- length
      guard line.word(at: version) & 0xffff_ffff_ffff == 0x2f50_5454_4820 else { continue }  // " HTTP/"
      method = Method(line.extracting(0..<methodEnd))
      httpProtocol = HTTPProtocol(line.extracting(version &+ 1..<line.count))
      target = start..<version
      return
    }
    // HTTP/0.9 has no version; anything else without one is no request.
    if line[start] == UInt8(ascii: "/"), line.index(of: UInt8(ascii: " "), from: start) == line.count {
      (method, httpProtocol, target) = (Method(line.extracting(0..<methodEnd)), .http09, start..<line.count)
    }
  }
}

extension Method {
  /// The verb, exactly as RFC 9110 writes it; any other is `.other`.
  @inline(__always)
  init(_ text: Span<UInt8>) {
    guard text.count <= 8 else {
      self = .other
      return
    }
    switch text.word(at: 0) {
    case 0x54_4547: self = .get
    case 0x4441_4548: self = .head
    case 0x5453_4f50: self = .post
    case 0x54_5550: self = .put
    case 0x4554_454c_4544: self = .delete
    case 0x54_4345_4e4e_4f43: self = .connect
    case 0x53_4e4f_4954_504f: self = .options
    case 0x45_4341_5254: self = .trace
    case 0x48_4354_4150: self = .patch
    default: self = .other
    }
  }
}

extension HTTPProtocol {
  /// `HTTP/1.1`, `HTTP/2`, `HTTP/2.0`, `h2` and their like.
  @inline(__always)
  init(_ text: Span<UInt8>) {
    guard text.count <= 8 else {
      self = .other
      return
    }
    switch text.word(at: 0) {
    case 0x312e_312f_5054_5448: self = .http11
    case 0x302e_312f_5054_5448: self = .http10
    case 0x302e_322f_5054_5448, 0x322f_5054_5448, 0x3268: self = .http2
    case 0x302e_332f_5054_5448, 0x332f_5054_5448, 0x3368: self = .http3
    case 0x392e_302f_5054_5448: self = .http09
    default: self = .other
    }
  }
}
