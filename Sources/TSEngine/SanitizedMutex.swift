#if TSAN
  internal import Glibc

  /// What `Mutex` means under `make tsan` only: the lock of the C library, which the thread sanitizer knows. That of the
  /// `Synchronization` module lives in a library that was not built for it, so everything it guards would look like a race.
  @safe
  struct Mutex<Value>: ~Copyable, @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>  // both freed once, in deinit
    private let value: UnsafeMutablePointer<Value>

    init(_ initial: sending Value) {
      unsafe lock = .allocate(capacity: 1)
      unsafe value = .allocate(capacity: 1)
      unsafe lock.initialize(to: pthread_mutex_t())
      unsafe value.initialize(to: initial)
      unsafe pthread_mutex_init(lock, nil)
    }
    deinit {
      unsafe pthread_mutex_destroy(lock)
      unsafe lock.deallocate()
      unsafe value.deinitialize(count: 1)
      unsafe value.deallocate()
    }

    func _unsafeLock() { unsafe pthread_mutex_lock(lock) }
    func _unsafeTryLock() -> Bool { unsafe pthread_mutex_trylock(lock) == 0 }
    func _unsafeUnlock() { unsafe pthread_mutex_unlock(lock) }

    func withLock<Result, Failure: Error>(
      _ body: (inout Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
      _unsafeLock()
      defer { _unsafeUnlock() }
      return try unsafe body(&value.pointee)
    }
  }
#endif
