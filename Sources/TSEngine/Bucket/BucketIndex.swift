/// Closed buckets of one resolution, by their number (Unix minute, hour or day): sorted, present ones only.
///
/// A busy service fills its ring of minutes, a quiet one pays for the minutes it has. New buckets come at the end in
/// nearly all cases; a late one moves what is newer.
struct BucketIndex: ~Copyable {
  struct Entry: BitwiseCopyable {
    var number: Int64
    var blob: BlobRef
  }
  private var entries: Column<Entry>
  private var head = 0  // entries before it are dropped
  private var tail = 0
  /// Moves whenever a bucket comes, changes or goes: what was summed up from them is then of yesterday.
  private(set) var changes = 0

  init(capacity: Int, pool: PagePool) { entries = Column(capacity: capacity * 2 + 256, pool: pool) }

  var count: Int { tail - head }
  var first: Int? { count == 0 ? nil : Int(entries[head].number) }
  var last: Int? { count == 0 ? nil : Int(entries[tail - 1].number) }

  /// The bucket at a position, 0 the oldest.
  func at(_ position: Int) -> (number: Int, blob: BlobRef) {
    precondition(position >= 0 && position < count)
    let entry = entries[head + position]
    return (Int(entry.number), entry.blob)
  }

  /// The first position whose number is at least `number`.
  func position(of number: Int) -> Int {
    var low = head, high = tail
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low - head
  }

  /// The first bucket at or after a number.
  func next(from number: Int) -> Int? {
    let position = position(of: number)
    return position < count ? at(position).number : nil
  }

  func find(_ number: Int) -> BlobRef? {
    let at = head + position(of: number)
    return at < tail && entries[at].number == number ? entries[at].blob : nil
  }

  /// Sets the bucket; gives the blob it replaces, which the caller frees.
  mutating func set(_ number: Int, _ blob: BlobRef) -> BlobRef {
    changes += 1
    let known = head + position(of: number)
    if known < tail, entries[known].number == number {
      let old = entries[known].blob
      entries[known].blob = blob
      return old
    }
    if tail == entries.capacity { compact() }
    precondition(tail < entries.capacity)
    let place = head + position(of: number)
    entries.grow(to: tail + 1)
    var index = tail
    while index > place {
      entries[index] = entries[index - 1]
      index -= 1
    }
    entries[place] = Entry(number: Int64(number), blob: blob)
    tail += 1
    return .none
  }

  /// Takes the oldest bucket out if it is older than `number`; the caller frees its blob.
  mutating func dropFirst(before number: Int) -> BlobRef? {
    guard head < tail, entries[head].number < number else { return nil }
    let blob = entries[head].blob
    changes += 1
    head += 1
    if head > 64, head > tail - head { compact() }
    return blob
  }

  private mutating func compact() {
    for index in head..<tail { entries[index - head] = entries[index] }
    (head, tail) = (0, tail - head)
  }
}
