import CKernels
import Synchronization

/// Counts of one worker of a pass, kept from part to part.
///
/// They are integers, so their sum over the workers does not depend on which part came to whom, and parts are spared
/// counts of their own, which are many times their elements where units are many.
final class Tally: @unchecked Sendable {
  /// Shape `[rows × (bins + 2)]`; `nil` where they are not asked for.
  let histogramA: UnsafeMutablePointer<UInt32>?, histogramB: UnsafeMutablePointer<UInt32>?
  /// Counts over all units, of any layout; `nil` where they are not asked for.
  let fine: UnsafeMutablePointer<UInt32>?
  private let workspace: Workspace
  /// Elements in the fine counts.
  private var elements = 0
  private var spilled: [UInt64] = []
  private let fineCount: Int

  fileprivate init(histogram: Int, fine fineCount: Int) {
    workspace = Workspace.borrow()
    self.fineCount = fineCount
    histogramA = histogram > 0 ? workspace.histogramA.cleared(histogram) : nil
    histogramB = histogram > 0 ? workspace.histogramB.cleared(histogram) : nil
    fine = fineCount > 0 ? workspace.fine.cleared(fineCount) : nil
  }

  deinit { workspace.giveBack() }

  /// Makes room for so many more elements: fine counts hold 2³² − 1.
  fileprivate func expect(_ count: Int) {
    elements += count
    guard elements > Int(UInt32.max), let fine else { return }
    if spilled.isEmpty { spilled = Array(repeating: 0, count: fineCount) }
    Self.spill(fine, into: &spilled)
    elements = count
  }

  private static func spill(_ counts: UnsafeMutablePointer<UInt32>, into sums: inout [UInt64]) {
    for i in sums.indices {
      sums[i] += UInt64(counts[i])
      counts[i] = 0
    }
  }

  fileprivate func addFine(to sums: inout [UInt64]) {
    guard let fine else { return }
    Self.spill(fine, into: &sums)
    for i in spilled.indices { sums[i] += spilled[i] }
  }
}

/// The tallies of one pass: as many as ever worked at a time.
final class Tallies: Sendable {
  private let histogram: Int, fineCount: Int
  private let idle = Mutex<[Tally]>([])

  /// - Parameters:
  ///   - histogram: Places of the unit histograms of a side, 0 for none.
  ///   - fine: Places of the fine counts, 0 for none.
  init(histogram: Int = 0, fine: Int) {
    self.histogram = histogram
    fineCount = fine
  }

  /// Lets `body` count so many elements on a tally that no other worker has at the time.
  func withTally<Output>(of elements: Int, _ body: (Tally) throws -> Output) rethrows -> Output {
    let tally = idle.withLock { $0.popLast() } ?? Tally(histogram: histogram, fine: fineCount)
    defer { idle.withLock { $0.append(tally) } }
    tally.expect(elements)
    return try body(tally)
  }

  /// The unit histograms of A and B over all workers, when they have finished.
  func histograms() -> (a: [UInt32], b: [UInt32]) {
    let tallies = idle.withLock { $0 }
    return (merged(tallies.map(\.histogramA)), merged(tallies.map(\.histogramB)))
  }

  /// The fine counts over all workers, when they have finished. To be called once.
  func fineCounts() -> [UInt64] {
    var sums = [UInt64](repeating: 0, count: fineCount)
    for tally in idle.withLock({ $0 }) { tally.addFine(to: &sums) }
    return sums
  }

  private func merged(_ all: [UnsafeMutablePointer<UInt32>?]) -> [UInt32] {
    var sum: [UInt32]?
    for case let counted? in all {
      guard sum != nil else {
        sum = Array(UnsafeBufferPointer(start: counted, count: histogram))
        continue
      }
      sum?.withUnsafeMutableBufferPointer { eqp_counts_merge($0.baseAddress, counted, histogram) }
    }
    return sum ?? Array(repeating: 0, count: histogram)
  }
}
