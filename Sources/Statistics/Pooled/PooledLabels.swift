import CKernels

/// Sums of unit columns of two samples under labels that are handed out anew over both together.
///
/// Null hypothesis: the units of A and B are exchangeable, as draws of one population are. A row holds Σ over the units called B
/// less Σ over those called A; row 0 is the observed one. If there are no more than `resamples` + 1 labellings, all of them are
/// taken; otherwise `resamples` random ones, which are a function of (seed, stream, replicate) and the numbers of units
/// only: columns of other tensors with as many units meet the same labels.
///
/// ## Source
/// Pitman (1937), doi:10.2307/2984124
public struct PooledLabels: Sendable {
  /// The units of A, then those of B.
  public let columns: UnitColumns
  public let sizeA: Int
  public let generator: Philox
  public let threads: Int
  /// Whether every labelling is taken.
  public let isExhaustive: Bool
  /// Rows of the null distribution, the observed one first.
  public let rows: Int
  private let all: Labellings?
  private static let blockRows = 256

  public var sizeB: Int { columns.units - sizeA }

  /// - Parameters:
  ///   - columns: The units of A, then those of B.
  ///   - resamples: Random labellings; taken as 1 if less.
  ///   - threads: Blocks worked on at a time; never changes the result.
  ///   - mayEnumerate: Take every labelling where there are few.
  /// - Throws: ``SampleError/tooFewUnits(count:required:)`` for an empty sample.
  public init(
    columns: UnitColumns, sizeA: Int, resamples: Int, generator: Philox, threads: Int = 2, mayEnumerate: Bool = true
  ) throws(SampleError) {
    let sizeB = columns.units - sizeA
    guard sizeA >= 1, sizeB >= 1 else { throw .tooFewUnits(count: min(sizeA, sizeB), required: 1) }
    self.columns = columns
    self.sizeA = sizeA
    self.generator = generator
    self.threads = threads
    let resamples = min(max(1, resamples), Int(UInt32.max) - 1)
    isExhaustive = mayEnumerate && Labellings.count(sizeA: sizeA, sizeB: sizeB) <= Double(resamples) + 1
    all =
      isExhaustive
      ? try Labellings(sizeA: sizeA, sizeB: sizeB, limit: resamples + 1, isSymmetric: false, generator: generator) : nil
    rows = all?.rows ?? resamples + 1
  }

  /// The smallest p of a statistic that does not change when samples of equal size change places, or of one that does.
  public static func smallestPValue(sizeA: Int, sizeB: Int, alternative: Alternative) -> Double {
    let total = Labellings.count(sizeA: sizeA, sizeB: sizeB)
    return max((alternative == .twoSided && sizeA == sizeB ? 2 : 1) / total, .leastNonzeroMagnitude)
  }

  /// Evaluates statistics of the column sums under every labelling.
  ///
  /// - Parameters:
  ///   - statistics: How many values `evaluate` writes.
  ///   - evaluate: Gets one row of Σ_B x − Σ_A x, in the columns' original units, and writes the statistics. Called once a
  ///     row, from several threads.
  /// - Throws: `CancellationError`.
  /// - Complexity: O(rows · units · columns) time, O(rows · statistics) memory.
  public func replicates(
    statistics: Int,
    evaluate: @escaping @Sendable (UnsafeBufferPointer<Double>, UnsafeMutableBufferPointer<Double>) -> Void
  ) async throws -> Replicates {
    let units = columns.units
    let count = columns.columns
    let byColumn = columns.byColumn
    let values = try await ReplicateBlocks.run(
      rows: rows, statistics: statistics, blockRows: Self.blockRows, threads: threads
    ) { range, values in
      var order = Array(0..<units)
      // Labels of 16 replicates side by side, −1 for A and +1 for B, shape [units, 16].
      var labels = [Double](repeating: 1, count: units * 16)
      var sums = [Double](repeating: 0, count: count * 16)
      var sample = [Double](repeating: 0, count: count)
      for first in stride(from: range.lowerBound, to: range.upperBound, by: 16) {
        let last = min(range.upperBound, first + 16)
        for replicate in first..<last { fill(&labels, place: replicate - first, replicate: replicate, &order) }
        eqp_weighted_sums(byColumn, count, labels, units, &sums)
        for replicate in first..<last {
          for column in 0..<count { sample[column] = sums[column * 16 + replicate - first] * columns.steps[column] }
          let row = replicate - range.lowerBound
          sample.withUnsafeBufferPointer {
            evaluate($0, UnsafeMutableBufferPointer(rebasing: values[row * statistics..<(row + 1) * statistics]))
          }
        }
      }
    }
    return Replicates(
      statistics: statistics, rows: rows, values: values, isExhaustive: isExhaustive, liveUnits: units,
      labelledA: sizeA)
  }

  private func fill(_ labels: inout [Double], place: Int, replicate: Int, _ order: inout [Int]) {
    let units = columns.units
    if let all {
      for unit in 0..<units { labels[unit * 16 + place] = all.isA[replicate * units + unit] ? -1 : 1 }
      return
    }
    for unit in 0..<units { labels[unit * 16 + place] = replicate == 0 && unit < sizeA ? -1 : 1 }
    if replicate == 0 { return }
    var words = PhiloxSequence(generator, .relabel, replicate: UInt32(truncatingIfNeeded: replicate))
    for unit in 0..<units { order[unit] = unit }
    for k in 0..<sizeA {
      order.swapAt(k, k + words.index(below: UInt32(truncatingIfNeeded: units - k)))
      labels[order[k] * 16 + place] = -1
    }
  }
}
