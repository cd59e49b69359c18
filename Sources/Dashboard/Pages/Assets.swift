internal import CAssets
internal import Synchronization

/// One file of `Web/`, compiled in. No file name ever comes from a request (RELIABILITY S16).
@safe package final class Asset: Sendable {
  package let name: String
  package let type: String
  package let tag: String  // 16 hex digits of its content
  nonisolated(unsafe) private let start: UnsafePointer<UInt8>  // static storage of the program
  private let count: Int
  private let packed = Mutex<[UInt8]??>(nil)  // outer nil: not tried yet

  /// - Precondition: `start` lives as long as the process.
  @unsafe init(name: String, start: UnsafePointer<UInt8>, count: Int) {
    (self.name, type, self.count) = (name, Self.type(of: name), count)
    unsafe self.start = start
    tag = unsafe Self.hash(Span(_unsafeStart: start, count: count))
  }

  package func withBytes<R>(_ body: (Span<UInt8>) -> R) -> R { unsafe body(Span(_unsafeStart: start, count: count)) }
  package var bytes: [UInt8] { unsafe Array(UnsafeBufferPointer(start: start, count: count)) }

  /// Its gzip form, made once at the first wish; nil for what is packed already.
  var gzipped: [UInt8]? {
    packed.withLock { kept in
      if let kept { return kept }
      let made = type.isText ? withBytes { Gzip.compress($0, level: 9) } : nil
      kept = .some(made)
      return made
    }
  }

  private static func type(of name: String) -> String {
    switch name.split(separator: ".").last {
    case "js": "text/javascript; charset=utf-8"
    case "css": "text/css; charset=utf-8"
    case "svg": "image/svg+xml"
    case "json": "application/json"
    case "png": "image/png"
    case "ico": "image/x-icon"
    case "woff2": "font/woff2"
    default: "application/octet-stream"
    }
  }

  /// FNV-1a, 64 bits: tells versions apart, guards nothing.
  private static func hash(_ bytes: Span<UInt8>) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }  // modulo 2^64 by definition
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}

/// All assets by name, and one version of them all: modules import each other by relative names, so that an address
/// with the version in its path (`/assets/<version>/dom.js`) may be kept for ever, whatever imports it.
struct AssetTable: Sendable {
  private let byName: [String: Asset]
  let version: String

  init(_ assets: [Asset]) {
    byName = Dictionary(assets.map { ($0.name, $0) }) { first, _ in first }
    var sum: UInt64 = 0
    for asset in assets { sum = sum &* 31 &+ (UInt64(asset.tag, radix: 16) ?? 0) }  // mixing, modulo 2^64
    version = String(sum, radix: 36)
  }

  /// Those compiled in.
  static let compiledIn: AssetTable = {
    var assets: [Asset] = []
    while let entry = unsafe ballcone_asset_at(assets.count), let name = unsafe entry.pointee.name {
      unsafe assets.append(Asset(name: String(cString: name), start: entry.pointee.bytes, count: entry.pointee.count))
    }
    return AssetTable(assets)
  }()

  subscript(name: String) -> Asset? { byName[name] }

  /// `/assets/name`, `/assets/name?v=tag`, `/assets/version/name` and `/favicon.ico`.
  func response(to request: Request) -> Response? {
    let name = request.path.last == "favicon.ico" ? "logo.svg" : request.path.last ?? ""
    guard let asset = byName[name] else { return nil }
    let isPinned = request.path.count == 3 ? request.path[1] == version : request.query["v"] == asset.tag
    var response = Response(asset: asset)
    response.set("ETag", "\"\(asset.tag)\"")
    response.set("Cache-Control", isPinned ? "public, max-age=31536000, immutable" : "no-cache")
    return response
  }
}

extension String {
  /// Whether packing a body of this media type pays.
  var isText: Bool {
    hasPrefix("text/") && !hasPrefix("text/event-stream") || hasPrefix("application/json") || hasPrefix("image/svg")
      || hasPrefix("application/openmetrics-text")
  }
}
