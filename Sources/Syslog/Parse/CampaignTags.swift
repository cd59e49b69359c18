/// What a request's query says of where the visit came from, read before the query is dropped.
///
/// Holds decoded copies, because the query's own bytes are percent-encoded; one value is reused for all messages.
package struct CampaignTags: ~Copyable {
  package static let valueBytes = 128  // a longer value is cut at a character's edge
  /// Only this much of a query is read: a hostile one may be 64 KiB of `&`.
  static let queryBytes = 4_096

  private var text = InlineArray<640, UInt8>(repeating: 0)  // five values of `valueBytes`
  private var counts = InlineArray<5, UInt8>(repeating: 0)
  /// Whether `gclid` or `msclkid` stood in the query: the visit came by a paid click.
  package private(set) var hasClickID = false
  /// Whether the query said nothing of this kind, as nearly always.
  package private(set) var isEmpty = true

  package init() {}

  /// `utm_source`, else `source`, else `ref`; empty when none.
  package var source: Span<UInt8> {
    @_lifetime(borrow self) get {
      text.span.extracting(range(counts[0] > 0 ? .utmSource : counts[4] > 0 ? .source : .ref))
    }
  }
  /// `utm_medium`; empty when absent.
  package var medium: Span<UInt8> { @_lifetime(borrow self) get { text.span.extracting(range(.medium)) } }
  /// `utm_campaign`; empty when absent.
  package var campaign: Span<UInt8> { @_lifetime(borrow self) get { text.span.extracting(range(.campaign)) } }

  private enum Slot: Int { case utmSource, medium, campaign, ref, source }

  private func range(_ slot: Slot) -> Range<Int> {
    let start = slot.rawValue * Self.valueBytes
    return start..<start + Int(counts[slot.rawValue])
  }

  package mutating func removeAll() {
    if isEmpty { return }
    counts = InlineArray(repeating: 0)
    (hasClickID, isEmpty) = (false, true)
  }

  /// Reads `query`, what follows the `?` of a request target (a leading `?` is skipped); the first of equal keys wins.
  package mutating func read(_ query: Span<UInt8>) {
    let end = min(query.count, Self.queryBytes)
    var start = 0
    while start < end {
      if query[start] == UInt8(ascii: "?") && start == 0 { start = 1 }
      let next = min(query.index(of: UInt8(ascii: "&"), from: start), end)
      readParameter(query.extracting(start..<next))
      start = next + 1
    }
  }

  private mutating func readParameter(_ parameter: Span<UInt8>) {
    guard parameter.count > 3 else { return }
    let slot: Slot
    let value: Int
    switch parameter[0] {
    case UInt8(ascii: "u") where parameter.starts(with: "utm_source="): (slot, value) = (.utmSource, 11)
    case UInt8(ascii: "u") where parameter.starts(with: "utm_medium="): (slot, value) = (.medium, 11)
    case UInt8(ascii: "u") where parameter.starts(with: "utm_campaign="): (slot, value) = (.campaign, 13)
    case UInt8(ascii: "r") where parameter.starts(with: "ref="): (slot, value) = (.ref, 4)
    case UInt8(ascii: "s") where parameter.starts(with: "source="): (slot, value) = (.source, 7)
    case UInt8(ascii: "g") where parameter.starts(with: "gclid=") && parameter.count > 6,
      UInt8(ascii: "m") where parameter.starts(with: "msclkid=") && parameter.count > 8:
      (hasClickID, isEmpty) = (true, false)
      return
    default: return
    }
    guard parameter.count > value, counts[slot.rawValue] == 0 else { return }
    let start = slot.rawValue * Self.valueBytes
    var span = text.mutableSpan
    var room = span._mutatingExtracting(start..<start + Self.valueBytes)
    let written = Percent.decode(parameter.extracting(value..<parameter.count), plusIsSpace: true, into: &room)
    counts[slot.rawValue] = UInt8(written)
    if written > 0 { isEmpty = false }
  }
}
