internal import Glibc
internal import Synchronization
internal import TSEngine

/// How long ingestion is held up while pages, filtered questions, snapshots and closing hours happen, and how long pages take
/// meanwhile: wall clock. Events come at 300,000 a second, 1,024 a call; a page is asked every 5 ms.
enum PauseBenchmarks {
  static let eventsPerSecond = 300_000

  static func run(events count: Int = 1_000_000, seconds: Int = 10) {
    let site = QuerySite(count), directory = "/tmp/ballconed-pauses-\(getpid())"
    let isDone = Atomic<Bool>(false)
    defer { for number in 0..<100 { for kind in ["base", "journal"] { unsafe unlink("\(directory)/\(kind).\(number)") } } }
    let pages = Lane { [site] times in
      let queries = site.page(days: 28) + site.page(days: 1)
      while !isDone.load(ordering: .relaxed) {
        let began = Clock.wall()
        for query in queries.prefix(19) { _ = try? site.engine.query(query) }
        times.append(Clock.wall() - began)
        sleepUntil(began + 0.005)
      }
    }
    let scans = Lane { [site] times in
      while !isDone.load(ordering: .relaxed) {
        let began = Clock.wall()
        _ = try? site.engine.query(site.filtered)
        times.append(Clock.wall() - began)
        sleepUntil(began + 0.1)
      }
    }
    let snapshots = Lane { [site] times in
      guard let store = try? Store(directory) else { return Report.text("pauses: cannot write to \(directory)") }
      store.beginJournal(site.engine)
      var turn = 0
      while !isDone.load(ordering: .relaxed) {
        let began = Clock.wall()
        turn += 1
        // A base every third second, which is much oftener than a daemon's.
        if turn % 60 == 1 { _ = try? store.saveBase(site.engine, second: turn) }
        if turn % 20 == 0 {
          _ = try? store.save(site.engine, second: turn)
          site.engine.tick()
        } else {
          store.writeWaiting(site.engine, second: turn)
        }
        times.append(Clock.wall() - began)
        sleepUntil(began + 0.05)
      }
    }
    let isDue = Atomic<Bool>(false)
    site.engine.whenClosingIsDue { isDue.store(true, ordering: .relaxed) }
    let closings = Lane { [site] times in
      while !isDone.load(ordering: .relaxed) {
        if isDue.exchange(false, ordering: .relaxed) {
          let began = Clock.wall()
          site.engine.tick()
          times.append(Clock.wall() - began)
        }
        usleep(100)
      }
    }
    let (gaps, waits, own) = ingest(site, seconds)
    isDone.store(true, ordering: .relaxed)
    report("closings", closings.join())
    report("ingest calls", gaps)
    // What they work themselves: a busy machine lengthens the others.
    report("ingest calls, CPU", own)
    // A call that gave its core up by itself has waited for a lock; the others lost it, if anything, to the machine.
    report("ingest calls that waited", waits)
    report("pages", pages.join())
    report("filtered questions", scans.join())
    report("snapshots", snapshots.join())
  }

  /// The time each call takes, hours closing on the way: a second of the wall is a quarter of an hour of the log.
  private static func ingest(_ site: QuerySite, _ seconds: Int) -> (all: [Double], waited: [Double], own: [Double]) {
    var batch = EventBatch(), gaps: [Double] = [], waited: [Double] = [], own: [Double] = []
    gaps.reserveCapacity(seconds * eventsPerSecond / EventBatch.capacity + 16)
    let began = Clock.wall(), total = seconds * eventsPerSecond
    var sent = 0
    while sent < total {
      for _ in 0..<EventBatch.capacity {
        site.append(to: &batch, second: QuerySite.now + sent * 900 / eventsPerSecond)
        sent += 1
        if batch.isFull { break }
      }
      let switches = voluntarySwitches(), start = Clock.wall(), cpu = Clock.cpu()
      site.engine.ingest(&batch)
      own.append(Clock.cpu() - cpu)
      gaps.append(Clock.wall() - start)
      if voluntarySwitches() > switches { waited.append(gaps[gaps.count - 1]) }
      sleepUntil(began + Double(sent) / Double(eventsPerSecond))
    }
    return (gaps, waited, own)
  }

  /// How often this thread has blocked.
  private static func voluntarySwitches() -> Int {
    var usage = rusage()
    unsafe getrusage(1, &usage)  // RUSAGE_THREAD, which is a macro
    return usage.ru_nvcsw
  }

  private static func report(_ name: String, _ times: [Double]) {
    guard !times.isEmpty else { return Report.text("pauses: \(name): none") }
    let sorted = times.sorted()
    func at(_ share: Double) -> Int { Int(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] * 1e6) }
    Report.text(
      "pauses: \(name): p50 \(at(0.5)) µs, p99 \(at(0.99)) µs, p99.9 \(at(0.999)) µs, max \(at(1)) µs, \(sorted.count) times")
  }

  private static func sleepUntil(_ second: Double) {
    let left = second - Clock.wall()
    if left > 0 { usleep(UInt32(left * 1e6)) }
  }

  /// A thread that measures something until it is told to end.
  private final class Lane: @unchecked Sendable {
    private var thread = pthread_t()
    private var times: [Double] = []
    private let work: @Sendable (inout [Double]) -> Void

    init(_ work: @escaping @Sendable (inout [Double]) -> Void) {
      self.work = work
      unsafe pthread_create(
        &thread, nil,
        { argument in
          let lane = unsafe Unmanaged<Lane>.fromOpaque(argument!).takeUnretainedValue()
          lane.work(&lane.times)
          return nil
        }, Unmanaged.passUnretained(self).toOpaque())
    }

    func join() -> [Double] {
      pthread_join(thread, nil)
      return times
    }
  }
}
