/// Permutational analysis of variance of distances between runs of any number of groups.
///
/// SS_total = Σ_{i<j} d²/n, SS_within = Σ_g Σ_{i<j∈g} d²/n_g; F = (SS_between/(k − 1)) / (SS_within/(n − k)),
/// R² = SS_between/SS_total, ω² = (SS_between − (k − 1)·MS_within)/(SS_total + MS_within). Under the null hypothesis that
/// labels are exchangeable E R² = (k − 1)/(n − 1) and E ω² is about 0.
/// ## Source
/// Anderson (2001), doi:10.1111/j.1442-9993.2001.01070.pp.x; Olejnik & Algina (2003), doi:10.1037/1082-989X.8.4.434
public struct PERMANOVA: Sendable, Equatable {
  public let degreesOfFreedomBetween: Int
  public let degreesOfFreedomWithin: Int
  public let totalSumOfSquares: Double
  public let withinSumOfSquares: Double

  /// - Parameter groups: The group of each run, any numbers.
  /// - Throws: ``SampleError/shapeMismatch(expected:actual:)``; ``SampleError/tooFewUnits(count:required:)`` for fewer
  ///   than two groups or no more runs than groups.
  /// - Complexity: O(runs²).
  public init(_ distances: RunDistances, groups: [Int]) throws(SampleError) {
    let n = distances.runs
    guard groups.count == n else { throw .shapeMismatch(expected: n, actual: groups.count) }
    var sizes: [Int: Int] = [:]
    for group in groups { sizes[group, default: 0] += 1 }
    guard sizes.count >= 2 else { throw .tooFewUnits(count: sizes.count, required: 2) }
    guard n > sizes.count else { throw .tooFewUnits(count: n, required: sizes.count + 1) }
    var total = 0.0
    var within = 0.0
    for i in 0..<n {
      for j in i + 1..<max(n, i + 1) {
        total += distances[i, j]
        if groups[i] == groups[j], let size = sizes[groups[i]] { within += distances[i, j] / Double(size) }
      }
    }
    degreesOfFreedomBetween = sizes.count - 1
    degreesOfFreedomWithin = n - sizes.count
    totalSumOfSquares = total / Double(n)
    withinSumOfSquares = within
  }

  public var betweenSumOfSquares: Double { max(0, totalSumOfSquares - withinSumOfSquares) }
  private var withinMeanSquare: Double { withinSumOfSquares / Double(degreesOfFreedomWithin) }

  /// NaN where no run differs from another, infinite where only groups differ.
  public var fStatistic: Double { betweenSumOfSquares / Double(degreesOfFreedomBetween) / withinMeanSquare }

  /// In [0, 1]; NaN where no run differs from another.
  public var rSquared: Double { betweenSumOfSquares / totalSumOfSquares }

  /// At most 1, negative where the groups are closer than chance would have them; NaN where no run differs.
  public var omegaSquared: Double {
    (betweenSumOfSquares - Double(degreesOfFreedomBetween) * withinMeanSquare) / (totalSumOfSquares + withinMeanSquare)
  }
}
