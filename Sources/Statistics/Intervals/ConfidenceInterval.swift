/// A two-sided confidence interval.
public struct ConfidenceInterval: Sendable, Equatable {
  public var lower: Double
  public var upper: Double
  /// In (0, 1), such as .95.
  public var confidence: Double
  /// "percentile", "bias_corrected_percentile", "influence_t".
  public var method: String

  public init(lower: Double, upper: Double, confidence: Double, method: String) {
    self.lower = lower
    self.upper = upper
    self.confidence = confidence
    self.method = method
  }
}

/// Returns the sample quantile at (B + 1)·probability in ascending order, interpolated, the extremes beyond them.
///
/// Hyndman and Fan's type 6 (SciPy's "weibull"). Of B exchangeable values the k-th smallest lies above a further one with
/// probability k/(B + 1), so limits at (B + 1)α have the stated coverage, where type 7 is too narrow.
/// - Parameter ascending: Finite, in ascending order; not empty.
/// - Complexity: O(1).
/// ## Source
/// Hyndman & Fan (1996), doi:10.2307/2684934; Davison & Hinkley (1997), section 5.2, doi:10.1017/CBO9780511802843
func quantile(_ ascending: [Double], _ probability: Double) -> Double? {
  guard let first = ascending.first, let last = ascending.last else { return nil }
  let position = Double(ascending.count + 1) * probability
  if position <= 1 { return first }
  if position >= Double(ascending.count) { return last }
  let index = Int(position)
  let fraction = position - Double(index)
  return ascending[index - 1] + fraction * (ascending[index] - ascending[index - 1])
}

/// Returns the percentile bootstrap interval.
///
/// - Parameter replicates: Bootstrap replicates of the estimate, the original one not among them. Those that are not finite
///   are left out.
/// - Returns: `nil` when more than 5 % are not finite, when none is left, or unless 0 < confidence < 1.
/// - Complexity: O(B log B).
/// ## Source
/// Efron & Tibshirani (1993), chapter 13, doi:10.1201/9780429246593
public func percentileInterval(_ replicates: [Double], confidence: Double = 0.95) -> ConfidenceInterval? {
  guard let ascending = finiteAscending(replicates), confidence > 0, confidence < 1,
    let lower = quantile(ascending, (1 - confidence) / 2), let upper = quantile(ascending, (1 + confidence) / 2)
  else { return nil }
  return ConfidenceInterval(lower: lower, upper: upper, confidence: confidence, method: "percentile")
}

/// The finite replicates in ascending order; `nil` as ``finiteReplicates(_:)``.
func finiteAscending(_ replicates: [Double]) -> [Double]? { finiteReplicates(replicates)?.ascending() }

/// The finite replicates; `nil` with none, or when so many are missing that the rest misleads.
func finiteReplicates(_ replicates: [Double]) -> [Double]? {
  let finite = replicates.filter(\.isFinite)
  return finite.isEmpty || Double(replicates.count - finite.count) > 0.05 * Double(replicates.count) ? nil : finite
}
