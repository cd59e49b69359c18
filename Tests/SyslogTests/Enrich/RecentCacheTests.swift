import Testing

@testable import Syslog

@Suite struct RecentCacheTests {
  /// Against a dictionary: what is found is right, and the two newest of a set are found.
  @Test func `what is remembered is what was inserted`() {
    var cache = RecentCache(capacity: 64, empty: 0), all: [UInt64: Int] = [:]
    var random = SplitMix(seed: 5)
    for round in 0..<10_000 {
      let hash = random.next() % 512 << 16 | 1
      if let found = cache.value(hash) {
        #expect(found == all[hash])
      } else {
        cache.insert(round, hash)
        all[hash] = round
      }
      let again = cache.value(hash)
      #expect(again == all[hash])
    }
  }

  @Test func `two of one set stay, the third drives the older out`() {
    var cache = RecentCache(capacity: 2, empty: "")
    cache.insert("a", 1)
    cache.insert("b", 3)
    let first = cache.value(1)
    cache.insert("c", 5)
    let (a, b, c) = (cache.value(1), cache.value(3), cache.value(5))
    #expect(first == "a" && a == "a" && b == nil && c == "c")
  }
}
