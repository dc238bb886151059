/// Threads that nobody uses at the moment, lent to whoever still has blocks of work to start.
///
/// Work is cut into blocks by its size alone and its results are put in order, so borrowing changes when something is
/// computed and never what. The current task's spare threads are those of whoever shares work out above it.
public final class SpareThreads: Sendable {
  /// `nil` where nothing is lent: work then keeps to the threads that it was given.
  @TaskLocal public static var current: SpareThreads?

  private let free = Locked(0)

  public init() {}

  /// Lends threads out, or gives borrowed ones back; with a number below 0, takes them back from the next who asks.
  public func give(_ count: Int) { free.withLock { $0 += count } }

  /// - Returns: Whether a thread was free; it is to be given back.
  public func borrow() -> Bool {
    free.withLock {
      if $0 <= 0 { return false }
      $0 -= 1
      return true
    }
  }

  /// Two pieces of work side by side, each on a share of the threads; whichever ends first lends its share to the other.
  /// On one thread, one after the other.
  public static func both<First: Sendable, Second: Sendable>(
    threads: Int, _ first: @escaping @Sendable (Int) async throws -> First,
    _ second: @escaping @Sendable (Int) async throws -> Second
  ) async throws -> (First, Second) {
    if threads <= 1 { return (try await first(1), try await second(1)) }
    let spare = current ?? SpareThreads()
    let share = threads / 2
    // Afterwards they are the caller's again.
    defer { spare.give(-threads) }
    return try await $current.withValue(spare) {
      async let one = lending(threads - share, to: spare, first)
      async let other = lending(share, to: spare, second)
      return (try await one, try await other)
    }
  }

  private static func lending<Output: Sendable>(
    _ threads: Int, to spare: SpareThreads, _ work: @escaping @Sendable (Int) async throws -> Output
  ) async throws -> Output {
    defer { spare.give(threads) }
    return try await work(threads)
  }
}
