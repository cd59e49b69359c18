internal import CSocket
internal import Glibc

/// One `recvmmsg` for up to 64 datagrams into the same buffers for ever: nothing is allocated per call.
///
/// ```
/// memory   slot 0 ─── 65,536 + 576 ───┬ slot 1 ───…
///          what was never received into costs nothing: 4.2 MiB of addresses, 256 KiB touched by datagrams of a page
/// ```
/// The odd stride spreads the beginnings of slots over all cache sets; with 65,536 they would all share one.
@safe
struct DatagramBatch: ~Copyable {
  static let slots = 64
  static let slotBytes = 65_536  // one more than the longest datagram
  private static let stride = slotBytes + 576
  private static let page = 4_096

  private let memory: UnsafeMutableRawPointer  // mapped, unmapped in deinit
  private let vectors: UnsafeMutablePointer<iovec>
  private let messages: UnsafeMutablePointer<ballcone_message>
  private let controls: UnsafeMutableRawPointer
  private let names: UnsafeMutableRawPointer  // of senders, where somebody asks
  private static let nameBytes = MemoryLayout<sockaddr_in6>.size
  private(set) var count = 0
  private var used = Self.slots  // headers the kernel may have changed
  private var asksNames = false
  private var largest = 0  // since the last release

  init() {
    let bytes = Self.slots * Self.stride
    let mapped = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { fatalError("no memory for a batch of datagrams") }
    unsafe memory = mapped
    unsafe vectors = .allocate(capacity: Self.slots)
    unsafe messages = .allocate(capacity: Self.slots)
    unsafe controls = .allocate(byteCount: Self.slots * Int(ballcone_control_room), alignment: 8)
    unsafe names = .allocate(byteCount: Self.slots * Self.nameBytes, alignment: 8)
    for slot in 0..<Self.slots {
      unsafe (vectors + slot).initialize(to: iovec(iov_base: memory + slot * Self.stride, iov_len: Self.slotBytes))
      unsafe (messages + slot).initialize(to: ballcone_message())
      unsafe messages[slot].header.msg_iov = vectors + slot
      unsafe messages[slot].header.msg_iovlen = 1
      unsafe messages[slot].header.msg_control = controls + slot * Int(ballcone_control_room)
    }
  }

  deinit {
    unsafe munmap(memory, Self.slots * Self.stride)
    unsafe vectors.deallocate()
    unsafe messages.deallocate()
    unsafe controls.deallocate()
    unsafe names.deallocate()
  }

  /// Takes what is there, without waiting. Returns how many datagrams that is; fewer than `slots` means that it was all.
  mutating func receive(from socket: DatagramSocket) -> Int {
    for slot in 0..<used { unsafe messages[slot].header.msg_controllen = Int(ballcone_control_room) }
    if asksNames || !socket.policy.addresses.isEmpty { askNames(!socket.policy.addresses.isEmpty) }
    // Errors are none of ours: EAGAIN, EINTR, and what ICMP says of others.
    let got = unsafe ballcone_recvmmsg(socket.descriptor, messages, UInt32(Self.slots), CInt(MSG_DONTWAIT), nil)
    count = max(0, Int(got))
    used = count
    return count
  }

  /// Telling who sent what costs the kernel a copy, so it is asked only where it matters.
  private mutating func askNames(_ asks: Bool) {
    asksNames = asks
    for slot in 0..<Self.slots {
      unsafe messages[slot].header.msg_name = asks ? names + slot * Self.nameBytes : nil
      unsafe messages[slot].header.msg_namelen = asks ? socklen_t(Self.nameBytes) : 0
    }
  }

  /// Whether the sender of datagram `index` is one that `policy` lets in.
  func mayArrive(_ index: Int, by policy: SenderPolicy) -> Bool {
    precondition(index >= 0 && index < count)
    if !policy.users.isEmpty {
      let user = unsafe ballcone_sender(&messages[index].header)
      guard let user = UInt32(exactly: user), policy.users.contains(user) else { return false }
    }
    guard !policy.addresses.isEmpty else { return true }
    let length = unsafe Int(messages[index].header.msg_namelen)
    return unsafe Address(names + index * Self.nameBytes, length: length).map(policy.addresses.holds) ?? false
  }

  /// Hands datagram `index` to `body`; `isTruncated`: it was longer than the slot.
  @inline(__always)
  mutating func withDatagram(_ index: Int, _ body: (_ datagram: Span<UInt8>, _ isTruncated: Bool) -> Void) {
    precondition(index >= 0 && index < count)
    let length = min(unsafe Int(messages[index].length), Self.slotBytes)
    largest = max(largest, length)
    let start = unsafe (memory + index * Self.stride).assumingMemoryBound(to: UInt8.self)
    let flags = unsafe messages[index].header.msg_flags
    unsafe body(Span(_unsafeStart: start, count: length), flags & CInt(MSG_TRUNC) != 0)
  }

  /// The kernel's count of dropped datagrams as of the newest one here; nil while it is zero.
  mutating func drops() -> UInt32? {
    guard count > 0 else { return nil }
    let value = unsafe ballcone_overflow(&messages[count - 1].header, 0)
    return value == 0 ? nil : value
  }

  /// Gives back the pages that long datagrams touched; for quiet times.
  mutating func release() {
    guard largest > Self.page else { return }
    unsafe madvise(memory, Self.slots * Self.stride, MADV_DONTNEED)
    largest = 0
  }
}
