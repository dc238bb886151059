#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The bag of little bootstraps: limits averaged over small subsets, each resampled to the size of the whole.
///
/// For many units: a subset of b = ⌈n^.7⌉ units is drawn without replacement, and its bootstrap samples give n draws to b
/// units, so each costs O(b) where a plain sample costs O(n).
///
/// ## Source
/// Kleiner, Talwalkar, Sarkar & Jordan (2014), doi:10.1111/rssb.12050
public struct LittleBootstraps: Sendable {
  public let columns: UnitColumns
  public let subsets: Int
  public let resamples: Int
  public let generator: Philox
  /// Units of a subset.
  public let size: Int

  /// - Parameters:
  ///   - subsets: Averaged over; taken as 1 if less.
  ///   - resamples: Bootstrap samples of each subset; taken as 1 if less.
  public init(columns: UnitColumns, subsets: Int = 10, resamples: Int = 200, generator: Philox) {
    self.columns = columns
    self.subsets = min(max(1, subsets), 1_000)
    self.resamples = min(max(1, resamples), 1_000_000)
    self.generator = generator
    size = min(columns.units, max(1, Int(pow(Double(columns.units), 0.7).rounded(.up))))
  }

  /// Returns the percentile interval of each statistic, averaged over the subsets.
  ///
  /// - Parameters:
  ///   - statistics: How many values `evaluate` writes.
  ///   - evaluate: Gets one row of Σ w_u x_u, in the columns' original units, Σw = units, and writes the statistics.
  /// - Returns: `nil` for a statistic that has no interval in some subset.
  /// - Throws: `CancellationError`.
  /// - Complexity: O(subsets · resamples · (n + columns · n^.7)).
  public func intervals(
    statistics: Int, confidence: Double = 0.95,
    evaluate: (UnsafeBufferPointer<Double>, UnsafeMutableBufferPointer<Double>) -> Void
  ) throws -> [ConfidenceInterval?] {
    var lower = [Double?](repeating: 0, count: statistics)
    var upper = lower
    guard columns.units > 0 else { return Array(repeating: nil, count: statistics) }
    for subset in 0..<subsets {
      let members = subsetUnits(subset)
      var replicates = [[Double]](repeating: [], count: statistics)
      var sums = [Double](repeating: 0, count: columns.columns)
      var output = [Double](repeating: 0, count: statistics)
      for sample in 0..<resamples {
        if sample % 64 == 0 { try Task.checkCancellation() }
        let weights = weights(subset * resamples + sample + 1)
        for column in 0..<columns.columns {
          var sum = 0.0
          for (i, unit) in members.enumerated() { sum += weights[i] * columns.grid[unit * columns.columns + column] }
          sums[column] = sum * columns.steps[column]
        }
        sums.withUnsafeBufferPointer { sums in output.withUnsafeMutableBufferPointer { evaluate(sums, $0) } }
        for i in 0..<statistics { replicates[i].append(output[i]) }
      }
      for i in 0..<statistics {
        let interval = percentileInterval(replicates[i], confidence: confidence)
        lower[i] = interval.flatMap { found in lower[i].map { $0 + found.lower / Double(subsets) } }
        upper[i] = interval.flatMap { found in upper[i].map { $0 + found.upper / Double(subsets) } }
      }
    }
    return (0..<statistics).map { i in
      guard let low = lower[i], let high = upper[i] else { return nil }
      return ConfidenceInterval(lower: low, upper: high, confidence: confidence, method: "bag_of_little_bootstraps")
    }
  }

  /// Units of a subset, the first of a shuffle; replicate 0 belongs to the plain bootstrap.
  private func subsetUnits(_ subset: Int) -> [Int] {
    var words = PhiloxSequence(
      generator, .pilot, replicate: UInt32(truncatingIfNeeded: 1_000 + subset))
    var order = Array(0..<columns.units)
    for i in 0..<size { order.swapAt(i, i + words.index(below: UInt32(truncatingIfNeeded: columns.units - i))) }
    return order[..<size].sorted()
  }

  /// n draws among b units.
  private func weights(_ replicate: Int) -> [Double] {
    var words = PhiloxSequence(generator, .bootstrap, replicate: UInt32(truncatingIfNeeded: replicate))
    var weights = [Double](repeating: 0, count: size)
    for _ in 0..<columns.units { weights[words.index(below: UInt32(truncatingIfNeeded: size))] += 1 }
    return weights
  }
}
