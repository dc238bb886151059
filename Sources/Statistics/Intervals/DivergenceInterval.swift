/// Returns a divergence with its bootstrap bias taken off, and the interval that goes with it.
///
/// A divergence of two samples is positive even between equal distributions, and a bootstrap sample's is larger again by as
/// much: the plain percentile interval of a small divergence lies above the truth. With bias* = mean(θ*) − θ̂ the value is
/// θ̂ − bias* and the interval [q_lo − 2 bias*, q_hi − 2 bias*], all clipped at 0.
/// - Parameters:
///   - estimate: θ̂ ≥ 0 of the original sample.
///   - replicates: θ* of bootstrap samples, the original one not among them. Those that are not finite are left out.
/// - Returns: `nil` when the estimate is not finite, when more than 5 % of the replicates are not, or unless
///   0 < confidence < 1.
/// - Complexity: O(B log B).
/// ## Source
/// Efron & Tibshirani (1993), section 10.6, doi:10.1201/9780429246593
public func biasCorrectedDivergence(
  estimate: Double, replicates: [Double], confidence: Double = 0.95
) -> (value: Double, interval: ConfidenceInterval)? {
  guard estimate.isFinite, confidence > 0, confidence < 1, let ascending = finiteAscending(replicates),
    let lower = quantile(ascending, (1 - confidence) / 2), let upper = quantile(ascending, (1 + confidence) / 2)
  else { return nil }
  let mean = ascending.reduce(0) { $0 + $1 / Double(ascending.count) }
  let bias = mean - estimate
  let interval = ConfidenceInterval(
    lower: max(0, lower - 2 * bias), upper: max(0, upper - 2 * bias), confidence: confidence,
    method: "bias_corrected_percentile")
  return (max(0, estimate - bias), interval)
}
