/// A trie of tokens completed to an automaton; lives only while `UserAgentAutomaton` is made.
struct TokenTrie {
  private(set) var classOf = [UInt8](repeating: 0, count: 256)  // 0: in no token
  private(set) var classCount = 1
  private(set) var stateCount = 1
  private(set) var next: [UInt16]  // [stateCount · classCount]; root is 0
  private(set) var outputs: [[UInt16]]  // of each state: the tokens that end there, longest first, exceptions last

  /// - Parameters:
  ///   - tokens: in lower case; equal ones may repeat.
  ///   - exceptions: which tokens are told last of those that end together.
  init(tokens: [ArraySlice<UInt8>], exceptions: [Bool]) {
    for token in tokens {
      for byte in token where classOf[Int(byte)] == 0 {
        classOf[Int(byte)] = UInt8(classCount)
        classCount += 1
      }
    }
    for capital in UInt8(ascii: "A")...UInt8(ascii: "Z") { classOf[Int(capital)] = classOf[Int(capital | 0x20)] }
    let states = Self.countStates(tokens)
    precondition(states <= 1 << 16)
    next = [UInt16](repeating: 0, count: states * classCount)
    outputs = Array(repeating: [], count: states)
    for (index, token) in tokens.enumerated() { insert(token, UInt16(index)) }
    complete()
    for state in 0..<stateCount where outputs[state].contains(where: { exceptions[Int($0)] }) {
      let all = outputs[state]
      outputs[state] = all.filter { !exceptions[Int($0)] } + all.filter { exceptions[Int($0)] }
    }
  }

  /// Distinct prefixes, the empty one included: sorted neighbours share their common ones.
  private static func countStates(_ tokens: [ArraySlice<UInt8>]) -> Int {
    let sorted = tokens.sorted { $0.lexicographicallyPrecedes($1) }
    var states = 1
    for (index, token) in sorted.enumerated() {
      let shared = index == 0 ? 0 : zip(sorted[index - 1], token).prefix { $0 == $1 }.count
      states += token.count - shared
    }
    return states
  }

  private mutating func insert(_ token: ArraySlice<UInt8>, _ index: UInt16) {
    var state = 0
    for byte in token {
      let cell = state * classCount + Int(classOf[Int(byte)])
      if next[cell] == 0 {  // the root is nobody's child
        next[cell] = UInt16(stateCount)
        stateCount += 1
      }
      state = Int(next[cell])
    }
    outputs[state].append(index)
  }

  /// Breadth first: a state's failure state is nearer to the root, so its row is complete when it is copied from.
  private mutating func complete() {
    var failure = [UInt16](repeating: 0, count: stateCount)
    var queue: [UInt16] = []
    queue.reserveCapacity(stateCount)
    for column in 0..<classCount where next[column] != 0 { queue.append(next[column]) }
    var head = 0
    while head < queue.count {
      let state = Int(queue[head]), fallback = Int(failure[state])
      head += 1
      outputs[state] += outputs[fallback]
      for column in 0..<classCount {
        let cell = state * classCount + column, other = next[fallback * classCount + column]
        if next[cell] == 0 {
          next[cell] = other
        } else {
          failure[Int(next[cell])] = other
          queue.append(next[cell])
        }
      }
    }
  }
}
