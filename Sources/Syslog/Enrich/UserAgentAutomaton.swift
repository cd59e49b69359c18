import TSEngine

/// All tokens of the table as one Aho–Corasick automaton (Aho & Corasick 1975): one look-up a byte finds every token of a
/// User-Agent, whatever it holds, so there is no slow input.
///
/// ```
///  byte ─ classOf ─► class (of ≈ 50: letters without case, digits, a few marks, "none of them")
///  next[state · classCount + class] ─► state        states with output are numbered last:
///  state ≥ firstOutput  ⇒  outputs[outputStart[state − firstOutput] ..<] = rules that end here
/// ```
/// 0.35 MB, built once in about 2 ms; immutable afterwards, so any thread may use it.
@safe
final class UserAgentAutomaton: @unchecked Sendable {
  static let shared = UserAgentAutomaton(rules: UserAgentRules.text)

  let rules: [UserAgentRule]
  let names: [String]  // [0] is empty
  private let nameHashes: [UInt32]  // of `names`
  let usualDevice: [Device]  // of a platform's name, where no token says more
  let chrome: UInt16, android: UInt16, webView: UInt16  // in `names`
  let stateCount: Int, classCount: Int
  private let classOf: UnsafeMutablePointer<UInt8>  // [256], each < classCount
  private let next: UnsafeMutablePointer<UInt16>  // [stateCount · classCount], each < stateCount
  private let root: Int, firstOutput: Int
  private let outputStart: [UInt16]  // [stateCount − firstOutput + 1]
  private let outputs: [UInt16]  // rule numbers

  /// What an agent was understood as, without versions, so that an update makes nobody a new visitor. The same on every
  /// machine and after every restart: it depends on the names alone.
  func classWord(of result: UserAgentResult) -> UInt32 {
    var word = UInt32(result.device.rawValue) &* 0x9e37_79b9  // mixing: overflow is its own
    func add(_ name: UInt16) {
      word = (word ^ nameHashes[Int(name)]) &* 0x85eb_ca6b
      word ^= word &>> 15
    }
    add(result.browser)
    add(result.platform)
    add(result.robot)
    return word
  }

  /// FNV-1a (Fowler, Noll, Vo; RFC 9923), 32 bits.
  private static func hash(_ name: String) -> UInt32 {
    name.utf8.reduce(0x811c_9dc5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }

  init(rules text: StaticString) {
    var table = UserAgentRuleTable(text)
    (chrome, android) = (table.number(of: "Chrome"), table.number(of: "Android"))
    webView = table.number(of: "Android WebView")
    let trie = TokenTrie(tokens: table.tokens, exceptions: table.rules.map { $0.kind == .robotException })
    (rules, names) = (table.rules, table.names)
    nameHashes = table.names.map(Self.hash)
    usualDevice = table.names.map { Self.usualDevice($0) }
    (stateCount, classCount) = (trie.stateCount, trie.classCount)
    unsafe classOf = .allocate(capacity: 256)
    unsafe classOf.initialize(from: trie.classOf, count: 256)

    // Renumbered: states without output first, in their old order, then those with.
    var number = [UInt16](repeating: 0, count: trie.stateCount)
    var used = 0
    for state in 0..<trie.stateCount where trie.outputs[state].isEmpty {
      number[state] = UInt16(used)
      used += 1
    }
    firstOutput = used
    var starts: [UInt16] = [], flat: [UInt16] = []
    for state in 0..<trie.stateCount where !trie.outputs[state].isEmpty {
      number[state] = UInt16(used)
      used += 1
      starts.append(UInt16(flat.count))
      flat += trie.outputs[state]
    }
    starts.append(UInt16(flat.count))
    (outputStart, outputs) = (starts, flat)
    root = Int(number[0])

    let width = trie.classCount
    unsafe next = .allocate(capacity: trie.stateCount * width)
    for state in 0..<trie.stateCount {
      for column in 0..<width {
        unsafe next[Int(number[state]) * width + column] = number[Int(trie.next[state * width + column])]
      }
    }
  }

  deinit {
    unsafe classOf.deallocate()
    unsafe next.deallocate()
  }

  /// Calls `found` with each rule whose token ends in `bytes`, and with where it ends; ends ascend.
  @inline(__always)
  func scan(_ bytes: Span<UInt8>, _ found: (_ rule: Int, _ end: Int) -> Void) {
    let (width, first) = (classCount, firstOutput)
    var state = root
    for index in bytes.indices {
      // Both tables hold only numbers inside the other's bounds (see their declarations), so no look-up can leave them.
      state = unsafe Int(next[state &* width &+ Int(classOf[Int(bytes[index])])])
      if state >= first {
        let output = state &- first
        for item in Int(outputStart[output])..<Int(outputStart[output &+ 1]) { found(Int(outputs[item]), index &+ 1) }
      }
    }
  }

  /// Android without "Mobile" is a tablet; where nothing is known of the platform, neither is of the device.
  private static func usualDevice(_ platform: String) -> Device {
    switch platform {
    case "": .unknown
    case "Android": .tablet
    case "iOS", "HarmonyOS", "Tizen", "KaiOS", "Symbian", "BlackBerry", "Bada", "Java ME", "watchOS": .mobile
    case "webOS", "tvOS", "Roku", "VIDAA": .tv
    default: .desktop
    }
  }

  /// The bytes the tables take.
  var tableBytes: Int { stateCount * classCount * 2 + 256 + (outputStart.count + outputs.count) * 2 + rules.count * 16 }
}
