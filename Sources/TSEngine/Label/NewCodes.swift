/// What happened to the codes of dictionaries and the journal does not know yet, in order. One for the whole engine, guarded
/// by its lock.
///
/// Dictionaries tell it of every code they give and take back; what a code stands for is read from the dictionary when the
/// journal takes it, which is before the first row that refers to it.
final class NewCodes {
  /// Which dictionary; the numbers stand in journals.
  enum Kind: UInt8, CaseIterable {
    case names, agents, paths, referrers, referrerHosts, hosts, campaigns
    var isShared: Bool { rawValue < 2 }  // by all services
  }
  enum Change {
    case given(Kind, service: UInt16, code: UInt32)
    case takenBack(Kind, service: UInt16, code: UInt32)
    /// A closed table knows fewer values, so that codes could be taken back.
    case thinned(service: UInt16, isDay: Bool, number: Int, values: Int)
  }

  /// Where one dictionary tells of its codes.
  struct Place {
    let list: NewCodes, kind: Kind, service: UInt16
    func give(_ code: Int) { list.note(.given(kind, service: service, code: UInt32(code))) }
    func takeBack(_ code: Int) { list.note(.takenBack(kind, service: service, code: UInt32(code))) }
  }

  /// Nobody asks while there is no journal.
  var isWanted = false
  private(set) var changes: [Change] = []

  @inline(__always) var isEmpty: Bool { changes.isEmpty }
  func note(_ change: Change) { if isWanted { changes.append(change) } }
  func removeAll() { changes.removeAll(keepingCapacity: changes.count < 1_024) }
}
