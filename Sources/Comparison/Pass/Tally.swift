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

  /// Over all workers.
  struct Totals: Sendable {
    struct Side: Sendable {
      var histogram: [UInt32] = [], fine: [UInt64] = []
    }
    var a: Side, b: Side
  }

  /// The unit histograms and the fine counts, when all have finished.
  func totals() -> Totals { Totals(a: side(\.histogramA, \.fineA), b: side(\.histogramB, \.fineB)) }

  /// The same, both sides at a time where there are threads for it.
  func totals(threads: Int) async -> Totals {
    if threads <= 1 || sizes.histogram == 0 { return totals() }
    async let a = side(\.histogramA, \.fineA)
    let b = side(\.histogramB, \.fineB)
    return Totals(a: await a, b: b)
  }

  private func side(_ histogram: KeyPath<Tally, eqp_counts>, _ fine: KeyPath<Tally, eqp_counts>) -> Totals.Side {
    var side = Totals.Side(histogram: Array(repeating: 0, count: sizes.histogram), fine: total(fine, sizes.fine))
    guard sizes.histogram > 0 else { return side }
    for tally in idle.withLock({ $0 }) {
      eqp_counts_add_short(tally[keyPath: histogram], sizes.histogram, &side.histogram)
    }
    return side
  }

  /// The counts in windows over all workers, when they have finished.
  func windowCounts() -> [UInt64] { total(\.windows, sizes.windows) }

  private func total(_ counts: KeyPath<Tally, eqp_counts>, _ count: Int) -> [UInt64] {
    var sums = [UInt64](repeating: 0, count: count)
    guard count > 0 else { return sums }
    for tally in idle.withLock({ $0 }) { eqp_counts_add(tally[keyPath: counts], count, &sums) }
    return sums
  }
}
