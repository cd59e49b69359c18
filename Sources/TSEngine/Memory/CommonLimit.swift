/// A limit that all services share: half of it is guaranteed to them in equal parts, the other half is for who comes first.
///
/// ```
///  limit   │ a's │ b's │ c's │ d's │        common         │      four services
///          └──────── half ─────────┘└─── what is above ────┘
/// ```
/// So one site alone may use nearly all of it, and a flood at one never takes what others are guaranteed. Guarded by the
/// engine's lock.
final class CommonLimit {
  let limit: Int
  private var shares: [Share] = []
  private(set) var guaranteed: Int
  private var above = 0  // what shares hold above what they are guaranteed

  init(_ limit: Int) { (self.limit, guaranteed) = (limit, limit / 2) }

  /// The share of one more service; those of the others shrink.
  func join() -> Share {
    let share = Share(self)
    shares.append(share)
    guaranteed = limit / 2 / shares.count
    above = shares.reduce(0) { $0 + max(0, $1.used - guaranteed) }
    return share
  }

  final class Share {
    private unowned let common: CommonLimit
    private(set) var used = 0

    fileprivate init(_ common: CommonLimit) { self.common = common }

    /// Takes `amount`, or nothing.
    func take(_ amount: Int) -> Bool {
      let more = max(0, used + amount - max(used, common.guaranteed))
      guard more == 0 || common.above + more <= common.limit / 2 else { return false }
      hold(amount)
      return true
    }

    /// Takes `amount` that is there already: what is loaded is never turned away.
    func hold(_ amount: Int) {
      common.above += max(0, used + amount - max(used, common.guaranteed))
      used += amount
    }

    func give(_ amount: Int) {
      precondition(amount <= used)
      common.above -= max(0, used - max(used - amount, common.guaranteed))
      used -= amount
    }

    /// Whether more than half of what it could have is used.
    var isCrowded: Bool { used * 2 > most }
    var isNearlyFull: Bool { used * 8 > most * 7 }
    private var most: Int { max(used, common.guaranteed) + max(0, common.limit / 2 - common.above) }
  }
}
