@preconcurrency import CGSL

/// Returns a divergence with its bootstrap bias taken off, and the interval that goes with it.
///
/// A divergence of two samples is positive even between equal distributions, and a bootstrap sample's is larger again by as
/// much: the plain percentile interval of a small divergence lies above the truth. With bias* = mean(θ*) − θ̂ the value is
/// θ̂ − bias* and the interval [q_lo − 2 bias*, q_hi − 2 bias*], all clipped at 0.
/// That suits divergences whose bias is the same whatever their value, as that of Kullback-Leibler's and Jensen-Shannon's is. A
/// distance, such as Wasserstein's, loses its bias as it leaves 0, but the bias of its square stays: with v = mean(θ*²) − θ̂² the
/// interval is [√(q_lo² − 2v), √(q_hi² − v)]; the upper limit is moved once, because twice goes too far.
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
  if let units {
    guard let expanded = expandedTail(tail, units: units) else { return nil }
    tail = expanded
  }
  guard let lower = quantile(ascending, tail), let upper = quantile(ascending, 1 - tail) else { return nil }
  let count = Double(ascending.count)
  let mean = ascending.reduce(0) { $0 + $1 / count }
  let bias = mean - estimate
  var limits = (lower - 2 * bias, upper - 2 * bias)
  if biasFades {
    let squares = FadingBias(ascending, estimate: estimate)
    limits = (squares.less(lower, 2 * squares.excess), squares.less(upper, squares.once))
  }
  let interval = ConfidenceInterval(
    lower: max(0, limits.0), upper: max(0, limits.1), confidence: confidence, method: "bias_corrected_percentile")
  return (max(0, estimate - bias), interval)
}

/// The share of bootstrap samples to leave beyond a limit, so that with few units it lies as far out as Student's t to the normal.
///
/// - Parameters:
///   - tail: The probability wanted beyond the limit, between 0 and 1.
///   - units: U, what was resampled; the share is P(Z > t √(U/(U − 1))), t Student's quantile with U − 1 degrees of freedom.
/// - Returns: `nil` with less than 2 units.
public func expandedTail(_ tail: Double, units: Int) -> Double? {
  guard units >= 2, let t = try? studentTQuantile(1 - tail, degreesOfFreedom: Double(units - 1)) else { return nil }
  return exp(logNormalUpperTail(t * (Double(units) / Double(units - 1)).squareRoot()))
}

/// Returns replicates of a divergence as its upper limits take them: less what ``biasCorrectedDivergence`` takes off there.
///
/// - Parameter biasFades: As there.
/// - Complexity: O(B).
public func biasCorrectedReplicates(_ replicates: [Double], estimate: Double, biasFades: Bool) -> [Double] {
  if biasFades {
    let squares = FadingBias(replicates, estimate: estimate)
    return replicates.map { squares.less($0, squares.once) }
  }
  let bias = replicates.reduce(0) { $0 + $1 / Double(replicates.count) } - estimate
  return replicates.map { $0 - 2 * bias }
}

/// v = mean(θ*²) − θ̂², scaled so that squares neither overflow nor vanish.
private struct FadingBias {
  private let scale: Double
  let excess: Double

  init(_ replicates: [Double], estimate: Double) {
    let largest = replicates.reduce(abs(estimate)) { max($0, abs($1)) }
    let scale = largest > 0 ? largest : 1
    self.scale = scale
    func square(_ x: Double) -> Double { (x / scale) * (x / scale) }
    excess = replicates.reduce(0) { $0 + square($1) / Double(replicates.count) } - square(estimate)
  }

  /// What upper limits are moved by; twice where resampling made the distance smaller.
  var once: Double { min(excess, 2 * excess) }

  func less(_ x: Double, _ amount: Double) -> Double {
    max(0, (x / scale) * (x / scale) - amount).squareRoot() * scale
  }
}
