internal import CPrefetch

/// Asks for the cache line of an address that will be written soon, and does not wait for it.
///
/// Codes come in no order, so their counters miss the first caches: a loop that first asks for a few dozen and then uses
/// them waits once instead of each time. Any address may be asked for.
@unsafe @inline(__always) func prefetch<T>(_ place: UnsafePointer<T>) { unsafe ballcone_prefetch(place) }
@unsafe @inline(__always) func prefetch<T>(_ place: UnsafeMutablePointer<T>) { unsafe ballcone_prefetch(place) }

/// How many places a loop asks for before it uses them: as many as a core waits for at once, and some that it knows already.
let prefetchedAtOnce = 32
