@preconcurrency import CGSL

/// Returns a divergence with its bootstrap bias taken off, and the interval that goes with it.
///
/// A divergence of two samples is positive even between equal distributions, and a bootstrap sample's is larger again by as
/// much: the plain percentile interval of a small divergence lies above the truth. With bias* = mean(θ*) − θ̂ the value is
/// θ̂ − bias* and the interval [q_lo − 2 bias*, q_hi − 2 bias*], all clipped at 0.
/// That suits divergences whose bias is the same whatever their value, as that of Kullback-Leibler's and Jensen-Shannon's is. A
/// distance, such as Wasserstein's, loses its bias as it leaves 0, and taking it off twice goes too far: there the upper limit is
/// corrected once, and the lower one is the smaller of the percentile's and of Student's t.
/// - Parameters:
///   - estimate: θ̂ ≥ 0 of the original sample.
///   - replicates: θ* of bootstrap samples, the original one not among them. Those that are not finite are left out.
///   - units: What was resampled; with few of them percentiles are too narrow and are taken farther out, as Student's t lies to
///     the normal. `nil` leaves them.
///   - biasFades: Whether the bias fades as the value grows.
/// - Returns: `nil` when the estimate is not finite, when more than 5 % of the replicates are not, with less than 2 units, or
///   unless 0 < confidence < 1.
/// - Complexity: O(B log B).
/// ## Source
/// Efron & Tibshirani (1993), section 10.6, doi:10.1201/9780429246593; expanded percentiles: Hesterberg (2015),
/// doi:10.1080/00031305.2015.1089789
public func biasCorrectedDivergence(
  estimate: Double, replicates: [Double], confidence: Double = 0.95, units: Int? = nil, biasFades: Bool = false
) -> (value: Double, interval: ConfidenceInterval)? {
  guard estimate.isFinite, confidence > 0, confidence < 1, let ascending = finiteAscending(replicates) else {
    return nil
  }
  var tail = (1 - confidence) / 2
  var reach: Double?
  if let units {
    guard units >= 2, let t = try? studentTQuantile(1 - tail, degreesOfFreedom: Double(units - 1)) else { return nil }
    let stretched = t * (Double(units) / Double(units - 1)).squareRoot()
    reach = stretched
    tail = exp(logNormalUpperTail(stretched))
  }
  guard let lower = quantile(ascending, tail), let upper = quantile(ascending, 1 - tail) else { return nil }
  let count = Double(ascending.count)
  let mean = ascending.reduce(0) { $0 + $1 / count }
  let bias = mean - estimate
  var limits = (lower - 2 * bias, upper - 2 * bias)
  if biasFades {
    let deviation = (ascending.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(count - 1, 1)).squareRoot()
    let z = try? standardNormalQuantile(1 - tail)
    if let reach = reach ?? z { limits.0 = min(limits.0, estimate - bias - reach * deviation) }
    limits.1 = max(limits.1, upper - bias)
  }
  let interval = ConfidenceInterval(
    lower: max(0, limits.0), upper: max(0, limits.1), confidence: confidence, method: "bias_corrected_percentile")
  return (max(0, estimate - bias), interval)
}
