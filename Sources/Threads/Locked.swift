#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A value that one thread uses at a time.
///
/// `Synchronization.Mutex` would do the same, but on Linux ThreadSanitizer sees nothing of it, and takes whatever it guards for a
/// race; a POSIX mutex it knows.
public final class Locked<Value>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  // Apart from the object, whose fields are read before the lock is held.
  private let value: UnsafeMutablePointer<Value>

  public init(_ value: Value) {
    self.value = .allocate(capacity: 1)
    self.value.initialize(to: value)
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    let code = pthread_mutex_init(mutex, nil)
    precondition(code == 0, "pthread_mutex_init returned \(code)")
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deinitialize(count: 1)
    mutex.deallocate()
    value.deinitialize(count: 1)
    value.deallocate()
  }

  /// Calls `body` while no other thread is in a call of the same value; not to be called from within such a call.
  public func withLock<Output, Failure: Error>(_ body: (inout Value) throws(Failure) -> Output) throws(Failure)
    -> Output
  {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value.pointee)
  }
}
