import CKernels
import Threads

/// Counts of one worker of a pass, kept from part to part.
///
/// They are integers, so their sum over the workers does not depend on which part came to whom, and parts are spared
/// counts of their own, which are many times their elements where units are many.
final class Tally: @unchecked Sendable {
  /// Shape `[rows × (bins + 2)]`; empty where they are not asked for, as the others.
  let histogramA: eqp_counts, histogramB: eqp_counts
  /// Counts over all units.
  let fineA: eqp_counts, fineB: eqp_counts
  /// Counts of places in windows.
  let windows: eqp_counts
  private let rooms: Rooms

  fileprivate init(_ sizes: Tallies.Sizes) {
    rooms = Rooms.borrow()
    histogramA = rooms.histogramA.cleared(sizes.histogram)
    histogramB = rooms.histogramB.cleared(sizes.histogram)
    fineA = rooms.fineA.cleared(sizes.fine)
    fineB = rooms.fineB.cleared(sizes.fine)
    windows = rooms.windows.cleared(sizes.windows)
  }

  deinit { rooms.giveBack() }

  /// Room for counts of many places.
  private struct CountRoom: ~Copyable {
    private var low = Workspace.Room<UInt8>()
    private var carries = Workspace.Room<UInt32>()

    /// None where `count` is 0.
    mutating func cleared(_ count: Int) -> eqp_counts {
      count > 0 ? eqp_counts(low: low.cleared(count), carries: carries.cleared(count)) : eqp_counts()
    }
  }

  /// What a tally counts in, kept for the next. Apart from workspaces, of which there are more.
  private final class Rooms: @unchecked Sendable {
    var histogramA = CountRoom(), histogramB = CountRoom()
    var fineA = CountRoom(), fineB = CountRoom()
    var windows = CountRoom()

    private static let idle = Locked<[Rooms]>([])

    static func borrow() -> Rooms { idle.withLock { $0.popLast() } ?? Rooms() }

    func giveBack() { Rooms.idle.withLock { $0.append(self) } }
  }
}

/// The tallies of one pass: as many as ever worked at a time.
final class Tallies: Sendable {
  /// Places of each kind of counts, 0 for none.
  struct Sizes {
    /// Of the unit histograms of a side.
    var histogram = 0
    /// Of a side.
    var fine = 0
    /// Of both sides.
    var windows = 0
  }

  private let sizes: Sizes
  private let idle = Locked<[Tally]>([])

  init(_ sizes: Sizes) { self.sizes = sizes }

  /// Lets `body` count on a tally that no other worker has at the time.
  func withTally<Output>(_ body: (Tally) throws -> Output) rethrows -> Output {
    let tally = idle.withLock { $0.popLast() } ?? Tally(sizes)
    defer { idle.withLock { $0.append(tally) } }
    return try body(tally)
  }

  /// The unit histograms of A and B over all workers, when they have finished.
  func histograms() -> (a: [UInt32], b: [UInt32]) {
    var a = [UInt32](repeating: 0, count: sizes.histogram)
    var b = a
    guard sizes.histogram > 0 else { return (a, b) }
    for tally in idle.withLock({ $0 }) {
      eqp_counts_add_short(tally.histogramA, sizes.histogram, &a)
      eqp_counts_add_short(tally.histogramB, sizes.histogram, &b)
    }
    return (a, b)
  }

  /// The fine counts of A and B over all workers, when they have finished.
  func fineCounts() -> (a: [UInt64], b: [UInt64]) { (total(\.fineA, sizes.fine), total(\.fineB, sizes.fine)) }

  /// The counts in windows over all workers, when they have finished.
  func windowCounts() -> [UInt64] { total(\.windows, sizes.windows) }

  private func total(_ counts: KeyPath<Tally, eqp_counts>, _ count: Int) -> [UInt64] {
    var sums = [UInt64](repeating: 0, count: count)
    guard count > 0 else { return sums }
    for tally in idle.withLock({ $0 }) { eqp_counts_add(tally[keyPath: counts], count, &sums) }
    return sums
  }
}
