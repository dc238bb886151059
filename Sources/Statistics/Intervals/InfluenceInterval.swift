@preconcurrency import CGSL

/// The scale on which an estimate is nearly normal.
public enum IntervalScale: String, Sendable, Codable, CaseIterable {
  case identity
  /// For positive quantities: ratios, norms, mean squared differences.
  case log
  /// For correlations and cosines.
  case atanh
}

/// Returns the interval of an estimate from its influence values, by Student's t on the given scale.
///
/// The standard error is √Σl² / U · √(U/(U − 1)), carried to the scale by the delta method. For few units, where percentile
/// and BCa intervals cover too little.
/// - Parameters:
///   - influence: Empirical influence values of the estimate on its natural scale, shape `[units]`, mean 0.
/// - Returns: `nil` below 2 units, for values that are not finite, for an estimate outside the scale's domain (≤ 0 for `log`,
///   |x| ≥ 1 for `atanh`), or unless 0 < confidence < 1.
/// - Complexity: O(U).
/// ## Source
/// Davison & Hinkley (1997), section 2.7, doi:10.1017/CBO9780511802843
public func influenceInterval(
  estimate: Double, influence: [Double], confidence: Double = 0.95, scale: IntervalScale = .identity
) -> ConfidenceInterval? {
  let units = Double(influence.count)
  guard influence.count >= 2, estimate.isFinite, influence.allSatisfy(\.isFinite), confidence > 0, confidence < 1,
    let quantile = try? studentTQuantile((1 + confidence) / 2, degreesOfFreedom: units - 1)
  else { return nil }
  // Scaled, so that the squares neither overflow nor vanish.
  let largest = influence.reduce(0) { max($0, abs($1)) }
  let squares = largest > 0 ? influence.reduce(0) { $0 + ($1 / largest) * ($1 / largest) } : 0
  let margin = quantile * largest * squares.squareRoot() / (units * (units - 1)).squareRoot()
  guard margin.isFinite else { return nil }
  let limits: (Double, Double)
  switch scale {
  case .identity:
    limits = (estimate - margin, estimate + margin)
  case .log:
    guard estimate > 0 else { return nil }
    let factor = exp(margin / estimate)
    limits = (estimate / factor, estimate * factor)
  case .atanh:
    guard abs(estimate) < 1 else { return nil }
    let centre = CGSL.atanh(estimate)
    let half = margin / ((1 - estimate) * (1 + estimate))
    limits = (tanh(centre - half), tanh(centre + half))
  }
  guard limits.0.isFinite, limits.1.isFinite else { return nil }
  return ConfidenceInterval(lower: limits.0, upper: limits.1, confidence: confidence, method: "influence_t")
}
