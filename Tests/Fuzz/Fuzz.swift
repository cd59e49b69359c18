import Glibc
import Syslog
import TSEngine

/// One input of libFuzzer for what FUZZ_TARGET names. Nothing may trap, and what is added is an event or a reason.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start = unsafe start, count > 0 else { return 0 }
  unsafe target(Span(_unsafeStart: start, count: count))
  return 0
}

/// The package manager lets `main` be this; libFuzzer's driver does the rest.
@_cdecl("Fuzz_main")
public func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
  var count = count
  var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe arguments
  return unsafe runDriver(&count, &arguments, fuzzOne)
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ one: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

nonisolated(unsafe) private let target: (Span<UInt8>) -> Void = {
  let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? "message"
  switch name {
  case "agent":
    return { bytes in
      let agent = bytes.extracting(0..<min(bytes.count, UserAgent.maxBytes))
      _ = UserAgent.agentClass(of: UserAgent.classify(agent), agent)
    }
  case "address":
    return { bytes in
      if let address = Address.parse(bytes) { _ = (address.kind, address.visitorWords()) }
    }
  case "stream": return stream
  case "explain":
    let engine = Engine(EngineOptions(), accounting: Accounting()) { 1_800_000_000 }
    return { bytes in
      _ = LineExplanation(bytes.indices.map { bytes[$0] }, options: IngestOptions(), engine: engine, arrival: 1_800_000_000)
    }
  default:
    // The same way in for all: what stands before the input leads it to its parser.
    let before = [
      "header": "<190>", "json": "{\"s\":\"a\",\"a\":\"192.0.2.1\",\"u\":\"/\",",
      "combined": "192.0.2.1 - - [24/Nov/2026:03:59:02 +0000] ",
    ][name, default: ""]
    return message(behind: Array(before.utf8))
  }
}()

private func message(behind prefix: [UInt8]) -> (Span<UInt8>) -> Void {
  var rules = IngestRules()
  rules.exclusions = [Exclusion("path=/health/*/x*y")!, Exclusion("agent=uptime")!]
  rules.pathRules = [PathRule("/users/* → /users/:id")!]
  (rules.foldsIdentifiers, rules.query) = (true, QueryPolicy("a,b")!)
  rules.trustedProxies = [AddressRange("192.0.2.0/24")!]
  let engine = Engine(EngineOptions(), accounting: Accounting()) { 1_800_000_000 }
  let builder = Box(EventBuilder(engine: engine, countries: nil, visitorIncludesAgent: true, rules: rules))
  return { bytes in
    let text = prefix + bytes.indices.map { bytes[$0] }
    builder.add(text)
  }
}

private final class Box {
  private var builder: EventBuilder
  init(_ builder: consuming EventBuilder) { self.builder = builder }
  func add(_ text: [UInt8]) {
    if builder.batch.isFull { builder.batch.removeAll() }
    let before = builder.batch.count
    var isCounted = false
    do throws(Rejection) {
      isCounted = try builder.add(text.span, format: .auto, service: nil, arrival: 1_800_000_000)
    } catch {}
    precondition(builder.batch.count == before + (isCounted ? 1 : 0))
  }
}

/// However a stream is cut, the same messages come out of it.
private func stream(_ bytes: Span<UInt8>) {
  var whole = 0, pieces = 0
  for size in [bytes.count, 1 + Int(bytes[0]) % 13] {
    var framer = StreamFramer()
    var hash = 5_381
    func take(_ message: Span<UInt8>, _ isTruncated: Bool) {
      hash = hash &* 33 &+ message.count &+ (isTruncated ? 1 : 0)
      for i in message.indices { hash = hash &* 33 &+ Int(message[i]) }
    }
    var at = 0
    while at < bytes.count {
      at += unsafe framer.fill { room in
        let count = min(size, min(room.count, bytes.count - at))
        for i in 0..<count { unsafe room[i] = bytes[at + i] }
        return count
      }
      framer.take(take)
    }
    framer.finish(take)
    if size == bytes.count { whole = hash } else { pieces = hash }
    if size == bytes.count, 1 + Int(bytes[0]) % 13 == bytes.count { pieces = hash }
  }
  precondition(whole == pieces, "a stream cut in pieces says something else")
}
