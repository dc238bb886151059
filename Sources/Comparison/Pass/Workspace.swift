import Threads

/// Memory that one task of a pass works in, kept for the next: a table of sums may be many pages, and new pages cost more
/// than what is done with them.
final class Workspace: @unchecked Sendable {
  /// A buffer that grows to what was asked for last.
  struct Room<Element: BitwiseCopyable>: ~Copyable {
    private var start: UnsafeMutableRawPointer?
    private var capacity = 0

    /// - Returns: Room for `count` elements, whose values are left over.
    mutating func hold(_ count: Int) -> UnsafeMutablePointer<Element> {
      if start == nil || capacity < count {
        start?.deallocate()
        capacity = max(count, 1)
        // Whole pages: reads into them are the fastest.
        start = .allocate(byteCount: capacity * MemoryLayout<Element>.stride, alignment: 4_096)
        start?.initializeMemory(as: UInt8.self, repeating: 0, count: capacity * MemoryLayout<Element>.stride)
      }
      return start.unsafelyUnwrapped.assumingMemoryBound(to: Element.self)
    }

    /// As ``hold(_:)``, all zero.
    mutating func cleared(_ count: Int) -> UnsafeMutablePointer<Element> {
      let room = hold(count)
      UnsafeMutableRawPointer(room).initializeMemory(
        as: UInt8.self, repeating: 0, count: count * MemoryLayout<Element>.stride)
      return room
    }

    deinit { start?.deallocate() }
  }

  var rawA = Room<UInt8>(), rawB = Room<UInt8>()
  var values = Room<Double>()
  var table = Room<Double>()
  var rows = Room<UInt32>()
  var keysA = Room<UInt64>(), keysB = Room<UInt64>()

  /// What no task works in: as many as ever worked at a time.
  private static let idle = Locked<[Workspace]>([])

  static func borrow() -> Workspace { idle.withLock { $0.popLast() } ?? Workspace() }

  func giveBack() { Workspace.idle.withLock { $0.append(self) } }
}
