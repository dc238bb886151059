import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// SIGINT, SIGTERM and SIGHUP remove the unfinished file and end the program at once, as they would have.
///
/// No task is asked to stop first: a read that hangs on a network would keep it from listening.
enum Signals {
  /// A handler may touch no more than plain memory: the name is copied to where it stays.
  private struct Unfinished: ~Copyable {
    static let capacity = 4_096 + 64
    let name = UnsafeMutablePointer<CChar>.allocate(capacity: capacity)
    let isNamed = Atomic(false)
  }

  nonisolated(unsafe) private static let unfinished = Unfinished()

  static func install() {
    unfinished.isNamed.store(false, ordering: .releasing)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      // What the caller had ignored, as nohup does, stays ignored.
      let earlier = signal(number, handle)
      if unsafeBitCast(earlier, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { signal(number, SIG_IGN) }
    }
    // A file that grows past the shell's limit is an error like a full disk.
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Names the file to remove if a signal comes; `nil` when there is none any more.
  static func setUnfinished(_ name: String?) {
    unfinished.isNamed.store(false, ordering: .sequentiallyConsistent)
    guard let name, name.utf8.count < Unfinished.capacity else { return }
    name.withCString { _ = strcpy(unfinished.name, $0) }
    unfinished.isNamed.store(true, ordering: .sequentiallyConsistent)
  }

  private static let handle: @convention(c) (Int32) -> Void = { number in
    if unfinished.isNamed.load(ordering: .sequentiallyConsistent) { unlink(unfinished.name) }
    if ProgressLine.isShown.load(ordering: .relaxed) {
      _ = systemWrite(STDERR_FILENO, ProgressLine.erasure.utf8Start, ProgressLine.erasure.utf8CodeUnitCount)
    }
    signal(number, SIG_DFL)
    raise(number)
  }
}
