import Testing

@testable import Syslog

@Suite struct GatheringTests {
  @Test(arguments: [
    ([16 << 20], 1_000), ([8 << 20], 1_000), ([2 << 20], 409), ([212_992], 0), ([16 << 20, 212_992], 0), ([16 << 20, 0], 0),
    ([], 0),
  ]) func `nothing is waited for that a quarter of the smallest buffer cannot hold`(buffers: [Int], pause: Int) {
    #expect(Gathering.pause(buffers: buffers) == pause)
  }

  @Test func `datagrams gather while they come fast, and no longer`() {
    var gathering = Gathering([])
    gathering.wake(at: 1_000_000)
    let first = gathering.isWorthIt(1)
    gathering.wake(at: 1_000_900)
    let slow = gathering.isWorthIt(50)
    gathering.wake(at: 1_001_000)
    let fast = gathering.isWorthIt(1)
    gathering.wake(at: 1_002_100)  // it has waited: the gap is long now
    let still = gathering.isWorthIt(100)
    gathering.wake(at: 1_003_200)
    let over = gathering.isWorthIt(3)
    gathering.wake(at: 1_004_300)
    let after = gathering.isWorthIt(1)
    #expect(!first && !slow && fast && still && !over && !after)
  }
}
